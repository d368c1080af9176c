#!/usr/bin/env python3
"""The main job, small: the implant lies in tissue and bone, the same bytes for 0 and 2 threads, the ledger balances, the
implant casts its shadow, the noise of the radiograph is what its uncertainties say.

    test_main_job.py DATA KERMA OUT         ends with 77 (skipped) where DATA is absent (KERMA_SHARED_DATA: elsewhere)
"""
import array
import os
import pathlib
import struct
import sys
import zlib

import main_job

HISTORIES = 2000000


def read_ct(path):
    """CT number at a point, mm: the nearest voxel's, by the file's own origin, direction and spacing."""
    data = path.read_bytes()
    start = data.index(b"\n", data.index(b"ElementDataFile")) + 1
    header = dict(line.split(" = ", 1) for line in data[:start].decode().splitlines())
    numbers = {key: [float(word) for word in header[key].split()] for key in
               ("Offset", "TransformMatrix", "ElementSpacing", "DimSize")}
    axes = numbers["TransformMatrix"]
    assert header["ElementType"] == "MET_SHORT" and header["CompressedData"] == "True", header
    voxels = array.array("h", zlib.decompress(data[start:]))
    count = [int(n) for n in numbers["DimSize"]]

    def ct_number(point):
        from_origin = [p - o for p, o in zip(point, numbers["Offset"])]
        i, j, k = (round(sum(axes[3 * c + r] * from_origin[r] for r in range(3)) / numbers["ElementSpacing"][c])
                   for c in range(3))
        assert 0 <= i < count[0] and 0 <= j < count[1] and 0 <= k < count[2], f"{point} is outside of the CT"
        return voxels[(k * count[1] + j) * count[0] + i]
    return ct_number


def implant_corners(path):
    """The corners of the mesh where the scene puts them, mm."""
    data = path.read_bytes()
    (facets,) = struct.unpack_from("<I", data, 80)
    for facet in range(facets):
        corners = struct.unpack_from("<9f", data, 84 + 50 * facet + 12)
        for c in range(0, 9, 3):
            yield [main_job.IMPLANT[r] + main_job.UNIT * (corners[c + r] - main_job.MESH_CENTRE[r]) for r in range(3)]


def main():
    data, command, out = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    data = pathlib.Path(os.environ.get("KERMA_SHARED_DATA", data))
    if not (data / "ct" / "thorax_3mm.mha").exists() or not (data / "mesh" / "42400-IDGH.stl").exists():
        print(f"skipped: no real data at {data} (set KERMA_SHARED_DATA)")
        return 77
    ct_number = read_ct(data / "ct" / "thorax_3mm.mha")
    around = [ct_number(corner) for corner in implant_corners(data / "mesh" / "42400-IDGH.stl")]
    # Fat is at -100, bone above 150: no air, and a good part in the vertebra.
    assert min(around) > -150, min(around)
    assert sum(number > 100 for number in around) > 0.3 * len(around), sum(number > 100 for number in around)
    serial, _, _ = main_job.run(data, command, out, HISTORIES, 0)
    threaded, _, _ = main_job.run(data, command, out, HISTORIES, 2)
    names = sorted(path.name for path in serial.iterdir() if path.name != "performance.json")
    assert names == sorted(path.name for path in threaded.iterdir() if path.name != "performance.json"), names
    for name in names:
        assert (serial / name).read_bytes() == (threaded / name).read_bytes(), f"{name} differs between 0 and 2 threads"
    again, _, _ = main_job.run(data, command, out, HISTORIES, 2, seed=2)
    found = main_job.measure(serial, again)
    assert main_job.faults(found) is None, main_job.faults(found)
    # 1e8 histories give 0.079; of about 7 photons in the shadow here the standard deviation is 0.03: five of them.
    assert found["shadow"] < 0.23, found["shadow"]
    assert found["spine"] > 0.5, found["spine"]
    numbers = found["summary"]["ct_numbers"]
    assert numbers["voxels"] == 1380064 and numbers["below_table"] > 0 and numbers["above_table"] > 0, numbers
    print(f"{len(names)} files alike; shadow {found['shadow']:.3f}, {found['spine']:.2f} primaries behind the spine; "
          f"noise {found['noise_by_uncertainty']:.3f} of the uncertainties'")
    return 0


if __name__ == "__main__":
    sys.exit(main())
