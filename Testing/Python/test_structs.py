"""The structs that Python sees as dicts or as records, and the statuses it sees as exceptions, against the headers."""
import pathlib
import re

import kerma
import scenes
from kerma._native import c

HEADERS = pathlib.Path(__file__).resolve().parents[2] / "Include/kerma"
# Python's own: a poll function looks at signals, and the package sets it.
NOT_FOR_PYTHON = {"kma_run_options": {"poll", "poll_context"}}


def structs_of_the_headers():
    """{name: [members]} without the size that some begin with."""
    structs = {}
    for path in sorted(HEADERS.glob("*.h")):
        text = re.sub(r"/\*.*?\*/", " ", path.read_text(), flags=re.S)
        for struct in re.finditer(r"typedef struct \w+ \{([^{}]*)\} (\w+);", text):
            members = []
            for declaration in struct[1].split(";"):
                if "(" in declaration or not declaration.strip():
                    continue
                members += [re.search(r"(\w+)\s*(\[[^\]]*\]\s*)*$", part.strip())[1] for part in declaration.split(",")]
            structs[struct[2]] = [m for m in members if m != "size"]
    return structs


def test_every_member_of_a_struct_is_seen_by_python():
    headers = structs_of_the_headers()
    tables = c.kmp_struct_members()
    assert len(tables) >= 25
    for name, members in tables.items():
        missing = set(headers[name]) - set(members) - NOT_FOR_PYTHON.get(name, set())
        assert not missing, f"{name}: glue/structs.c does not have {sorted(missing)}"
        assert not set(members) - set(headers[name]), name


def test_a_record_of_a_step_is_the_struct():
    headers = structs_of_the_headers()
    dtype = kerma.step_dtype()
    assert list(dtype.names) == headers["kma_step"]
    steps, blocks = [], []
    with scenes.box(0) as sim:
        sim.on_step(lambda worker, step: steps.append(step.copy()))
        sim.on_block(lambda array: blocks.append(array))
        sim.run(20)
    records = [r for block in blocks for r in block]
    assert len(records) == len(steps) > 20
    for record, step in zip(records, steps):
        for name in dtype.names:
            value = record[name]
            assert (tuple(value) if value.shape else value) == step[name], name


def test_every_status_of_the_headers_has_an_exception_of_its_own():
    text = (HEADERS / "base.h").read_text()
    wanted = {name: int(code) for name, code in re.findall(r"X\((KMA_ERR_\w+), (\d+),", text)}
    assert len(wanted) >= 19
    classes = set()
    for name, code in wanted.items():
        found = [x for x in vars(kerma).values() if isinstance(x, type) and vars(x).get("status") == name]
        assert len(found) == 1 and issubclass(found[0], kerma.Error), (name, found)
        assert c.kmp_statuses()[code][:2] == (name, code)
        classes.add(found[0])
    assert len(classes) == len(wanted)
