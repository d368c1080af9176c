/* The calls that let the GIL go by hand (glue/by_hand.c), and the rest of the glue: all of it touches Python. */
%nothread kmp_run_manager_create;
%nothread kmp_run_manager_initialize;
%nothread kmp_run_manager_beam_on;
%nothread kmp_run_manager_start;
%nothread kmp_run_manager_wait;
%nothread kmp_run_manager_close;
%nothread kmp_run_manager_replay;
%nothread kmp_shutdown;
%nothread kmp_simulation_check;
%nothread kmp_set_user_initialization;
%nothread kmp_begin;
%nothread kmp_set_errors;
%nothread kmp_statuses;
%nothread kmp_struct_members;
%nothread kmp_set_main_thread;
%nothread kmp_set_child_end;
%nothread kmp_kept_thread_states;
%nothread kmp_log_set_reader;
%nothread kmp_log_hold;

%nothread kmp_releases_gil;
%nothread kmp_swig_version;
%inline %{
/* What this module was generated with, of itself: SWIG defines the macro if it was given -threads. */
static int kmp_releases_gil(void)
{
#ifdef SWIG_PYTHON_THREADS
    return 1;
#else
    return 0;
#endif
}
static int kmp_swig_version(void)
{
    return SWIG_VERSION;
}
%}

%typemap(in) PyObject * {
    $1 = $input;
}
kmp_flag kmp_run_manager_create(kma_scene scene, PyObject *options, kma_run_manager *out);
PyObject *kmp_run_manager_initialize(kma_run_manager run, PyObject *hooks);
PyObject *kmp_run_manager_beam_on(kma_run_manager run, uint64_t histories, PyObject *hooks);
PyObject *kmp_run_manager_start(kma_run_manager run, uint64_t histories, PyObject *hooks);
PyObject *kmp_run_manager_wait(kma_run_manager run, double timeout, PyObject *hooks);
PyObject *kmp_run_manager_close(kma_run_manager run, PyObject *hooks);
PyObject *kmp_run_manager_replay(kma_run_manager run, uint64_t history, PyObject *hooks_and_index);
PyObject *kmp_shutdown(void);
PyObject *kmp_simulation_check(PyObject *path);
PyObject *kmp_set_user_initialization(kma_run_manager run, PyObject *hooks);
PyObject *kmp_begin(PyObject *module);
PyObject *kmp_set_errors(PyObject *classes);
PyObject *kmp_statuses(void);
PyObject *kmp_struct_members(void);
PyObject *kmp_set_main_thread(unsigned long ident);
PyObject *kmp_set_child_end(PyObject *fn);
size_t kmp_kept_thread_states(void);
void kmp_log_hold(int on);
PyObject *kmp_log_set_reader(PyObject *fn);
