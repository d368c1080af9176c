"""
Every function that libkerma exports is under attack: it has a line in Testing/Attack that calls it at random.

KERMA_SOURCE_DIR  the checkout
KERMA_LIBRARY     libkerma.so
"""
import os
import re
import subprocess
import unittest
from pathlib import Path


def exported(library):
    text = subprocess.run(["nm", "-D", "--defined-only", library], check=True, stdout=subprocess.PIPE, text=True).stdout
    return {line.split()[-1].split("@")[0] for line in text.splitlines() if line.split()[1] in "TW"}


def attacked(texts):
    """{"kma_image_create"}: calls that are enlisted and whose code names them once more."""
    found = set()
    for text in texts:
        for macro, name, body in re.findall(r"^(CALL|OBSERVE)\((kma_\w+),(.*?)(?=^(?:CALL|OBSERVE)\(|\Z)", text, re.M | re.S):
            noun, _, verb = name.rpartition("_")
            counts = verb in ("retain", "release") and f"{verb.upper()}({noun}," in body
            if macro == "OBSERVE" or counts or re.search(rf"\b{name}\(", body):
                found.add(name)
    return found


def faults(functions, texts):
    there = attacked(texts)
    return ([f"{name} is not attacked: add a CALL to Testing/Attack" for name in sorted(functions - there)]
            + [f"{name} is attacked but not exported" for name in sorted(there - functions)])


class Attack(unittest.TestCase):
    def test_every_exported_function_is_attacked(self):
        folder = Path(os.environ["KERMA_SOURCE_DIR"]) / "Testing/Attack"
        texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("calls_*.c"))]
        functions = exported(os.environ["KERMA_LIBRARY"])
        self.assertGreater(len(functions), 100)
        found = faults(functions, texts)
        if found:
            self.fail("\n" + "\n".join(found))

    def test_a_function_without_attack_or_with_an_empty_one_is_a_fault(self):
        texts = ["CALL(kma_a_get, 0) { return kma_a_get(A); }\nCALL(kma_a_set, 0)\n{\n    return KMA_OK;\n}\n"
                 "CALL(kma_a_retain, 0) { RETAIN(kma_a, A); }\nOBSERVE(kma_a_on_end, FN)\n"]
        self.assertEqual(faults({"kma_a_get", "kma_a_set", "kma_a_new", "kma_a_retain", "kma_a_on_end"}, texts),
                         ["kma_a_new is not attacked: add a CALL to Testing/Attack",
                          "kma_a_set is not attacked: add a CALL to Testing/Attack"])
        self.assertEqual(faults(set(), ["CALL(kma_b, 0) { return kma_b(); }"]), ["kma_b is attacked but not exported"])


if __name__ == "__main__":
    unittest.main()
