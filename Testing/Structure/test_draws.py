"""
Random numbers are drawn in an order that the language fixes.

C leaves open which argument or operand is computed first, and gcc and clang
differ: kmi_vec(kmi_rng_uniform(rng), kmi_rng_uniform(rng), 0) is two different
vectors. So two draws of one expression must have && || ? or the comma of a
declaration between them, or one must be an argument of the other.

Run with the source folder as KERMA_SOURCE_DIR.
"""
import os
import re
import unittest
from pathlib import Path

NOT_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|^[ \t]*#(?:\\\n|[^\n])*',
                      re.DOTALL | re.MULTILINE)
CONTROL = re.compile(r"\b(if|while|for|switch)\s*\(")
CALL = re.compile(r"\b(?!if\b|while\b|for\b|switch\b|return\b|sizeof\b)\w+\s*\(")
GENERATOR = re.compile(r"(^|,)\s*&?[\w.>\[\]-]*rng\s*(,|$)")
OPEN, CLOSE = "([{", ")]}"


def blank(text):
    """Spaces for everything but line ends."""
    return re.sub(r"[^\n]", " ", text)


def closing(text, at):
    """Where the bracket that opens at `at` is closed."""
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] in OPEN) - (text[i] in CLOSE)
        if depth == 0:
            return i
    return len(text)


def statements(text):
    """(offset, text) of each statement or control expression. Braces of values stay inside."""
    text = NOT_CODE.sub(lambda m: blank(m.group()), text)
    ends = {closing(text, m.end() - 1) + 1 for m in CONTROL.finditer(text)}
    values = []  # is each open brace one of a value: `= {` or `(type){` ?
    begin = 0
    for i, c in enumerate(text):
        if i in ends and i > begin:
            yield begin, text[begin:i]
            begin = i
        if c == "{":
            values.append(re.search(r"(=\s*|\)|[,{]\s*)\Z", text[begin:i]) is not None)
        inside_value = bool(values) and values[-1]
        if c == "}" and values:
            values.pop()
        if c == ";" or (c in "{}" and not inside_value):
            yield begin, text[begin:i]
            begin = i + 1
    yield begin, text[begin:]


def own_arguments(text, opened, closed):
    """The text between a call's brackets, with what is inside further brackets left out."""
    kept, depth = [], 0
    for c in text[opened + 1:closed]:
        depth += c in "([{"
        kept.append(c if depth == 0 or c in "[]" else "_")
        depth -= c in ")]}"
    return "".join(kept)


def draws(statement):
    """(begin, end) of the calls that are given a generator."""
    found = []
    for m in CALL.finditer(statement):
        end = closing(statement, m.end() - 1)
        arguments = re.sub(r"\[[^\]]*\]", "", own_arguments(statement, m.end() - 1, end))
        if GENERATOR.search(arguments):
            found.append((m.start(), end))
    return found


def ordered(statement, first_end, second_begin):
    """Whether C says that the call ending at first_end comes before the one at second_begin."""
    depth = outside = sum((c in OPEN) - (c in CLOSE) for c in statement[:first_end + 1])
    between = []
    for i in range(first_end + 1, second_begin):
        depth += (statement[i] in OPEN) - (statement[i] in CLOSE)
        outside = min(outside, depth)
        between.append((depth, statement[i:i + 2]))
    common = [two for depth, two in between if depth == outside]
    if any(two[0] == "," for two in common):
        return outside <= 0  # declarators, not arguments
    return any(two in ("&&", "||") or two[0] == "?" or two[0] == ":" for two in common)


def faults(name, text):
    found = []
    for offset, statement in statements(text):
        calls = draws(statement)
        for i, (_, end) in enumerate(calls):
            for begin, _ in calls[i + 1:]:
                if begin > end and not ordered(statement, end, begin):
                    line = text.count("\n", 0, offset + begin) + 1
                    found.append(f"{name}:{line}: two draws in an order that C leaves open; give each its own statement")
                    break
            else:
                continue
            break
    return found


class Project(unittest.TestCase):
    def test_all_draws_have_an_order(self):
        source = Path(os.environ["KERMA_SOURCE_DIR"]) / "Source"
        files = sorted(p for p in source.rglob("*") if p.suffix in {".c", ".h", ".cpp"})
        drawing = 0
        found = []
        for path in files:
            text = path.read_text(encoding="utf-8")
            drawing += sum(len(draws(s)) for _, s in statements(text))
            found += faults(path.relative_to(source), text)
        self.assertGreater(drawing, 20, "the check no longer recognises draws")
        if found:
            self.fail("\n" + "\n".join(found))


class NegativeExamples(unittest.TestCase):
    def test_open_orders_are_faults(self):
        for line in (
            "v = kmi_vec(kmi_rng_uniform(rng), kmi_rng_uniform(rng), 0);",
            "x = kmi_rng_uniform(&w->rng) - kmi_rng_uniform(&w->rng);",
            "double a[2] = {kmi_rng_uniform(rng), kmi_rng_uniform(rng)};",
            "return (kmi_vec3){kmi_rng_uniform(rng), kmi_rng_uniform(rng), 0};",
            "a[kmi_rng_bits(rng) % 3] = kmi_rng_uniform(rng);",
            "if (sample(rng, 3) > sample(rng, 4)) x = 1;",
            "f(a(rng) && b, c(rng));",
            "x = f(1,\n      a(rng)) *\n    (2 + b(rng));",
        ):
            self.assertEqual(len(faults("a.c", "void f(void)\n{\n    " + line + "\n}\n")), 1, line)

    def test_fixed_orders_are_no_faults(self):
        for line in (
            "double a = kmi_rng_uniform(rng), b = kmi_rng_uniform(rng);",
            "double a = 2 * f(1, kmi_rng_uniform(rng)), b = 2 * (1 - kmi_rng_uniform(rng));",
            "if (kmi_rng_uniform(rng) < 0.5) x = kmi_rng_uniform(rng);",
            "x = kmi_rng_uniform(rng) < 0.5 ? kmi_rng_uniform(rng) : -kmi_rng_uniform(rng);",
            "if (kmi_rng_uniform(rng) < a && kmi_rng_uniform(rng) < b) { x = kmi_rng_uniform(rng); }",
            "x = kmi_rng_uniform(rng); y = kmi_rng_uniform(rng);",
            "turn(rng, kmi_rng_uniform(rng));",
            "while (kmi_rng_uniform(rng) > f(x)) x = kmi_rng_uniform(rng);",
            "x = kmi_rng_uniform(rng); /* + kmi_rng_uniform(rng) */",
        ):
            self.assertEqual(faults("a.c", "void f(kmi_rng *rng, int n)\n{\n    " + line + "\n}\n"), [], line)


if __name__ == "__main__":
    unittest.main()
