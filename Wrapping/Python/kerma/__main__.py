"""The command kerma of a wheel: `kerma ...` and `python -m kerma ...` become the program inside the package.

`doctor` alone is done here: what it looks at is this very Python.
"""
import os
import sys


def main() -> None:
    """Runs the program with this process's arguments, in its place: signals and status are the program's own."""
    if sys.argv[1:2] == ["doctor"]:
        from ._doctor import main as doctor

        sys.exit(doctor(sys.argv[2:]))
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin", "kerma")
    if not os.path.exists(program):
        sys.exit("kerma: this installation of the Python package holds no program; it was installed by CMake, "
                 "which puts the command into the prefix's bin/")
    os.execv(program, ["kerma", *sys.argv[1:]])


if __name__ == "__main__":
    main()
