"""The first minute with the package."""
import gc

from harness import each

import kerma
import scenes


@each(threads=[0, 1, 4])
def test_a_run_gives_the_same_bits_for_any_number_of_threads(threads):
    with scenes.box(threads) as sim:
        first = sim.run(20000)
    with scenes.box(2) as sim:
        assert sim.run(20000).scores_hash == first.scores_hash


@each(threads=[0, 1, 4])
def test_an_exception_of_an_observer_reaches_the_caller_with_its_traceback(threads):
    def fail(worker):
        if worker.history == 50:
            raise ValueError("fifty")

    with scenes.box(threads, histories_end=fail) as sim:
        try:
            sim.run(1000)
        except ValueError as e:
            names = []
            traceback = e.__traceback__
            while traceback is not None:
                names.append(traceback.tb_frame.f_code.co_name)
                traceback = traceback.tb_next
            assert names[-1] == "fail" and str(e) == "fifty" and e.__context__ is None, names
            del e, traceback
        else:
            assert False, "nothing was raised"
        assert sim.snapshot().histories >= 50


def test_a_closed_object_says_so():
    sim = scenes.box(1, title="box")
    sim.close()
    sim.close()
    try:
        sim.run(1)
    except kerma.ClosedError as e:
        assert "simulation 'box' was closed" in str(e)
    else:
        assert False


def test_a_cycle_through_an_observer_is_collected():
    class App:
        def __init__(self):
            self.sim = scenes.box(2)
            self.sim.on_history_end(self.count)
            self.n = 0

        def count(self, worker):
            self.n += 1

    app = App()
    app.sim.run(100)
    del app
    gc.collect()
