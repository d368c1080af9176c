#!/usr/bin/env python3
"""Which calls let the GIL go: compares what the documentation promises with what was generated and written.

    check_gil_list.py --wrapper kerma_wrap.c --release-gil ON|OFF --source SOURCE_DIR

Checks, by name: with RELEASE_GIL exactly the functions of the table in Documentation/threads-and-callbacks.md let the GIL
go by SWIG's -threads, without it none; those "by hand" do so in the glue, and no others; nothing but functions of the
library's headers is called in between; destructors keep the GIL; nothing in an interface file decides for all functions
at once; a %nothread has its effect; there is no SwigPyIterator. And who takes the GIL: every observer's trampoline leaves
that to call_python().

Then every check is proved to be able to fail: what it looks at is broken in memory, one thing at a time.
"""
import argparse
import pathlib
import re
import sys

LEAST = 20  # functions that let the GIL go by RELEASE_GIL


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)


def read_table(text):
    """{name: "by hand" or "RELEASE_GIL"}"""
    return dict(re.findall(r"^\| `(\w+)` \| (by hand|RELEASE_GIL) \|", text, re.M))


def functions(text, pattern):
    """{name: body} of the C functions whose head the pattern matches, with its name as its group."""
    return {m[1]: m[2] for m in re.finditer(pattern + r"[^{};]*\{\n(.*?)^\}", text, re.M | re.S)}


def wrappers(text):
    return functions(text, r"^SWIGINTERN PyObject \*_wrap_(\w+)\(PyObject \*")


def called(text):
    """Names of all that looks like a call."""
    return set(re.findall(r"\b([A-Za-z_]\w*)\s*\(", text)) - {"if", "while", "for", "switch", "sizeof", "return", "const"}


