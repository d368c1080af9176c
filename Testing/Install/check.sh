#!/bin/sh
# One check of the installed tree: see CMakeLists.txt, which sets the variables.
set -eu
prefix=$SCRATCH/moved
unset LD_LIBRARY_PATH CMAKE_PREFIX_PATH CFLAGS CXXFLAGS LDFLAGS 2>/dev/null || true

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# What the programs print is the library's version, and nothing else.
says_its_version() {
    said=$("$@") || fail "$1 ended with status $?"
    [ "$said" = "kerma $VERSION" ] || fail "$1 said '$said', expected 'kerma $VERSION'"
}

# header_alone LANGUAGE FILE: compiles a program of one line that includes it.
header_alone() {
    case $1 in
    c) echo "#include <$2>" | $CC -x c -std=c11 -pedantic -Wall -Wextra -Werror "-I$prefix/include" -fsyntax-only - ;;
    cpp) echo "#include <$2>" | $CXX -x c++ -std=c++17 -pedantic -Wall -Wextra -Werror "-I$prefix/include" -fsyntax-only - ;;
    esac
}

case $1 in
tree)
    rm -rf "$SCRATCH"
    "$CMAKE" --install "$BUILD" --prefix "$SCRATCH/first" >/dev/null
    mv "$SCRATCH/first" "$prefix"
    for file in include/kerma/base.h "$LIBDIR/libkerma.so" "$LIBDIR/pkgconfig/kerma.pc" \
        "$LIBDIR/cmake/kerma/kermaConfig.cmake" "$LIBDIR/cmake/kerma/kermaConfigVersion.cmake"; do
        [ -e "$prefix/$file" ] || fail "$file was not installed"
    done
    for header in "$SOURCE"/Include/kerma/*.h; do
        cmp "$header" "$prefix/include/kerma/${header##*/}"
    done
    ;;

by_cmake)
    build=$SCRATCH/$1-$2
    {
        "$CMAKE" -S "$SOURCE/Testing/Install/$2" -B "$build" -DCMAKE_PREFIX_PATH="$prefix" &&
            "$CMAKE" --build "$build"
    } >"$build.log" 2>&1 || fail "$(cat "$build.log")"
    says_its_version "$build/hello"
    ;;

by_pkgconfig)
    # Nothing but kerma.pc can be found: what kerma needs itself does not leak out.
    export PKG_CONFIG_LIBDIR="$prefix/$LIBDIR/pkgconfig"
    [ "$($PKG_CONFIG --modversion kerma)" = "$VERSION" ] || fail "kerma.pc has another version"
    case $2 in
    c) compiler="$CC -std=c11" ;;
    cpp) compiler="$CXX -std=c++17" ;;
    esac
    program=$SCRATCH/$1-$2
    $compiler -Wall -Wextra -Werror "$SOURCE/Testing/Install/$2/hello.$2" \
        $($PKG_CONFIG --cflags --libs kerma) -o "$program"
    says_its_version env LD_LIBRARY_PATH="$prefix/$LIBDIR" "$program"
    ;;

headers)
    for header in "$prefix"/include/kerma/*.h; do
        header_alone "$2" "kerma/${header##*/}" || fail "${header##*/} does not compile alone"
    done
    # The check sees a header that leaves an include to its reader.
    mkdir -p "$prefix/include/kerma_test"
    echo 'size_t kma_needs_stddef(void);' >"$prefix/include/kerma_test/incomplete.h"
    ! header_alone "$2" kerma_test/incomplete.h 2>/dev/null || fail "an incomplete header compiled"
    ;;

other_version)
    for version in 99 0.0.1; do
        ! "$CMAKE" -S "$SOURCE/Testing/Install/c" -B "$SCRATCH/$1" -DCMAKE_PREFIX_PATH="$prefix" \
            -DKERMA_WANTED=$version >"$SCRATCH/$1.log" 2>&1 || fail "find_package(kerma $version) accepted $VERSION"
        grep -q "version: $VERSION" "$SCRATCH/$1.log" || fail "it failed for another reason: $(cat "$SCRATCH/$1.log")"
    done
    ;;

no_paths)
    # Where it was built, and where it was installed first, is no business of the tree.
    # The debugger's notes may name the sources: they are looked past.
    rm -rf "$SCRATCH/$1"
    cp -R "$prefix" "$SCRATCH/$1"
    strip --strip-debug "$SCRATCH/$1/$LIBDIR/libkerma.so"
    for path in "$SOURCE/" "$BUILD" "$SCRATCH"; do
        ! grep -rlF -e "$path" "$SCRATCH/$1" || fail "these files hold the path $path"
    done
    ;;

other_libdir)
    # Without any other option the project configures, and the library's folder is honoured.
    "$CMAKE" -S "$SOURCE" -B "$SCRATCH/$1" -DCMAKE_INSTALL_LIBDIR=lib/other >/dev/null
    grep -qx 'libdir=${prefix}/lib/other' "$SCRATCH/$1/cmake/kerma.pc" || fail "kerma.pc names another folder"
    grep -qx 'prefix=${pcfiledir}/../../..' "$SCRATCH/$1/cmake/kerma.pc" || fail "kerma.pc does not find its prefix"
    ;;

command)
    says_its_version "$prefix/bin/kerma" --version
    ;;

python)
    # The package of the moved tree works, with that tree's library.
    cd "$SCRATCH"
    env -u PYTHONHOME PYTHONPATH="$prefix/$PYTHON_DIR:$SOURCE/Testing/Python" PYTHONDONTWRITEBYTECODE=1 \
        "$PYTHON" - "$prefix" "$VERSION" <<'EOF'
import sys

import kerma
import scenes

prefix, version = sys.argv[1:]
assert kerma.__file__.startswith(prefix + "/"), kerma.__file__
assert kerma.__version__ == version, kerma.__version__
with scenes.box(2) as sim:
    assert sim.run(1000).histories == 1000
with open("/proc/self/maps") as maps:
    loaded = {line.split()[-1] for line in maps if "libkerma" in line or "_kerma_c" in line}
assert len(loaded) == 2 and all(path.startswith(prefix + "/") for path in loaded), loaded
EOF
    # Another libkerma that comes first is refused by name.
    echo 'const char *kma_version(void) { return "99.1"; }' | $CC -shared -fPIC -x c - -o "$SCRATCH/libother.so"
    ! said=$(env PYTHONPATH="$prefix/$PYTHON_DIR" LD_PRELOAD="$SCRATCH/libother.so" "$PYTHON" -c 'import kerma' 2>&1) ||
        fail "another libkerma was accepted"
    case $said in
    *"ImportError: the package was built for libkerma $VERSION, but $SCRATCH/libother.so, which is 99.1, was found first"*) ;;
    *) fail "another libkerma was refused with: $said" ;;
    esac
    ;;

*) fail "no check is called $1" ;;
esac
