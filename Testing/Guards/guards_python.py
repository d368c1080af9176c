"""The guards of the Python binding, for remove_python_guards.py.

A test is FILE:PATTERN of Testing/Python, or gil_list, the check of the generated code.
"""
import dataclasses

import removal


@dataclasses.dataclass
class Guard(removal.Guard):
    release_gil: str = "ON"


HOOKS, TRAMPOLINES = "Wrapping/SWIG/glue/hooks.c", "Wrapping/SWIG/glue/trampolines.c"
BY_HAND, LOG = "Wrapping/SWIG/glue/by_hand.c", "Wrapping/SWIG/glue/log.c"
ARRAYS, VALUES = "Wrapping/SWIG/glue/arrays.c", "Wrapping/SWIG/glue/values.c"
PACKAGE = "Wrapping/Python/kerma/"


def held(call):
    """One call of by_hand.c that keeps the GIL."""
    return (f"    BY_HAND(hooks, {call});",
            "    kmp_call call;\n    kma_status status;\n    if (!kmp_call_begin(&call, hooks)) return NULL;\n"
            f"    status = {call};\n    return kmp_call_end(&call, status);")


GUARDS = [
    # ---- thread states ----
    Guard("one more Ensure than Release on a worker", "a worker's thread state lives as long as the worker", HOOKS,
          "    if (keep_thread_state && !keeps_state &&", "    if (0 && keep_thread_state && !keeps_state &&",
          "contract:test_a_worker_keeps*"),
    Guard("thread state restored before it is given back", "it is deleted by its own thread, with the GIL", HOOKS,
          "    PyEval_RestoreThread(PyGILState_GetThisThreadState());\n", "",
          "first:test_an_exception*"),
    Guard("Release of the one more", "no thread state is left behind", HOOKS,
          "    PyGILState_Release(PyGILState_UNLOCKED);", "    PyEval_SaveThread();",
          "glue:test_no_thread_state_is_left*"),
    Guard("giving back in the user initialization's drop", "every worker gives its thread state back", TRAMPOLINES,
          ".make = call_drop, .data = data});\n    kmp_gil_leave_thread();", ".make = call_drop, .data = data});",
          "first:test_an_exception*"),
    Guard("giving back after a build that failed", "so does a worker that no drop follows", TRAMPOLINES,
          "    if (status != KMA_OK) kmp_gil_leave_thread(); /* no drop will follow */\n", "",
          "glue:test_no_thread_state_is_left_when_workers_fail*"),
    Guard("views dropped at a worker's end", "a thread that ends leaves no objects behind", HOOKS,
          "        kmp_drop_views();\n        kmp_gil_give(&gil);", "        kmp_gil_give(&gil);", "glue:test_no_view_is_left*"),

    # ---- the GIL let go by hand ----
    Guard("GIL let go in initialize", "observers of a worker's begin may be written in Python", BY_HAND,
          *held("kma_run_manager_initialize(run)"), "contract:test_each_call*"),
    Guard("GIL let go in run", "callbacks on workers reach Python while run() waits", BY_HAND,
          *held("kma_run_manager_beam_on(run, histories)"), "contract:test_each_call*"),
    Guard("GIL let go in wait", "callbacks on workers reach Python while wait() waits", BY_HAND,
          "    Py_BEGIN_ALLOW_THREADS\n    status = kma_run_manager_wait(run, timeout);\n    Py_END_ALLOW_THREADS\n",
          "    status = kma_run_manager_wait(run, timeout);\n",
          "contract:test_each_call*"),
    Guard("GIL let go in close", "observers of a worker's end reach Python while close() waits", BY_HAND,
          *held("kma_run_manager_close(run)"), "contract:test_each_call*"),
    Guard("GIL let go in replay", "other Python threads run during a replay", BY_HAND,
          "    Py_BEGIN_ALLOW_THREADS\n    status = kma_run_manager_replay(run, history, kmp_on_step, hook);\n"
          "    Py_END_ALLOW_THREADS\n",
          "    status = kma_run_manager_replay(run, history, kmp_on_step, hook);\n",
          "gil_list"),
    Guard("GIL let go at the interpreter's end", "callbacks under way can return", BY_HAND,
          "    Py_BEGIN_ALLOW_THREADS\n    status = kma_shutdown();\n    Py_END_ALLOW_THREADS\n",
          "    status = kma_shutdown();\n",
          "contract:test_the_end*"),

    Guard("GIL let go in run, RELEASE_GIL=OFF", "OFF cannot freeze", BY_HAND,
          *held("kma_run_manager_beam_on(run, histories)"), "contract:test_each_call*", release_gil="OFF"),
    Guard("-threads of RELEASE_GIL=ON", "other Python threads run during an array query", "Wrapping/CMakeLists.txt",
          "  list(APPEND kerma_swig_flags -threads)\n", "", "option:test_other_threads*"),

    # ---- which calls keep it ----
    Guard("%nothread of destructors", "dropping a reference switches no threads", "Wrapping/SWIG/typemaps/handles.i",
          "%nothread type::~type;\n", "", "gil_list"),
    Guard("%nothread of a function that makes Python objects", "nothing touches Python without the GIL",
          "Wrapping/SWIG/by_hand.i", "%nothread kmp_statuses;\n", "", "gil_list first"),
    Guard("%nothread of a getter", "a getter costs no switch of threads", "Wrapping/SWIG/solid.i",
          "%nothread kma_solid_get_volume;\n", "", "gil_list"),

    # ---- the interpreter's end ----
    Guard("atexit function", "no thread of kerma's touches an interpreter that is going down", PACKAGE + "_native.py",
          "atexit.register(_kerma_c.kmp_shutdown)\n", "", "contract:test_the_end*"),
    Guard("refusing new runs at the end", "no run begins behind the back of the shutdown", BY_HAND,
          "    kmp_refuse();\n", "", "contract:test_the_end*"),
    Guard("refusing new run managers at the end", "whoever ends the interpreter has closed all there are", BY_HAND,
          "    if (kmp_is_refusing()) {", "    if (0 && kmp_is_refusing()) {", "contract:test_the_end*"),
    Guard("refusing calls at the end", "a call on a run manager says why it is closed", HOOKS,
          "    if (kmp_is_refusing()) {\n        kmp_raise_text", "    if (0) {\n        kmp_raise_text", "contract:test_the_end*"),
    Guard("refusal of subinterpreters", "threads call the interpreter that they belong to", HOOKS,
          "    if (PyInterpreterState_GetID(PyInterpreterState_Get()) != 0) {",
          "    if (0 && PyInterpreterState_GetID(PyInterpreterState_Get()) != 0) {",
          "glue:test_*subinterpreter*"),

    # ---- who keeps whom alive ----
    Guard("weak reference to the hooks", "a cycle through an observer is collected", HOOKS,
          "    hook->hooks = PyWeakref_NewRef(hooks, NULL);\n",
          "    hook->hooks = PyWeakref_NewRef(hooks, NULL);\n    Py_INCREF(hooks);\n",
          "first:test_a_cycle*"),
    Guard("look whether the hooks are still there", "an observer's simulation may go during its run", HOOKS,
          "    if (hooks == NULL || !PyList_Check(hooks) || hook->index >= PyList_Size(hooks)) {", "    if (hooks == NULL) {",
          "cases_life:test_b4_deleted_while* lifetime:test_a_cycle_is_collected_before*"),
    Guard("GIL given back where the hooks are gone", "nobody waits for an observer that is no more", HOOKS,
          "        kmp_gil_give(&in->gil);\n        return 0;", "        return 0;",
          "cases_life:test_b4_deleted_while* lifetime:test_a_cycle_is_collected_before*"),
    Guard("handle looked at before each call", "a closed object says so", PACKAGE + "_base.py",
          "        if handle is None:\n            if not hasattr", "        if 0:\n            if not hasattr",
          "first:test_a_closed* lifetime:test_every_method*"),
    Guard("copies of a mesh's arrays", "another thread that writes into them meets no check of C's", PACKAGE + "geometry.py",
          'np.array(v, np.float64, order="C"), np.array(t, np.uint32, order="C")',
          "np.ascontiguousarray(v, np.float64), np.ascontiguousarray(t, np.uint32)", "arrays:test_meshes_are_made_of_arrays*"),
    Guard("a second import is no fork", "a run under way goes on", HOOKS,
          "    if (before == 0 || before == process) Py_RETURN_NONE;", "    (void)before;", "glue:test_kerma_may_be_imported*"),
    Guard("names of what is placed kept with the mother", "what is placed can be named as long as its mother", PACKAGE + "geometry.py",
          "        self._keep(handle, daughter._kept)\n", "", "contract:test_what_is_placed*"),
    Guard("loan behind an image's array", "the values live as long as the array", PACKAGE + "geometry.py",
          "        return np.asarray(loan)\n", "        view = np.asarray(loan)[:]\n        c._kerma_c.delete_kmp_loan(loan)\n        return view\n",
          "lifetime:test_views_of_images*"),
    Guard("an image's array is read-only", "a scene cannot change behind a run's back", PACKAGE + "geometry.py",
          "(self.address(), True)}", "(self.address(), False)}", "lifetime:test_views_of_images*"),

    # ---- what is lent ----
    Guard("end of a worker's loan after every call", "a worker that is kept cannot read freed memory", TRAMPOLINES,
          "    if (self->lent_worker != NULL) take_back(self->lent_worker, &spare_worker);\n", "",
          "glue:test_steps_and_workers_that_are_kept*"),
    Guard("end of what is lent", "a step that is kept cannot read freed memory", TRAMPOLINES,
          "    v->lent = NULL;\n    Py_CLEAR(v->data);", "    Py_CLEAR(v->data);", "glue:test_steps_and_workers_that_are_kept*"),
    Guard("a view that somebody keeps is not used again", "a kept step does not become another one", TRAMPOLINES,
          "*spare == NULL && Py_REFCNT((PyObject *)v) == 1", "*spare == NULL",
          "glue:test_steps_and_workers_that_are_kept*"),
    Guard("copy of a block's records", "an array of records lives as long as its owner likes", TRAMPOLINES,
          "PyBytes_FromStringAndSize(b->records, (Py_ssize_t)(b->count * b->record_size))",
          "PyMemoryView_FromMemory((char *)(intptr_t)b->records, (Py_ssize_t)(b->count * b->record_size), 0x100)",
          "glue:test_a_block_stays_valid*"),

    # ---- exceptions and signals ----
    Guard("exceptions kept by code", "of several exceptions the caller gets the one that the run ended with", HOOKS,
          "    unsigned code = next_code;\n", "    unsigned code = KMP_KEPT_FIRST;\n",
          "contract:test_the_exception_of_the_lowest*"),
    Guard("traceback with the exception", "it leads into the callback", HOOKS,
          "    if (traceback != NULL && exception != NULL) PyException_SetTraceback(exception, traceback);\n", "", "first:test_an_exception*"),
    Guard("exceptions stay while others wait", "everybody who waits for a run gets its exception", HOOKS,
          "    if (others == 0) forget_kept(kept, LONG_MAX);", "    (void)others;\n    forget_kept(kept, LONG_MAX);", "lifetime:test_all_threads_that_wait*"),
    Guard("exceptions go with the call that raises them", "nothing of a failed run stays alive", HOOKS,
          "    if (others == 0) forget_kept(kept, LONG_MAX);\n", "    (void)others;\n", "lifetime:test_nothing_of_a_failed_run*"),
    Guard("what a signal's handler raises is kept", "Ctrl-C is KeyboardInterrupt", HOOKS,
          "    pending = fetch();\n", "    PyErr_Clear();\n", "glue:test_ctrl_c_ends*"),
    Guard("signals looked at in long calls", "Ctrl-C ends what only computes", HOOKS,
          "    kma_set_thread_poll(kmp_poll_long_call, NULL);\n", "", "interrupts:test_ctrl_c_ends_a_search*"),
    Guard("what is pending is put aside for a long call", "observers of an interrupted run's end may make meshes", HOOKS,
          "    pending = NULL;\n    kma_set_thread_poll(", "    kma_set_thread_poll(", "interrupts:test_what_ends_a_run*"),
    Guard("pending exception of the call around", "a run made in a callback does not swallow Ctrl-C", HOOKS,
          "    call->pending = pending;\n", "    call->pending = NULL;\n", "contract:test_ctrl_c*"),
    Guard("log records read on any thread that waits", "a run in another thread than the main one tells of stalls", HOOKS,
          "    if (!is_main && !kmp_log_waits()) return 0;", "    if (!is_main) return 0;",
          "log:test_records_come_while*"),
    Guard("answer of a step observer", "what is no action ends the run with a TypeError", TRAMPOLINES,
          "    if (wanted < KMA_GO_ON || wanted > KMA_END_RUN) {", "    if (0 && (wanted < KMA_GO_ON || wanted > KMA_END_RUN)) {",
          "glue:test_an_observer_of_steps_returns*"),

    # ---- log ----
    Guard("one flush at a time", "a reader of the log may call kerma", LOG,
          "memory_order_relaxed) || flushing ||", "memory_order_relaxed) ||", "log:test_a_handler_may_call_kerma*"),
    Guard("bound of the log's queue", "records that nobody reads do not fill the memory", LOG,
          "    if (r != NULL && waiting < WAITING_MAX) {", "    if (r != NULL) {", "log:test_records_that_nobody_reads*"),

    Guard("end of a reading that a fork cut off", "a child of fork hears the log", LOG,
          "    flushing = 0; /* by a thread that the child may not have */\n", "", "glue:test_a_child_of_fork_hears*"),

    # ---- arguments ----
    Guard("type of an array", "no other type is read as numbers", ARRAYS,
          "strcmp(f.type + 1, w->type) != 0 || ", "", "arguments:test_arrays_of_another_type*"),
    Guard("columns of an array", "nothing is read beyond an array", ARRAYS,
          " || (w->columns != 0 && f.shape[1] != w->columns)", "", "arguments:test_arrays_of_another_shape*"),
    Guard("contiguous arrays", "strides are not ignored", ARRAYS,
          " || !f.contiguous ||", " ||", "arguments:test_arrays_with_strides*"),
    Guard("rows of the arrays of one call", "nothing is written beyond an array", ARRAYS,
          "            if (!first && rows != counts[group]) {", "            if (0 && !first && rows != counts[group]) {",
          "arguments:test_arrays_of_different*"),
    Guard("writable arrays", "read-only memory is not written", ARRAYS,
          "    if (w->written && f.read_only) {", "    if (0 && w->written && f.read_only) {", "arguments:test_arrays_that_are_read*"),
    Guard("null character in a text", "a name or path is not cut short", VALUES,
          "    if (strlen(text) != (size_t)length) {", "    if (0 && strlen(text) != (size_t)length) {", "arguments:test_texts*"),
    Guard("range of a mesh's indices", "-1 is refused instead of wrapped", PACKAGE + "geometry.py",
          "        if t.size and not (t.min() >= 0 and t.max() < 2**32):", "        if t.size and False:",
          "arrays:test_meshes_are_made_of_whole*"),
    Guard("members of 32 bits", "a value that does not fit is refused instead of cut", "Wrapping/SWIG/glue/structs.c",
          "        is_small = small == x;\n", "", "arguments:test_numbers*"),

    # ---- the package ----
    Guard("count of changes", "a changed scene is initialized again", PACKAGE + "geometry.py",
          "        self._keep(handle, daughter._kept)\n        changed()\n", "        self._keep(handle, daughter._kept)\n",
          "cases_life:test_c3_a_changed*"),
    Guard("copy of what a query is given", "another thread may change the array meanwhile", PACKAGE + "_arrays.py",
          "copies = [np.array(a[piece], dtype=np.float64, order=\"C\") for a in inputs]",
          "copies = [np.ascontiguousarray(a[piece], dtype=np.float64) for a in inputs]",
          "arrays:test_a_query_uses_a_copy*"),
    Guard("failure of a piece of a query", "an exception on a helping thread reaches the caller", PACKAGE + "_arrays.py",
          "                failures.append((first, failure))", "                return", "arrays:test_of_several_failures*"),
    Guard("a closed simulation is forgotten only if it was closed", "close() in a callback of its own closes nothing",
          PACKAGE + "simulation.py",
          '            if c.kma_run_manager_progress(run)["state"] == c.KMA_RUN_CLOSED:\n                self._forget()\n',
          "            self._forget()\n", "cases_threads:test_b_its_own_observer_is_refused*"),
]
