#!/usr/bin/env python3
"""Writes Source/base/elementary_tables.c: the tables and polynomials of kerma's elementary functions.

Usage: python3 cmake/generate_elementary_tables.py > Source/base/elementary_tables.c
Needs mpmath. The output is checked in, so that building kerma needs neither; run this again only to change a table.
elementary_parts.h says how each table is used.
"""
from mpmath import mp, mpf

mp.prec = 400
LOG_START = 0x3FE6000000000000  # bits of 0.6875: significands are taken in [0.6875, 1.375)


def nearest(x, bits=53):
    """x rounded to so many significant bits."""
    if x == 0:
        return mpf(0)
    with mp.workprec(bits):
        return +x


def grid(x, step):
    """x rounded to a multiple of step, a power of two."""
    return mp.nint(x / step) * step


def hexadecimal(x):
    return float(x).hex() if x != 0 else "0.0"


def significand(bits):
    """The double with these bits, as a number; bits are of [0.5, 2)."""
    exponent = (bits >> 52) - 1023
    return mpf((bits & ((1 << 52) - 1)) | (1 << 52)) * mpf(2) ** (exponent - 52)


def table(kind, name, comment, rows):
    print(f"\n/* {comment} */")
    print(f"const {kind} {name}[{len(rows)}] = {{")
    for row in rows:
        text = ", ".join(hexadecimal(v) for v in row)
        print(f"    {{{text}}}," if len(row) > 1 else f"    {text},")
    print("};")


def numbers(name, comment, values):
    table("double", name, comment, [(v,) for v in values])


def near_minimax(function, low, high, count):
    """`count` coefficients of the polynomial through the Chebyshev nodes of [low, high]: within a
    few percent of the best one for such smooth functions. Lowest order first."""
    nodes = [(low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * count)) for i in range(count)]
    matrix = mp.matrix(count, count)
    right = mp.matrix(count, 1)
    for i, x in enumerate(nodes):
        right[i] = function(x)
        for k in range(count):
            matrix[i, k] = x**k
    return list(mp.lu_solve(matrix, right))


def logarithm():
    rows = []
    for i in range(128):
        centre = significand(LOG_START + (i << 45))
        inverse = grid(1 / centre, mpf(2) ** -20)
        logarithm = -mp.log(inverse)
        high = grid(logarithm, mpf(2) ** -42)
        rows.append((inverse, high, nearest(logarithm - high)))
    table("kmi_log_entry", "kmi_log_table", "1/c to 20 bits after the point; -log of it, high part a multiple of 2^-42", rows)

    def tail(r):  # (log(1+r) - r + r^2/2) / r^3
        return mp.nsum(lambda k: (-1) ** int(k) * r ** int(k) / (k + 3), [0, 60])

    largest = mpf(2) ** -8 * (1 + mpf(2) ** -10)
    numbers("kmi_log_tail", "(log(1+r) - r + r^2/2) / r^3 for |r| <= 2^-8", near_minimax(tail, -largest, largest, 5))
    numbers("kmi_log_long_tail", "the same to 2^-66 of the logarithm", near_minimax(tail, -largest, largest, 7))
    high = grid(mp.log(2), mpf(2) ** -42)
    numbers("kmi_log_2", "log(2): high part a multiple of 2^-42", [high, mp.log(2) - high])


def exponential():
    rows = []
    for i in range(128):
        value = mpf(2) ** (mpf(i) / 128)
        rows.append((nearest(value), nearest((value - nearest(value)) / nearest(value))))
    table("kmi_exp_entry", "kmi_exp_table", "2^(i/128), and what its rounding lost, relative", rows)
    largest = mp.log(2) / 256 * (1 + mpf(2) ** -20)

    def tail(r):  # (exp(r) - 1 - r - r^2/2) / r^3
        return mp.nsum(lambda k: r ** int(k) / mp.factorial(int(k) + 3), [0, 40])

    numbers("kmi_exp_tail", "(exp(r) - 1 - r - r^2/2) / r^3 for |r| <= log(2)/256", near_minimax(tail, -largest, largest, 3))
    step = mp.log(2) / 128
    high = grid(step, mpf(2) ** -42)
    numbers("kmi_exp_step", "128/log(2); log(2)/128, high part of 35 bits", [1 / step, high, step - high])


