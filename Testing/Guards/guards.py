"""The guards that hold kerma's promises: what each is, how to remove it, and the tests that must notice.

A guard is removed by replacing a text that occurs exactly once in its file.
"""
import dataclasses


@dataclasses.dataclass
class Guard:
    name: str      # what is removed
    promise: str   # what it holds
    file: str
    old: str
    new: str
    tests: str     # the tests of which at least one must fail, by names
    sanitize: str = ""  # a build with this sanitizer is needed to see it


GUARDS = [
    Guard("predicate loop of the barrier", "a meeting opens only when all have arrived",
          "Source/base/barrier.c",
          "if (sleep_once(self, p->event, deadline)) continue;",
          "if (sleep_once(self, p->event, deadline)) return KMA_OK;",
          "unit_base_barrier unit_run_life"),
    Guard("generation check of handles", "a released handle names nothing, also when its slot is used again",
          "Source/base/handle.c",
          "if (GENERATION(state) != handle_generation(bits) || OWNERS(state) == 0 || s->kind != kind) return stale(kind);\n"
          "        if ((what",
          "if (OWNERS(state) == 0 || s->kind != kind) return stale(kind);\n        if ((what",
          "unit_base_handle attack_handles"),
    Guard("pin of a call in progress", "an object lives as long as a call uses it, whoever releases it",
          "Source/run/run_manager_api.c",
          "    KMI_TRY(check_process(object));\n    *out = object;\n    object = NULL;",
          "    KMI_TRY(check_process(object));\n    *out = object;\n    object = NULL;\n    kmi_handle_unpin(self.bits);",
          "unit_run_manager unit_run_concurrent"),
    Guard("copy on write of shared scores", "a snapshot never changes",
          "Source/scoring/chunk.h",
          "return atomic_load_explicit(&self->references, memory_order_acquire) != 1;",
          "(void)self;\n    return false;",
          "unit_scoring_snapshot"),
    Guard("commit lock of a range of bins", "no score is lost or torn when workers commit at once",
          "Source/scoring/tally.c",
          "        kmi_lock_take(&t->range_lock[range]);\n        add_range(t, log, range);\n"
          "        kmi_lock_give(&t->range_lock[range]);",
          "        add_range(t, log, range);",
          "unit_scoring_commit_threads", "thread"),
    Guard("lowest failing history wins", "of several failures the same one is told for any number of threads",
          "Source/run/observer.c",
          "if (failure->status != KMA_OK && failure->history <= history) return;",
          "if (failure->status != KMA_OK && failure->history >= history) return;",
          "unit_run_manager faults_errors"),
    Guard("abort at a history's end", "abort ends a run at once, and no history is cut",
          "Source/run/worker.c",
          "if (kmi_run_must_stop(run, history) || (tick != NULL && !tick(context))) break;",
          "if (tick != NULL && !tick(context)) break;",
          "unit_run_manager unit_run_steps unit_run_concurrent"),
    Guard("discarded records of a failed history", "records are those of the histories in the result",
          "Source/run/worker.c",
          "    if (self->piece != NULL) kmi_records_discard_history(self);",
          "    if (self->piece != NULL) kmi_records_keep_history(self);",
          "unit_run_records"),
    Guard("number of pieces in use", "a slow reader slows the workers; memory does not grow",
          "Source/run/records.c",
          "return r->pieces < KMI_PIECES_A_WORKER * workers ||",
          "return r->pieces < 100 * KMI_PIECES_A_WORKER * workers ||",
          "unit_run_records unit_run_records_hard"),
    Guard("end of a run whose reader has refused a block", "no worker waits for a piece that cannot come back",
          "Source/run/delivery.c",
          "    atomic_store_explicit(&run->stop_history, 0, memory_order_relaxed);\n",
          "",
          "unit_run_records_hard"),
    Guard("delivery before a serial run's histories", "a reader that fails again and again freezes no serial run",
          "Source/run/run.c",
          "    kmi_records_deliver(self, false); /* what a run that failed left comes before any history */\n",
          "",
          "unit_run_records_hard"),
    Guard("room of many records given back", "one history of very many records does not keep its memory",
          "Source/run/delivery.c",
          "        if (status == KMA_OK) kmi_piece_shrink(piece);\n",
          "",
          "unit_run_records_hard"),
    Guard("energy of a photon killed below the cut", "what an observer kills is booked as killed and deposited nowhere",
          "Source/transport/photon.c",
          "deposit(self, f, track->position, killed ? f->energy - track->energy : f->energy);",
          "deposit(self, f, track->position, f->energy);",
          "unit_run_steps"),
    Guard("piece for the oldest history", "workers and the reader of records cannot wait for each other for ever",
          "Source/run/records.c",
          "return r->pieces < KMI_PIECES_A_WORKER * workers || r->expected.count == 0 ||\n"
          "           begin <= r->expected.intervals[0].begin;",
          "return r->pieces < KMI_PIECES_A_WORKER * workers;",
          "unit_run_records unit_run_stalls"),
    Guard("cleanup of a worker that user code ended", "pthread_exit in a callback is an error, not a freeze",
          "Source/run/worker.c",
          "    pthread_cleanup_push(die, self);\n    live(self);\n    pthread_cleanup_pop(0);",
          "    (void)die;\n    live(self);",
          "unit_run_stalls"),
    Guard("floating-point environment of a new thread", "a host's rounding mode changes no result",
          "Source/base/thread.c",
          "    kmi_float_env_enter(&inherited);\n    run(context); /* *self may be gone from here on */\n"
          "    kmi_float_env_leave(&inherited);",
          "    (void)inherited;\n    run(context);",
          "unit_base_thread unit_run_host attack_hosts"),
    Guard("look before opening a file", "a pipe or a directory is refused, not waited for",
          "Source/base/file.c",
          "    if (S_ISREG(s->st_mode)) return KMA_OK;",
          "    if (s->st_mode != 0) return KMA_OK;",
          "hostile_kinds unit_base_file"),
    Guard("old files put back", "files that belong together are all new or all old",
          "Source/base/file_batch.c",
          "for (i = self->count; !done && i-- > 0;) put_back(self, &self->files[i]);",
          "(void)put_back;\n    (void)done;",
          "unit_base_file_batch hostile_calls"),
    Guard("rotations kept that are orthonormal within rounding", "a scene that is written and read is the same to the bit",
          "Source/geometry/frame.c",
          "if (kmi_orthonormal_error(m) <= KMI_ORTHONORMAL_ROUNDING) {",
          "if (kmi_orthonormal_error(m) < 0) {",
          "unit_simulation_scene_random unit_geometry_frame"),
    Guard("leaving precedes entering", "no track is lost where surfaces coincide",
          "Source/geometry/navigator.c",
          "    limit = exit - g->contact;",
          "    limit = exit + g->contact;",
          "unit_geometry_navigator unit_geometry_navigator_scenes"),
]
