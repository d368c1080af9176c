"""Are the results of the regression scenes what they were, to the last bit?

    check.py digests|update|threads|processor|compilers|files

CMakeLists.txt sets the variables: SCORES, the program; STORED, digests.txt; LIBM_DIGEST, the program that sees which
code of libm is used; COMMAND, kerma; MAKE_DEMO, the program that draws the demo's CT, mesh and scene; SOURCE and BUILD,
the project's folders; SCRATCH, a folder of the build tree; CMAKE and CMAKE_GENERATOR.
"""

import os
import pathlib
import shutil
import subprocess
import sys

SKIPPED = 77

# One beam_on and several, of lengths that have nothing to do with how runs are divided; a run that is aborted in a
# history in its middle and then continued; each with these numbers of threads.
THREADS = [0, 1, 2, 3, 7]
WAYS = [[], ["--parts", "1,4999,7,14993"], ["--parts", "15000,5000", "--abort-at", "7777"]]

# Names of glibc's tunable glibc.cpu.hwcaps. The first set makes libm use other code for exp, log, sin ...; the second
# makes a processor of 2003 of this one.
HWCAPS = [
    "-AVX2,-FMA",
    "-AVX512F,-AVX512VL,-AVX512DQ,-AVX512BW,-AVX512CD,-AVX2,-AVX,-FMA,-FMA4,-SSE4_1,-SSE4_2,-SSSE3,-BMI1,-BMI2,-ERMS",
]

# Optimization does not change results, nor do processors that could fuse a multiplication with an addition.
FLAGS = ["-O1", "-O3", "-O3 -march=x86-64-v3"]
COMPILERS = ["gcc", "clang"]

ADVICE = """
If nobody meant to change results, this is a fault: find out which change did it.
If they had to change, then in the same commit:
  1. cmake --build {build} --target update_digests
  2. look at what 'git diff {stored}' says: only what was meant to change may have changed
  3. add to CHANGELOG.md a line that begins with **Results**: which numbers change, why, and by how much
'tables' are the cross-sections: they also change with another version of xraylib."""

HEADER = """# What the regression scenes give: 20,000 histories of seed 20. One line a scene: SHA-256 of the scene, of its
# cross-section tables, and of all exact sums. Made by the target update_digests; see README.md beside this file.
"""


def scores(arguments=(), **environment):
    """The lines that the program prints, by the scene's name."""
    run = subprocess.run([os.environ["SCORES"], *arguments], env={**os.environ, **environment}, capture_output=True,
                         text=True)
    if run.returncode != 0:
        sys.exit(f"{' '.join(run.args)} ended with status {run.returncode}: {run.stderr.strip()}")
    return {line.split()[0]: line for line in run.stdout.splitlines()}


def stored():
    with open(os.environ["STORED"]) as file:
        return {line.split()[0]: line.rstrip("\n") for line in file if not line.startswith("#")}


def differences(expected, got):
    """A text for each value of each scene that is not as expected."""
    texts = [f"{name}: no such scene" for name in expected if name not in got]
    for name, line in got.items():
        if name not in expected:
            texts.append(f"{name}: nothing is stored for it")
            continue
        old, new = expected[name].split()[1:], line.split()[1:]
        for key, a, b in zip(old[::2], old[1::2], new[1::2]):
            if a != b:
                texts.append(f"{name}: its {key} changed\n    from {a}\n    to   {b}")
    return texts


def processor_has(flag):
    with open("/proc/cpuinfo") as file:
        return flag in file.read().split()


def report(what, texts):
    print(f"{what}: " + ("the same" if not texts else "NOT THE SAME"))
    for text in texts:
        print("  " + text)
    sys.stdout.flush()
    return len(texts)


def check_digests():
    wrong = report("results against those that are stored", differences(stored(), scores()))
    if wrong:
        print(ADVICE.format(build=os.environ["BUILD"], stored=os.environ["STORED"]))
    return wrong


def update():
    lines = scores()
    with open(os.environ["STORED"], "w") as file:
        file.write(HEADER + "".join(line + "\n" for line in lines.values()))
    print(f"{os.environ['STORED']} was written: now CHANGELOG.md, see README.md beside it")
    return 0


def check_threads():
    expected = scores(["--threads", "0"])
    return sum(report(" ".join(arguments), differences(expected, scores(arguments)))
               for way in WAYS for threads in THREADS
               for arguments in [["--threads", str(threads), *way]])


def libm(**environment):
    return subprocess.run([os.environ["LIBM_DIGEST"]], env={**os.environ, **environment}, capture_output=True,
                          text=True, check=True).stdout


def check_processor():
    if not processor_has("fma"):
        print("skipped: this processor has no FMA, libm has only one way to work on it")
        return SKIPPED
    expected, usual = scores(), libm()
    wrong = 0
    for caps in HWCAPS:
        tunables = "glibc.cpu.hwcaps=" + caps
        if libm(GLIBC_TUNABLES=tunables) == usual:
            print(f"GLIBC_TUNABLES={tunables} has no effect on libm: the test shows nothing (are the names glibc's?)")
            wrong += 1
        for threads in ["0", "2"]:
            got = scores(["--threads", threads], GLIBC_TUNABLES=tunables)
            wrong += report(f"threads {threads}, GLIBC_TUNABLES={tunables}", differences(expected, got))
    return wrong