def between(body, begin, end):
    """What stands between each begin and its end; None if they do not come in pairs."""
    parts = re.split(rf"\b({begin}|{end})\b", body)
    marks = parts[1::2]
    if marks != [begin, end] * (len(marks) // 2):
        return None
    return parts[2::4]


def check_released(sources, name, body, begin, end, faults):
    inside = between(body, begin, end)
    if inside is None or len(inside) != 1:
        faults.append(f"{name}: the GIL is not let go and taken back exactly once")
        return
    others = called(inside[0]) - sources["library"]
    if others or re.search(r"\b_?Py[A-Z_]\w*|\bSWIG_(?!PYTHON_THREAD)\w+", inside[0]):
        faults.append(f"{name}: other than the library's functions is used without the GIL: {inside[0].strip()}")
    if not re.search(r"\bkma_\w+\s*\(", inside[0]):
        faults.append(f"{name}: nothing is called while the GIL is let go")


def check_generated(sources, table, release_gil, faults):
    text = sources["wrapper"]
    found = wrappers(text)
    listed = set(re.findall(r'^\s*\{ "\w+", _wrap_(\w+), METH_', text, re.M))
    if listed != set(found) or not listed:
        faults.append(f"the generated code was not understood: {sorted(listed ^ set(found))[:10]}")
    released = {n for n, body in found.items() if "SWIG_PYTHON_THREAD_BEGIN_ALLOW" in body}
    wanted = {n for n, how in table.items() if how == "RELEASE_GIL"}
    for name in sorted(wanted - set(found)):
        faults.append(f"{name} is in the documented list, but is not wrapped")
    if release_gil:
        for name in sorted(released - wanted):
            faults.append(f"{name} lets the GIL go and is not in the documented list: if it takes microseconds and waits for "
                          "nobody, write %nothread before its %include; if not, add a row")
        for name in sorted((wanted & set(found)) - released):
            faults.append(f"{name} is in the documented list and keeps the GIL")
        if len(released) < LEAST:
            faults.append(f"only {len(released)} functions let the GIL go")
    elif released or "SWIG_PYTHON_THREAD_BEGIN_ALLOW;" in text:
        faults.append(f"RELEASE_GIL is OFF, but SWIG lets the GIL go in {sorted(released)}")
    for name in released:
        check_released(sources, name, found[name], "SWIG_PYTHON_THREAD_BEGIN_ALLOW", "SWIG_PYTHON_THREAD_END_ALLOW", faults)
        if name.startswith("delete_"):
            faults.append(f"{name}: a destructor lets the GIL go")
    if not any(n.startswith("delete_") for n in found):
        faults.append("there is no destructor: a handle would never be given back")
    if "SwigPyIterator" in text:
        faults.append("the generated code has SwigPyIterator, which calls Python without the GIL")
    return found, released


def check_by_hand(sources, table, found, faults):
    begin, end = "Py_BEGIN_ALLOW_THREADS", "Py_END_ALLOW_THREADS"
    wanted = {n for n, how in table.items() if how == "by hand"}
    text = without_comments(sources["glue"]["by_hand.c"])
    macro = re.search(r"#define BY_HAND\(hooks, expression\)((?:.*\\\n)*.*\n)", text)
    if macro is None:
        faults.append("glue/by_hand.c has no macro BY_HAND any more")
        return
    lets_go = macro[1].replace("\\\n", "\n")
    text = text.replace(macro[0], "")
    bodies = functions(text, r"^[\w ]+[ *](kmp_\w+)\(")
    by_hand = set()
    for name, body in bodies.items():
        expanded = re.sub(r"\bBY_HAND\((\w+), (.*)\);", lambda m: lets_go.replace("expression", m[2]), body)
        if begin not in expanded and end not in expanded:
            continue
        by_hand.add(name)
        check_released(sources, name, expanded, begin, end, faults)
    for name in sorted(by_hand ^ wanted):
        where = "the documented list" if name in wanted else "glue/by_hand.c"
        faults.append(f"{name} lets the GIL go by hand in {where} only")
    for name in sorted(wanted):
        if "SWIG_PYTHON_THREAD_BEGIN_ALLOW" in found.get(name, "SWIG_PYTHON_THREAD_BEGIN_ALLOW"):
            faults.append(f"{name} is not wrapped, or its wrapper lets the GIL go around code that touches Python")
    for file, code in sources["glue"].items():
        marks = re.findall(rf"{begin}|{end}|PyEval_SaveThread|PyEval_RestoreThread", without_comments(code))
        if marks and file not in ("by_hand.c", "hooks.c"):
            faults.append(f"glue/{file} lets the GIL go: that is by_hand.c's")


def check_trampolines(sources, faults):
    """Who takes the GIL outside of hooks.c: call_python() for every callback, and what hears a scene's faults."""
    glue = {file: without_comments(code) for file, code in sources["glue"].items() if file != "hooks.c"}
    bodies = {(file, name): body for file, code in glue.items()
              for name, body in functions(code, r"^[\w ]+[ *](\w+)\(").items()}
    allowed = {"kmp_hook_enter": [("trampolines.c", "call_python")], "kmp_hook_leave": [("trampolines.c", "call_python")],
               "kmp_gil_take": [("by_hand.c", "hear_fault")], "kmp_gil_give": [("by_hand.c", "hear_fault")],
               "PyGILState_Ensure": [], "PyGILState_Release": []}
    for name, wanted in allowed.items():
        users = [user for user, body in bodies.items() if name in called(body)]
        if users != wanted or sum(len(re.findall(rf"\b{name}\b", code)) for code in glue.values()) != len(wanted):
            faults.append(f"{name} is used by {users}: a callback goes through call_python() of glue/trampolines.c")
    observers = re.findall(r"^KMP_OBSERVER\((?:\w+), (\w+)\)", sources["interfaces"]["typemaps/callbacks.i"], re.M)
    for name in observers:
        body = bodies.get(("trampolines.c", name), "")
        if not re.fullmatch(r"(\s*\(void\)\w+;)*\s*return call_python\([^;]*\);\s*", body):
            faults.append(f"{name} is no trampoline: it is to be a function of trampolines.c that returns call_python(...)")
    if not observers:
        faults.append("typemaps/callbacks.i was not understood")


def check_interfaces(sources, found, released, faults):
    for file, text in sources["interfaces"].items():
        code = without_comments(text)
        for bad in (r"%module\s*\([^)]*\bthreads\b", r"%(no)?thread\s*;", r"%(no)?(thread|block|allow)\w*\s*;",
                    r"%clear(no)?thread", r"%feature\s*\(\s*\"(no)?thread", r"\b(no)?thread(allow|block)\b",
                    r"-(no)?threads?\b", r"%thread\b"):
            match = re.search(bad, code)
            if match:
                faults.append(f"{file}: '{match[0]}' decides for more than one function, or in another way than %nothread")
        for name in re.findall(r"%nothread\s+([^;]+);", code):
            if "##" in name or name.startswith("type::"):
                continue  # in a macro: what it is expanded to is in the generated code
            wrapper = re.sub(r"(\w+)::~\w+", r"delete_\1", name.strip()).replace("::", "_")
            wrapper = re.sub(r"^kmp_(kma_\w+)$", r"\1", wrapper)
            known = wrapper in found or wrapper.replace("kmp_", "kma_", 1) in found
            if not known:
                faults.append(f"{file}: %nothread {name}, but no such function is wrapped")
            elif wrapper in released:
                faults.append(f"{file}: %nothread {name} has no effect (is it behind the declaration?)")


def check(sources, release_gil):
    faults = []
    table = read_table(sources["table"])
    found, released = check_generated(sources, table, release_gil, faults)
    check_by_hand(sources, table, found, faults)
    check_trampolines(sources, faults)
    check_interfaces(sources, found, released, faults)
    return faults


def replaced(sources, part, old, new, file=None):
    """The sources with one thing changed, which must be there."""
    text = sources[part] if file is None else sources[part][file]
    match = re.search(old, text, re.M | re.S)
    if match is None:
        raise SystemExit(f"cannot break {part}: there is no {old}")
    text = text[: match.start()] + match.expand(new) + text[match.end() :]
    return {**sources, part: text if file is None else {**sources[part], file: text}}


def breakages(sources, release_gil):
    """(what, broken sources): each must be noticed."""
    held = r"(PyObject \*_wrap_kma_mesh_count_facets\(.*?)( result = [^;]*;)"
    allow, end = "SWIG_PYTHON_THREAD_BEGIN_ALLOW;", "SWIG_PYTHON_THREAD_END_ALLOW;"
    yield "a held function lets the GIL go", replaced(sources, "wrapper", held, rf"\1{allow}\n\2\n{end}")
    yield "a destructor lets the GIL go", replaced(
        sources, "wrapper", r"(PyObject \*_wrap_delete_kma_mesh\(.*?)(delete_kma_mesh\(arg1\);)", rf"\1{allow} kma_x(); {end}")
    yield "SwigPyIterator", replaced(sources, "wrapper", r"\Z", "struct SwigPyIterator;")
    if release_gil:
        yield "a listed function keeps the GIL", replaced(
            sources, "wrapper", rf"(_wrap_kma_mesh_intersect\(.*?){allow}(.*?){end}", r"\1\2")
        yield "the GIL is not taken back", replaced(sources, "wrapper", end, "")
        yield "Python is called without the GIL", replaced(sources, "wrapper", rf"{allow}", rf"{allow} PyErr_Clear();")
        yield "glue is called without the GIL", replaced(sources, "wrapper", rf"{allow}", rf"{allow} kmp_log_flush();")
        yield "a row is missing", replaced(sources, "table", r"^\| `kma_image_read` [^\n]*\n", "")
        yield "a listed function has %nothread", replaced(
            sources, "interfaces", r"\A", "%nothread kma_mesh_intersect;\n", "mesh.i")
        yield "glue with a name like the library's is called without the GIL", replaced(
            sources, "wrapper", rf"{allow}", rf"{allow} kma_mesh_id(arg1);")
    yield "a row for nothing", replaced(sources, "table", r"^\| `kma_image_read`", "| `kma_image_red`")
    yield "a row by hand is missing", replaced(sources, "table", r"^\| `kmp_shutdown` [^\n]*\n", "")
    yield "a call by hand keeps the GIL", replaced(
        sources, "glue", r"(kmp_run_manager_replay\(.*?)Py_BEGIN_ALLOW_THREADS(.*?)Py_END_ALLOW_THREADS", r"\1\2", "by_hand.c")
    yield "a call by hand calls Python without the GIL", replaced(
        sources, "glue", r"status = kma_shutdown\(\);", "status = kma_shutdown(); kmp_log_flush();", "by_hand.c")
    yield "one more lets it go by hand", replaced(
        sources, "glue", r"(kmp_run_manager_create\(.*?)(status = kma_run_manager_create\([^;]*;)",
        r"\1Py_BEGIN_ALLOW_THREADS \2 Py_END_ALLOW_THREADS", "by_hand.c")
    yield "a trampoline touches Python by itself", replaced(
        sources, "glue", r"(^kma_status kmp_on_run\(.*?)return call_python", r"\1PyErr_Clear();\n    return call_python", "trampolines.c")
    for way in ("kmp_hook_enter(x, 0, x)", "kmp_gil_take(x)", "PyGILState_Ensure()"):
        yield f"a second way into Python: {way}", replaced(
            sources, "glue", r"\Z", f"kma_status kmp_on_x(void *x)\n{{\n    {way};\n}}\n", "trampolines.c")
    yield "an observer without trampoline", replaced(
        sources, "interfaces", r"\Z", "KMP_OBSERVER(kma_x_fn, kmp_on_x)\n", "typemaps/callbacks.i")
    yield "other glue lets it go", replaced(sources, "glue", r"\Z", "PyEval_SaveThread();", "arrays.c")
    for line in ('%module(package="kerma", threads="1") _kerma', "%nothread;", "%thread;", '%feature("nothreadallow");',
                 "%nothreadallow;", "%nothread kma_no_such_function;", "%clearnothread;", '%feature("thread") kma_mesh_count_facets;'):
        yield line, replaced(sources, "interfaces", r"\Z", line.replace("\\", "\\\\") + "\n", "mesh.i")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wrapper", type=pathlib.Path, required=True)
    parser.add_argument("--release-gil", choices=["ON", "OFF", "1", "0"], required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    a = parser.parse_args()
    release_gil = a.release_gil in ("ON", "1")
    swig = a.source / "Wrapping" / "SWIG"
    headers = "".join(without_comments(p.read_text()) for p in sorted((a.source / "Include" / "kerma").glob("*.h")))
    sources = {
        "library": set(re.findall(r"\bKMA_API\b[^;()]*?\b(kma_\w+)\s*\(", headers)),
        "wrapper": a.wrapper.read_text(),
        "table": (a.source / "Documentation" / "threads-and-callbacks.md").read_text(),
        "glue": {p.name: p.read_text() for p in sorted((swig / "glue").glob("*.c"))},
        "interfaces": {p.relative_to(swig).as_posix(): p.read_text() for p in sorted(swig.rglob("*.i"))},
    }
    faults = check(sources, release_gil)
    for fault in faults:
        print(fault)
    if faults:
        return 1
    proved = 0
    for what, broken in breakages(sources, release_gil):
        if not check(broken, release_gil):
            print(f"not noticed: {what}")
            return 1
        proved += 1
    found = wrappers(sources["wrapper"])
    version = re.search(r"#define SWIG_VERSION 0x(\d\d)(\d\d)(\d\d)", sources["wrapper"])
    released = sum("SWIG_PYTHON_THREAD_BEGIN_ALLOW" in body for body in found.values())
    print(f"SWIG {'.'.join(str(int(v)) for v in version.groups())}, RELEASE_GIL={'ON' if release_gil else 'OFF'}: of {len(found)} "
          f"functions SWIG lets the GIL go in {released}; {proved} breakages noticed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
