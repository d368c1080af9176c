#!/usr/bin/env python3
"""The main job on real input: a CT of an abdomen with a titanium implant in a vertebra, radiographed at 100 kVp.

    main_job.py DATA KERMA OUT [--histories 1e8] [--threads all]

DATA holds ct/thorax_3mm.mha and mesh/42400-IDGH.stl, KERMA is the command, OUT a directory. Prints the time, the rate, the
mean number of primary photons in a pixel behind the spine and the implant's contrast-to-noise ratio:

    CNR = |mean of the pixels in the implant's shadow - mean of a ring around it| / noise of a pixel of the ring,

of all energy in a pixel, scatter included, nothing smoothed; it must be at least 5. The noise is measured by subtraction,
as in the quality control of X-ray detectors: the job runs again with another seed, and the noise of one image is the standard
deviation of the two images' difference over the ring, by the square root of 2. What is the same in both (bones, bowel) is no
noise. The uncertainties that kerma gives for these pixels must say the same within NOISE_AGREES. The ratio with the ring's own
standard deviation, which counts the anatomy as noise, is printed beside it.

Ends with 1 if the ratio is below 5, if the two noises differ or if an energy ledger does not balance.
"""
import argparse
import json
import math
import pathlib
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SPECTRUM = HERE.parent.parent / "Examples" / "spectra" / "tungsten_100kVp.csv"

# In the CT's frame (LPS, mm): the implant's centre is in the body of a lumbar vertebra; the tube is in front.
IMPLANT = (-5, -140, 316)
MESH_CENTRE, UNIT = (128, 86.5, 223.5), 4  # of the scan, in the file's units; then about 48 x 44 x 20 mm
SOURCE_Y, DETECTOR_Y = -1060, 250
PIXELS, PIXEL = 64, 4  # mm
CNR_NEEDED = 5
NOISE_AGREES = 0.15  # the ring has 372 pixels, so a standard deviation is known to 1 / sqrt(2 x 371) = 0.037: four of them


def scene(data, histories, seed):
    half = PIXELS * PIXEL
    return {
        "kerma": 1,
        "title": "An abdomen with a titanium implant in a vertebra, 100 kVp",
        "seed": seed,
        "histories": histories,
        "cut_energy": 0.005,
        "materials": {
            "air": {"nist": "Air, Dry (near sea level)"},
            "titanium": {"formula": "Ti", "density": 4.506},
        },
        "spectra": {"tube": {"file": str(SPECTRUM)}},
        "volumes": {
            "room": {"box": {"size": [1200, 2600, 1600]}, "material": "air"},
            "patient": {"image": {"file": str(data / "ct" / "thorax_3mm.mha")}},
            "implant": {"mesh": {"file": str(data / "mesh" / "42400-IDGH.stl"), "unit": UNIT}, "material": "titanium"},
        },
        "world": "room",
        "placements": [
            {"volume": "patient", "in": "room"},
            {"volume": "implant", "in": "patient",
             "translation": [at - UNIT * centre for at, centre in zip(IMPLANT, MESH_CENTRE)]},
        ],
        "sources": [
            {"type": "point", "position": [IMPLANT[0], SOURCE_Y, IMPLANT[2]], "direction": [0, 1, 0], "spectrum": "tube",
             "field": {"size": [half, half], "distance": DETECTOR_Y - SOURCE_Y, "up": [0, 0, 1]}},
        ],
        "scorers": {
            "patient": {"voxels": "patient"},
            "implant": {"volume": "implant"},
            "xray": {"detector": {"centre": [IMPLANT[0], DETECTOR_Y, IMPLANT[2]], "u": [1, 0, 0], "v": [0, 0, 1],
                                  "pixels": [PIXELS, PIXELS], "pixel_size": [PIXEL, PIXEL]}},
        },
    }


def read_image(path):
    """The values of a MetaImage of floats, x fastest."""
    data = path.read_bytes()
    start = data.index(b"\n", data.index(b"ElementDataFile")) + 1
    header = dict(line.split(" = ", 1) for line in data[:start].decode().splitlines())
    kind = {"MET_FLOAT": "f", "MET_DOUBLE": "d"}[header["ElementType"].strip()]
    count = math.prod(int(n) for n in header["DimSize"].split())
    return struct.unpack(f"<{count}{kind}", data[start:])


def mean(values):
    return sum(values) / len(values)


