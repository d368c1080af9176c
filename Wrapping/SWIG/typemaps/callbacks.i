/*
 * An observer is one argument, (hooks, index): see glue/kmp.h. Its context goes to the library, which disposes of it
 * exactly once, also if the call fails.
 */
%define KMP_OBSERVER(type, trampoline)
%typemap(in) (type *fn, void *context, void (*dispose)(void *)) {
    $2 = kmp_hook_new($input);
    if ($2 == NULL) SWIG_fail;
    $1 = trampoline;
    $3 = kmp_hook_dispose;
}
%enddef
KMP_OBSERVER(kma_worker_fn, kmp_on_worker)
KMP_OBSERVER(kma_run_fn, kmp_on_run)
KMP_OBSERVER(kma_step_fn, kmp_on_step)
KMP_OBSERVER(kma_block_fn, kmp_on_block)
