/*
 * kma_status: an exception unless it is KMA_OK, with the text that belongs to the calling thread. The outputs of a
 * call follow as a tuple, a single one as it is.
 */
%typemap(out) kma_status {
    if ($1 != KMA_OK) {
        kmp_raise($1);
        SWIG_fail;
    }
    $result = kmp_outputs();
}
%typemap(ret) kma_status {
    resultobj = kmp_finish(resultobj);
}
%typemap(out) kmp_flag {
    if (!$1) SWIG_fail;
    $result = kmp_outputs();
}
%typemap(ret) kmp_flag {
    resultobj = kmp_finish(resultobj);
}
/* Glue: what it returns is the result, NULL an exception. */
%typemap(out) PyObject * {
    $result = $1;
}
/*
 * A call that polls the thread's poll function (kma_set_thread_poll()): what a signal's handler raises ends it. SWIG puts
 * -threads' release of the GIL into $action, so the rest has it.
 */
%define KMP_LONG(function)
%exception function {
    PyObject *kmp_before = kmp_long_call_begin();
    $action
    if (!kmp_long_call_end(kmp_before)) SWIG_fail;
}
%enddef
