/*
 * The baseline of bench_python.py: C++ threads call a Python function with two
 * arguments, each call under pybind11's gil_scoped_acquire, as a binding
 * written the usual way does it.
 */
#include <pybind11/pybind11.h>

#include <chrono>
#include <thread>
#include <vector>

namespace py = pybind11;

namespace {

struct worker {
    int index;
};
struct step {
    double energy;
};

using clock_type = std::chrono::steady_clock;

template <class Body> double on_threads(int threads, Body body)
{
    py::gil_scoped_release release;
    std::vector<std::thread> all;
    const auto begin = clock_type::now();

    for (int i = 0; i < threads; i++) all.emplace_back(body);
    for (auto &t : all) t.join();
    return std::chrono::duration<double>(clock_type::now() - begin).count();
}

/* Seconds for `calls` calls on each thread, with arguments that exist already. */
double ready(py::function fn, py::object first, py::object second, long calls, int threads)
{
    return on_threads(threads, [&] {
        for (long i = 0; i < calls; i++) {
            py::gil_scoped_acquire acquire;
            fn(first, second);
        }
    });
}

/* The same with arguments of the thread's own, wrapped by reference for each call. */
double wrapped(py::function fn, long calls, int threads)
{
    return on_threads(threads, [&] {
        worker w = {0};
        step s = {0.06};
        for (long i = 0; i < calls; i++) {
            py::gil_scoped_acquire acquire;
            fn(py::cast(&w, py::return_value_policy::reference), py::cast(&s, py::return_value_policy::reference));
        }
    });
}

} // namespace

PYBIND11_MODULE(kerma_bench_baseline, m)
{
    py::class_<worker>(m, "Worker").def_readonly("index", &worker::index);
    py::class_<step>(m, "Step").def_readonly("energy", &step::energy);
    m.def("ready", &ready);
    m.def("wrapped", &wrapped);
}
