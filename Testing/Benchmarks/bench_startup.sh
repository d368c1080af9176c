#!/bin/sh
# From the start of the process to the first history: what `kerma run` says of itself, the best and the worst of ten.
#     bench_startup.sh KERMA SCENE.json
set -eu
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for i in 1 2 3 4 5 6 7 8 9 10; do
    "$1" run "$2" --histories 1000 --quiet --out "$out/r"
    sed -n 's/.*"startup_s": \([0-9.]*\).*/\1/p' "$out/r/performance.json"
done | sort -n | sed -n '1s/$/ s at best/p;$s/$/ s at worst/p'