def shadow_and_ring(image):
    """Pixels in the middle of the implant's shadow, and in a ring around all of it."""
    magnification = (DETECTOR_Y - SOURCE_Y) / (IMPLANT[1] - SOURCE_Y)
    a, b = 24 * magnification / PIXEL, 10 * magnification / PIXEL  # half axes of the shadow, pixels
    inside, ring = [], []
    for j in range(PIXELS):
        for i in range(PIXELS):
            x, z = i - (PIXELS - 1) / 2, j - (PIXELS - 1) / 2
            if math.hypot(x / a, z / b) < 0.6:
                inside.append(image[j * PIXELS + i])
            elif math.hypot(x, z) > 1.25 * a and math.hypot(x, z) < 1.8 * a:
                ring.append(image[j * PIXELS + i])
    return inside, ring


def spread(values):
    middle = mean(values)
    return math.sqrt(sum((value - middle) ** 2 for value in values) / (len(values) - 1))


def behind_spine(count):
    """Pixels behind the spine above and below the implant: 28 mm wide, 40 to 112 mm from its middle."""
    middle = PIXELS // 2
    rows = [j for j in range(PIXELS) if 10 <= abs(j - middle) < 28]
    return mean([count[j * PIXELS + i] for j in rows for i in range(middle - 3, middle + 4)])


def run(data, command, out, histories, threads, seed=1):
    """Runs the job below `out`; the folder of results."""
    out.mkdir(parents=True, exist_ok=True)
    file = out / f"main_job_{seed}.json"
    file.write_text(json.dumps(scene(data, histories, seed), indent=1))
    results = out / f"results_seed_{seed}_threads_{threads}"
    call = [str(command), "run", str(file), "--threads", str(threads), "--out", str(results)]
    done = subprocess.run(call, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(call)} ended with {done.returncode}")
    return results, call, done.stdout


def radiograph(results):
    """All energy in the pixels, and its uncertainty."""
    primary, scatter = (read_image(results / f"xray_{kind}_energy.mha") for kind in ("primary", "scatter"))
    sigmas = (read_image(results / f"xray_{kind}_energy_uncertainty.mha") for kind in ("primary", "scatter"))
    # A history reaches one pixel once: its primary and scattered scores are practically uncorrelated.
    return [p + s for p, s in zip(primary, scatter)], [math.hypot(p, s) for p, s in zip(*sigmas)]


def balanced(results):
    energy = json.loads((results / "summary.json").read_text())["energy_of_all_histories_mev"]
    return abs(energy["balance"]) <= energy["allowed_balance"]


def measure(results, again):
    """What the results of a run show, with those of another seed for the noise."""
    summary = json.loads((results / "summary.json").read_text())
    image, sigma = radiograph(results)
    other, _ = radiograph(again)
    inside, ring = shadow_and_ring(image)
    contrast = abs(mean(inside) - mean(ring))
    noise = spread(shadow_and_ring([a - b for a, b in zip(image, other)])[1]) / math.sqrt(2)
    said = math.sqrt(mean([u * u for u in shadow_and_ring(sigma)[1]]))
    primary_inside, primary_ring = shadow_and_ring(read_image(results / "xray_primary_energy.mha"))
    return {
        "summary": summary,
        "balanced": balanced(results) and balanced(again),
        "performance": json.loads((results / "performance.json").read_text()),
        "cnr": contrast / noise,
        "cnr_with_anatomy": contrast / spread(ring),
        "noise_by_uncertainty": noise / said,
        "shadow": mean(primary_inside) / mean(primary_ring),
        "spine": behind_spine(read_image(results / "xray_primary_count.mha")) * summary["histories"],
    }


def faults(found):
    """What is wrong with what was measured, but for the ratio."""
    if not found["balanced"]:
        return "the energy ledger does not balance"
    if abs(found["noise_by_uncertainty"] - 1) > NOISE_AGREES:
        return f"the noise by subtraction is {found['noise_by_uncertainty']:.3f} of what the uncertainties say"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("command", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--histories", type=float, default=1e8)
    parser.add_argument("--threads", default="all")
    options = parser.parse_args()
    data, histories = options.data.resolve(), int(options.histories)
    results, call, table = run(data, options.command, options.out, histories, options.threads)
    again, _, _ = run(data, options.command, options.out, histories, options.threads, seed=2)
    found = measure(results, again)
    print(table)
    print("command:", " ".join(call))
    print(f"{found['summary']['histories']:.4g} histories in {found['performance']['wall_s']:.1f} s: "
          f"{found['performance']['histories_per_s']:.3g} a second")
    print(f"primary photons in a pixel behind the spine: {found['spine']:.1f}")
    print(f"contrast-to-noise ratio of the implant: {found['cnr']:.2f} ({found['cnr_with_anatomy']:.2f} with the anatomy as "
          f"noise); the noise by subtraction is {found['noise_by_uncertainty']:.3f} of the uncertainties'")
    if faults(found):
        sys.exit(faults(found))
    if found["cnr"] < CNR_NEEDED:
        sys.exit(f"the contrast-to-noise ratio is below {CNR_NEEDED}")


if __name__ == "__main__":
    main()
