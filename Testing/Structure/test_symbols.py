"""
What the compiled library imports and exports, read with nm, readelf and objdump.

KERMA_SOURCE_DIR  the checkout
KERMA_OBJECTS     a file that lists the object files of libkerma
KERMA_LIBRARY     libkerma.so
CC                the compiler, for the negative examples
"""
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import rules


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def names(text):
    """Symbol names from nm's output, without versions such as @GLIBC_2.29."""
    return {line.split()[-1].split("@")[0] for line in text.splitlines() if line.split() and not line.endswith(":")}


class Objects:
    """The object files of the library: {"physics/compton.c.o": path}."""

    def __init__(self, paths):
        self.paths = {re.sub(r".*/kerma_objects\.dir/", "", os.path.normpath(p)): p for p in paths}
        self.imports = {name: names(output("nm", "--undefined-only", p)) for name, p in self.paths.items()}

    def of(self, folders):
        return sorted(name for name in self.paths if name.split("/")[0] in folders)


def libm_functions():
    """All functions that this system's libm has."""
    libm = output(os.environ["CC"], "-print-file-name=libm.so.6").strip()
    return names(output("nm", "-D", "--defined-only", libm))


def arithmetic_faults(objects):
    inexact = libm_functions() - rules.EXACT_FUNCTIONS
    return [f"{name} imports {function}: use base/elementary.h"
            for name in objects.of(rules.EXACT_FOLDERS) for function in sorted(objects.imports[name] & inexact)]


def fused_faults(objects):
    """A fused multiply-add rounds once where another build rounds twice."""
    faults = []
    for name in objects.of(rules.EXACT_FOLDERS):
        found = re.search(r"\bvfn?m(add|sub)\w+", output("objdump", "-d", "--no-show-raw-insn", objects.paths[name]))
        if found:
            faults.append(f"{name} contains {found.group(0)}")
    return faults


def owner_faults(objects):
    return [f"{name} imports {function}" for name, imports in sorted(objects.imports.items())
            for function, allowed in rules.ONLY_FROM.items()
            if function in imports and not re.fullmatch(allowed, name)]


def guest_faults(objects):
    return [f"{name} imports {function}: {rules.GUEST_FORBIDS[function]}"
            for name, imports in sorted(objects.imports.items()) for function in sorted(imports)
            if function in rules.GUEST_FORBIDS]


def destructor_faults(objects):
    return [f"{name} has a destructor" for name, path in sorted(objects.paths.items())
            if re.search(r"\s\.(fini_array|dtors)", output("readelf", "-SW", path))]


def exports(library):
    return names(output("nm", "-D", "--defined-only", library))


def declared(root):
    """Functions that the public headers declare."""
    found = set()
    for path in sorted((root / "Include").rglob("*.h")):
        text = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        text = re.sub(r"^[ \t]*#.*(\\\n.*)*$", "", text, flags=re.MULTILINE)
        for declaration in re.findall(r"\bKMA_API\b([^;{]*)", text):
            found.add(re.search(r"(\w+)\s*(\(|\[|$)", declaration.strip()).group(1))
    return found


def export_faults(library, promised):
    there = exports(library)
    return ([f"{name} is exported but does not start with kma_" for name in sorted(there) if not name.startswith("kma_")]
            + [f"{name} is exported but in no public header" for name in sorted(there - promised)]
            + [f"{name} is declared in a public header but not exported" for name in sorted(promised - there)])


class Project(unittest.TestCase):
    def assert_none(self, faults):
        if faults:
            self.fail("\n" + "\n".join(faults))

    @classmethod
    def setUpClass(cls):
        cls.objects = Objects(Path(os.environ["KERMA_OBJECTS"]).read_text(encoding="utf-8").split())

    def test_the_objects_of_all_folders_are_read(self):
        for folder in rules.EXACT_FOLDERS | {"run", "io"}:
            self.assertTrue(self.objects.of({folder}), f"no object of {folder}")

    def test_results_use_exact_functions_of_libm_only(self):
        self.assert_none(arithmetic_faults(self.objects))

    def test_results_use_no_fused_multiply_add(self):
        self.assert_none(fused_faults(self.objects))

    def test_threads_and_number_texts_are_made_in_one_place(self):
        self.assert_none(owner_faults(self.objects))

    def test_the_library_is_a_guest(self):
        self.assert_none(guest_faults(self.objects))

    def test_nothing_runs_when_the_library_is_unloaded(self):
        self.assert_none(destructor_faults(self.objects))

    def test_the_library_exports_what_its_headers_declare(self):
        root = Path(os.environ["KERMA_SOURCE_DIR"])
        self.assert_none(export_faults(os.environ["KERMA_LIBRARY"], declared(root)))


