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