def demo():
    """The demo's scene: a CT with a mesh inside, before a detector. Drawn once, since drawing uses libm."""
    folder = pathlib.Path(os.environ["SCRATCH"], "demo")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run([os.environ["MAKE_DEMO"], folder], check=True)
    for spectrum in pathlib.Path(os.environ["SOURCE"], "Examples", "spectra").glob("*.csv"):
        shutil.copy(spectrum, folder)
    return folder / "demo.json"


def results(scene, threads, **environment):
    """What `kerma run` writes: the bytes of each file by its name, but for the one that tells times."""
    out = scene.parent / "results"
    shutil.rmtree(out, ignore_errors=True)
    run = subprocess.run([os.environ["COMMAND"], "run", scene, "--quiet", "--histories", "20000", "--threads",
                          str(threads), "--out", out], env={**os.environ, **environment}, capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"kerma run with {threads} threads, {environment} ended with status {run.returncode}: {run.stderr}")
    return {file.name: file.read_bytes() for file in out.iterdir() if file.name != "performance.json"}


def files_that_differ(expected, got):
    return [f"{name} differs" for name in sorted(expected | got) if expected.get(name) != got.get(name)]


def check_files():
    scene = demo()
    expected, wrong = results(scene, 0), 0
    endings = {name.rsplit(".")[-1] for name in expected}
    if not {"json", "mha", "png", "csv"} <= endings:
        sys.exit(f"kerma run wrote no files but {sorted(expected)}")
    for threads in THREADS[1:]:
        wrong += report(f"files, {threads} threads", files_that_differ(expected, results(scene, threads)))
    for caps in HWCAPS:
        tunables = "glibc.cpu.hwcaps=" + caps
        got = results(scene, 0, GLIBC_TUNABLES=tunables)
        wrong += report(f"files, GLIBC_TUNABLES={tunables}", files_that_differ(expected, got))
    return wrong


def quietly(log, command):
    with open(log, "a") as out:
        if subprocess.run(command, stdout=out, stderr=out).returncode == 0:
            return
    with open(log) as out:
        print("".join(out.readlines()[-30:]))
    sys.exit(f"failed: {' '.join(command)}")


def library(compiler, flags):
    """Builds the library in another way; its folder. What was built before is built again only if it changed."""
    name = compiler + flags.replace("-march=", "").replace(" ", "")
    build = os.path.join(os.environ["SCRATCH"], name)
    log = build + ".log"
    os.makedirs(os.environ["SCRATCH"], exist_ok=True)
    open(log, "w").close()
    quietly(log, [os.environ["CMAKE"], "-S", os.environ["SOURCE"], "-B", build, "-DKERMA_BUILD_TESTS=OFF",
                  "-DCMAKE_BUILD_TYPE=None", f"-DCMAKE_C_COMPILER={compiler}", f"-DCMAKE_C_FLAGS={flags} -DNDEBUG"])
    quietly(log, [os.environ["CMAKE"], "--build", build, "--target", "kerma", "--parallel", str(os.cpu_count())])
    return os.path.join(build, "lib")


def check_loads(program, folder):
    loaded = subprocess.run(["ldd", program], env={**os.environ, "LD_LIBRARY_PATH": folder}, capture_output=True,
                            text=True, check=True).stdout
    if folder not in loaded:
        sys.exit(f"{program} does not load the library in {folder}:\n{loaded}")


def check_compilers():
    missing = [compiler for compiler in COMPILERS if shutil.which(compiler) is None]
    if missing:
        print(f"skipped: no {' and no '.join(missing)} on this machine")
        return SKIPPED
    scene = demo()
    expected, files, wrong = stored(), results(scene, 2), 0
    for compiler in COMPILERS:
        for flags in FLAGS:
            if "v3" in flags and not processor_has("avx2"):
                continue
            folder = library(compiler, flags)
            check_loads(os.environ["SCORES"], folder)
            check_loads(os.environ["COMMAND"], folder)
            wrong += report(f"{compiler} {flags}", differences(expected, scores(LD_LIBRARY_PATH=folder)))
            got = results(scene, 2, LD_LIBRARY_PATH=folder)
            wrong += report(f"{compiler} {flags}, files", files_that_differ(files, got))
    return wrong


def main():
    modes = {"digests": check_digests, "update": update, "threads": check_threads, "processor": check_processor,
             "compilers": check_compilers, "files": check_files}
    if len(sys.argv) != 2 or sys.argv[1] not in modes:
        sys.exit(__doc__)
    wrong = modes[sys.argv[1]]()
    sys.exit(wrong if wrong in (0, SKIPPED) else 1)


if __name__ == "__main__":
    main()