class NegativeExamples(unittest.TestCase):
    """Each rule is broken once by a small object, and seen to be."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name) / "kerma_objects.dir"

    def compile(self, path, text, *flags):
        source = self.root / path
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text, encoding="utf-8")
        made = source.with_name(source.name + ".o")
        # -fno-builtin: a call that is written is a call that is made
        output(os.environ["CC"], "-O2", "-fno-builtin", *flags, "-c", source, "-o", made)
        return made

    def objects(self, path, text, *flags):
        return Objects([self.compile(path, text, *flags)])

    def test_a_call_of_exp_is_a_fault_where_results_are_computed(self):
        text = "#include <math.h>\ndouble f(double x) { return exp(x); }\n"
        for folder in sorted(rules.EXACT_FOLDERS):
            faults = arithmetic_faults(self.objects(f"{folder}/a.c", text))
            self.assertEqual(faults, [f"{folder}/a.c.o imports exp: use base/elementary.h"])
        self.assertEqual(arithmetic_faults(self.objects("simulation/a.c", text)), [])

    def test_all_functions_whose_last_bits_vary_are_known(self):
        calls = ["log", "pow", "sin", "cos", "atan2", "sincos", "cbrt", "hypot", "fma", "erf", "lgamma_r", "expf", "powl"]
        text = "".join(f"extern void {c}(void);\n" for c in calls)
        text += "void f(void) {" + "".join(f"{c}();" for c in calls) + "}\n"
        self.assertEqual(len(arithmetic_faults(self.objects("physics/a.c", text))), len(calls))

    def test_exact_functions_are_no_fault(self):
        text = "#include <math.h>\ndouble f(double x) { return sqrt(floor(x)) + fmod(x, 3) + ldexp(x, 2) + lround(x); }\n"
        objects = self.objects("geometry/a.c", text)
        self.assertIn("fmod", objects.imports["geometry/a.c.o"])
        self.assertEqual(arithmetic_faults(objects), [])

    def test_a_fused_multiply_add_is_a_fault(self):
        text = "double f(double x, double y) { return x * y + 1; }\n"
        self.assertEqual(len(fused_faults(self.objects("transport/a.c", text, "-mfma", "-ffp-contract=fast"))), 1)
        self.assertEqual(fused_faults(self.objects("transport/b.c", text, "-mfma", "-ffp-contract=off")), [])

    def test_a_thread_started_elsewhere_is_a_fault(self):
        text = """#include <pthread.h>
        int f(pthread_t *t, void *(*g)(void *)) { return pthread_create(t, 0, g, 0); }\n"""
        for path, faults in (("io/a.c", 1), ("run/a.c", 1), ("base/thread.c", 0), ("base/os_linux/thread.c", 0)):
            self.assertEqual(len(owner_faults(self.objects(path, text))), faults, path)
        text = "extern void kmi_thread_start(void);\nvoid f(void) { kmi_thread_start(); }\n"
        for path, faults in (("io/a.c", 1), ("transport/a.c", 1), ("run/a.c", 0)):
            self.assertEqual(len(owner_faults(self.objects(path, text))), faults, path)

    def test_memory_that_does_not_come_from_the_one_door_is_a_fault(self):
        calls = ["malloc(9)", "calloc(3, 3)", "realloc(p, 9)", "strdup(p)", "fopen(p, p)", "opendir(p)", "aligned_alloc(8, 8)"]
        for call in calls:
            text = f"""#include <dirent.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>
            void *f(void *p) {{ return (void *){call}; }}\n"""
            self.assertEqual(len(owner_faults(self.objects("io/a.c", text, "-D_GNU_SOURCE"))), 1, call)
        text = "#include <stdlib.h>\nvoid *f(void) { return malloc(9); }\n"
        self.assertEqual(owner_faults(self.objects("base/memory.c", text)), [])

    def test_a_number_read_with_the_decimal_point_of_the_locale_is_a_fault(self):
        text = "#include <stdlib.h>\ndouble f(const char *s) { return strtod(s, 0); }\n"
        for path, faults in (("io/a.c", 1), ("simulation/a.c", 1), ("base/text.c", 0)):
            self.assertEqual(len(owner_faults(self.objects(path, text))), faults, path)
        text = "#include <stdio.h>\nint f(const char *s, double *x) { return sscanf(s, \"%lf\", x); }\n"
        self.assertEqual(len(owner_faults(self.objects("io/a.c", text))), 1)

    def test_a_guest_that_prints_or_exits_is_a_fault(self):
        for line in ('printf("x")', 'puts("x")', 'fprintf(stderr, "x")', "exit(1)", "abort()", 'getenv("HOME")',
                     'setlocale(LC_ALL, "")', "signal(SIGINT, SIG_IGN)", "atexit(f)"):
            text = f"""#include <locale.h>\n#include <signal.h>\n#include <stdio.h>\n#include <stdlib.h>
            void f(void) {{ {line}; }}\n"""
            self.assertEqual(len(guest_faults(self.objects("io/a.c", text))), 1, line)

    def test_a_guest_may_format_and_write_files(self):
        text = """#include <stdio.h>
        int f(FILE *file, char *s, double x) { return fprintf(file, "%g", x) + snprintf(s, 9, "%g", x); }\n"""
        self.assertEqual(guest_faults(self.objects("io/a.c", text)), [])

    def test_a_destructor_is_a_fault(self):
        text = "int x;\n__attribute__((destructor)) static void f(void) { x = 1; }\n"
        self.assertEqual(len(destructor_faults(self.objects("run/a.c", text))), 1)

    def test_an_export_that_nobody_promised_is_a_fault(self):
        made = self.compile("base/a.c", "void kma_one(void) {}\nvoid kma_two(void) {}\nvoid kmi_three(void) {}\n", "-fPIC")
        library = self.root / "liba.so"
        output(os.environ["CC"], "-shared", "-nostdlib", made, "-o", library)
        self.assertEqual(export_faults(library, {"kma_one", "kma_two", "kma_four"}),
                         ["kmi_three is exported but does not start with kma_",
                          "kmi_three is exported but in no public header",
                          "kma_four is declared in a public header but not exported"])

    def test_declarations_are_read_from_headers(self):
        header = self.root / "Include/kerma/a.h"
        header.parent.mkdir(parents=True)
        header.write_text("""#define KMA_API __attribute__((visibility("default")))
        /** KMA_API int kma_not_this(void); */
        KMA_API const char *kma_name(int x); // KMA_API int kma_nor_this(void);
        KMA_API int kma_call(int (*f)(void *context),
                             void *context);\n""", encoding="utf-8")
        self.assertEqual(declared(self.root), {"kma_name", "kma_call"})


if __name__ == "__main__":
    unittest.main()
