"""Who includes whom: run with the source folder as KERMA_SOURCE_DIR."""
import os
import re
import tempfile
import unittest
from pathlib import Path

import rules

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
SUFFIXES = {".c", ".h", ".inc", ".cpp", ".hpp", ".hxx"}


def includes(path):
    """The (quote, name) pairs that a file includes."""
    return INCLUDE.findall(path.read_text(encoding="utf-8"))


def source_faults(root):
    """What breaks a rule in the files of root/Source, one line each."""
    source = root / "Source"
    faults = []
    for path in sorted(p for p in source.rglob("*") if p.suffix in SUFFIXES):
        here = path.relative_to(source)
        folder = here.parts[0]
        if folder not in rules.LEVEL:
            faults.append(f"{here}: the folder {folder} has no level in Testing/Structure/rules.py")
            continue
        for quote, name in includes(path):
            if name in rules.ONLY_IN and str(here) not in rules.ONLY_IN[name]:
                faults.append(f"{here} includes {name}, which only {' '.join(rules.ONLY_IN[name])} may")
            if name.startswith("kerma/"):
                if not (root / "Include" / name).is_file():
                    faults.append(f"{here} includes {name}, which is not a public header")
                continue
            to = target_folder(source, path, name)
            if to is None:
                if quote == '"':
                    faults.append(f'{here} includes "{name}", which is not in Source')
                continue
            if to == folder:
                continue
            if folder in rules.PUBLIC_ONLY:
                faults.append(f"{here} includes {name}: {folder} uses public headers only")
            elif to not in rules.LEVEL or rules.LEVEL[to] >= rules.LEVEL[folder]:
                faults.append(f"{here} includes {name}, which is not of a lower level")
    return faults


def target_folder(source, path, name):
    """The folder of Source that an include leads to; None if it leads out of Source."""
    for base in (path.parent, source):
        target = Path(os.path.normpath(base / name))
        if target.is_file() and target.is_relative_to(source):
            return target.relative_to(source).parts[0]
    return None


def public_faults(root):
    """What breaks a rule in the public headers, one line each."""
    faults = []
    headers = sorted((root / "Include").rglob("*.h"))
    if not headers:
        faults.append("Include has no header")
    for path in headers:
        for _, name in includes(path):
            known = name in rules.PUBLIC_SYSTEM_HEADERS
            if name.startswith("kerma/"):
                known = (root / "Include" / name).is_file()
            if not known:
                faults.append(f"{path.relative_to(root)} includes {name}, which people who installed kerma may not have")
    return faults


class Project(unittest.TestCase):
    def assert_none(self, faults):
        if faults:
            self.fail("\n" + "\n".join(faults))

    def setUp(self):
        self.root = Path(os.environ["KERMA_SOURCE_DIR"])

    def test_a_folder_includes_only_itself_and_lower_levels(self):
        self.assert_none(source_faults(self.root))

    def test_public_headers_include_only_public_headers(self):
        self.assert_none(public_faults(self.root))

    def test_the_check_reads_every_source_folder(self):
        folders = {p.name for p in (self.root / "Source").iterdir() if p.is_dir()}
        self.assertLessEqual({"base", "geometry", "physics", "emission", "scoring", "transport", "run", "io"}, folders)
        self.assertLessEqual(folders, set(rules.LEVEL))


class NegativeExamples(unittest.TestCase):
    """Each rule is broken once in a scratch tree, and seen to be."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name)
        for path in ("base/error.h", "geometry/solid.h", "physics/xrl.c", "io/stl.h", "mpi/rank.h", "run/worker.h"):
            self.write(f"Source/{path}", "")
        self.write("Include/kerma/base.h", "#include <stddef.h>\n")

    def write(self, path, text):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def fault(self, path, text, expected):
        self.write(f"Source/{path}", text)
        faults = source_faults(self.root)
        self.assertEqual(len(faults), 1, faults)
        self.assertIn(path, faults[0])
        self.assertIn(expected, faults[0])

    def test_a_tree_that_keeps_the_rules_has_no_fault(self):
        self.write("Source/transport/step.c", '#include <math.h>\n#include "geometry/solid.h"\n#include <kerma/base.h>\n')
        self.write("Source/geometry/solid.c", '#include "solid.h"\n#include "base/error.h"\n')
        self.write("Source/physics/xrl.c", "#include <xraylib.h>\n")
        self.assertEqual(source_faults(self.root), [])
        self.assertEqual(public_faults(self.root), [])

    def test_an_include_of_a_higher_level_is_a_fault(self):
        self.fault("geometry/a.c", '#include "run/worker.h"\n', "lower level")

    def test_an_include_of_a_neighbour_is_a_fault(self):
        self.fault("physics/a.c", '# include "geometry/solid.h"\n', "lower level")

    def test_two_parts_of_level_five_do_not_include_one_another(self):
        self.fault("mpi/a.c", '#include "io/stl.h"\n', "lower level")

    def test_a_way_round_by_dots_is_a_fault(self):
        self.fault("physics/a.h", '#include "../geometry/solid.h"\n', "lower level")

    def test_angle_brackets_hide_nothing(self):
        self.fault("physics/a.h", "#include <geometry/solid.h>\n", "lower level")

    def test_the_command_includes_public_headers_only(self):
        self.fault("app/main.c", '#include <kerma/base.h>\n#include "base/error.h"\n', "public headers only")

    def test_a_public_header_that_is_not_there_is_a_fault(self):
        self.fault("app/main.c", "#include <kerma/secret.h>\n", "not a public header")

    def test_xraylib_is_included_in_one_file_only(self):
        self.fault("physics/element.c", "#include <xraylib.h>\n", "xrl.c")

    def test_a_folder_without_a_level_is_a_fault(self):
        self.fault("extra/a.c", "", "no level")

    def test_a_public_header_that_includes_an_internal_one_is_a_fault(self):
        self.write("Include/kerma/solid.h", '#include "geometry/solid.h"\n')
        self.assertEqual(len(public_faults(self.root)), 1)

    def test_a_public_header_that_includes_a_library_is_a_fault(self):
        self.write("Include/kerma/solid.h", "#include <xraylib.h>\n")
        self.assertEqual(len(public_faults(self.root)), 1)


if __name__ == "__main__":
    unittest.main()
