#!/bin/sh
# The demo: makes its own input in the build tree and runs it.
#     sh Examples/demo/run.sh BUILD
set -eu
build=$1
demo=$build/demo
mkdir -p "$demo"
echo "making a CT of a torso and a bone screw in $demo"
"$build/bin/kerma_make_demo" "$demo"
cp Examples/spectra/tungsten_120kVp.csv "$demo/"
"$build/bin/kerma" run "$demo/demo.json" --out "$demo/results"
echo
echo "pictures to look at:"
for picture in "$demo"/results/*.png; do echo "  $picture"; done
