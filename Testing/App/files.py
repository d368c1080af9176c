"""Meshes and images that tests write, byte by byte."""
import struct

# Corners of the unit cube, and two triangles for each of its faces, counter-clockwise seen from outside.
CORNERS = [(x, y, z) for z in (0, 1) for y in (0, 1) for x in (0, 1)]
FACETS = [(0, 2, 3), (0, 3, 1), (4, 5, 7), (4, 7, 6), (0, 1, 5), (0, 5, 4),
          (2, 6, 7), (2, 7, 3), (0, 4, 6), (0, 6, 2), (1, 3, 7), (1, 7, 5)]


def box(size, at=(0, 0, 0)):
    """Triangles of a box, each three points."""
    return [[tuple(at[i] + size[i] * CORNERS[c][i] for i in range(3)) for c in facet] for facet in FACETS]


def binary_stl(triangles):
    data = b"made by a test".ljust(80) + struct.pack("<I", len(triangles))
    for triangle in triangles:
        data += struct.pack("<12fH", 0, 0, 0, *(x for point in triangle for x in point), 0)
    return data


def text_stl(triangles):
    text = "solid box\n"
    for triangle in triangles:
        text += "facet normal 0 0 0\nouter loop\n"
        text += "".join("vertex {} {} {}\n".format(*point) for point in triangle)
        text += "endloop\nendfacet\n"
    return text + "endsolid box\n"


def metaimage(values, count, spacing=(1, 1, 1), origin=(0, 0, 0), matrix=(1, 0, 0, 0, 1, 0, 0, 0, 1), code="h", type_="MET_SHORT"):
    def words(numbers):
        return " ".join(str(n) for n in numbers)
    header = (f"ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
              f"TransformMatrix = {words(matrix)}\nOffset = {words(origin)}\nElementSpacing = {words(spacing)}\n"
              f"DimSize = {words(count)}\nElementType = {type_}\nElementDataFile = LOCAL\n")
    return header.encode() + struct.pack(f"<{len(values)}{code}", *values)