def circle():
    rows = []
    for j in range(64):
        if j % 16 == 0:  # exact, not 400 bits of nearly nothing
            sine = mpf([0, 1, 0, -1][j // 16])
            cosine = mpf([1, 0, -1, 0][j // 16])
        else:
            sine = mp.sin(2 * mp.pi * j / 64)
            cosine = mp.cos(2 * mp.pi * j / 64)
        row = []
        for v in (sine, cosine):
            row += [nearest(v), nearest(v - nearest(v))]
        for v in (2 * mp.pi * sine, 2 * mp.pi * cosine):
            row += [nearest(v, 26), nearest(v - nearest(v, 26))]
        rows.append(row)
    table("kmi_circle_entry", "kmi_circle_table",
          "j/64 of a turn: sine and cosine in two doubles; 2 pi times them, high parts of 26 bits", rows)
    largest = (mp.pi / 64 * (1 + mpf(2) ** -20)) ** 2

    def sine_tail(z):  # (sin(t) - t) / t^3, z = t^2
        return mp.nsum(lambda k: (-1) ** (int(k) + 1) * z ** int(k) / mp.factorial(2 * int(k) + 3), [0, 40])

    def cosine_tail(z):  # (cos(t) - 1) / t^2
        return mp.nsum(lambda k: (-1) ** (int(k) + 1) * z ** int(k) / mp.factorial(2 * int(k) + 2), [0, 40])

    sine = near_minimax(sine_tail, 0, largest, 3)
    cosine = near_minimax(cosine_tail, 0, largest, 4)
    turn = 2 * mp.pi
    numbers("kmi_sin_tail", "(sin(t) - t) / t^3 in t^2 for |t| <= pi/64", sine)
    numbers("kmi_cos_tail", "(cos(t) - 1) / t^2 in t^2", cosine)
    numbers("kmi_sin_turn_tail", "the same of 2 pi d: (sin(2 pi d) - 2 pi d) / d^3 in d^2",
            [c * turn ** (2 * k + 3) for k, c in enumerate(sine)])
    numbers("kmi_cos_turn_tail", "(cos(2 pi d) - 1) / d^2 in d^2", [c * turn ** (2 * k + 2) for k, c in enumerate(cosine)])
    parts = [32 / mp.pi]
    rest = mp.pi / 32
    for i in range(3):
        part = grid(rest, mpf(2) ** (-36 - 33 * i))
        parts.append(part)
        rest -= part
    parts.append(rest)
    numbers("kmi_circle_step", "32/pi; pi/32 in three parts of 33 bits and a rest", parts)


def arctangent():
    rows = []
    for j in range(65):
        value = mp.atan(mpf(j) / 64)
        rows.append((nearest(value), nearest(value - nearest(value))))
    table("kmi_atan_entry", "kmi_atan_table", "atan(j/64) in two doubles", rows)
    largest = (mpf(2) ** -7 * (1 + mpf(2) ** -20)) ** 2

    def tail(z):  # (atan(t) - t) / t^3, z = t^2
        return mp.nsum(lambda k: (-1) ** (int(k) + 1) * z ** int(k) / (2 * int(k) + 3), [0, 60])

    numbers("kmi_atan_tail", "(atan(t) - t) / t^3 in t^2 for |t| <= 1/128", near_minimax(tail, 0, largest, 3))
    half = mp.pi / 2
    numbers("kmi_half_pi", "pi/2 in two doubles", [nearest(half), half - nearest(half)])


print("/* Made by cmake/generate_elementary_tables.py: change that, not this. */")
print('#include "base/elementary_parts.h"')
logarithm()
exponential()
circle()
arctangent()
