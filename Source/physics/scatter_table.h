/*
 * What the angular distributions of a material need: the incoherent scattering
 * function S and the squared form factor F^2, as functions of q = x^2,
 * x = sin(theta/2)/wavelength in 1/Angstrom.
 *
 * Both are tabulated on nodes that follow from the bits of q (its exponent and
 * leading mantissa bits), so that finding a cell takes a shift, and within a
 * cell the remaining mantissa bits are the fraction: no logarithm, no division.
 */
#ifndef KMI_SCATTER_TABLE_H
#define KMI_SCATTER_TABLE_H

#include <stdint.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "physics/material.h"

/* CODATA 2018. */
#define KMI_HC 12.398419843320e-3   /* MeV Angstrom */
#define KMI_ELECTRON_MASS 0.51099895 /* MeV */

enum {
    KMI_Q_OCTAVE_FIRST = -14, /* first node 2^-14: below, S and F^2 are linear in q to 1e-4 */
    KMI_Q_OCTAVE_END = 13,    /* last node 2^13 > (0.8 MeV / hc)^2 = 4163 */
    KMI_Q_OCTAVES = KMI_Q_OCTAVE_END - KMI_Q_OCTAVE_FIRST,
    KMI_S_BITS = 5, /* 32 cells an octave */
    KMI_F_BITS = 6, /* 64 */
    KMI_S_NODES = (KMI_Q_OCTAVES << KMI_S_BITS) + 1,
    KMI_F_NODES = (KMI_Q_OCTAVES << KMI_F_BITS) + 1,
    KMI_F_GUIDES = 2048
};

struct kmi_scatter_table {
    /* S / (electrons of the material), 0 at q = 0, never falling, at most 1. */
    float s[KMI_S_NODES];
    /* F^2 relative to its value at q = 0. Node 0 is q = 0, node i+1 is 2^-14 times 1 + ... */
    float f2[KMI_F_NODES + 1];
    double area[KMI_F_NODES + 1];  /* integral of F^2 dq from 0 to the node */
    uint16_t guide[KMI_F_GUIDES + 1]; /* last node with area <= i / KMI_F_GUIDES of the whole */
    double guide_scale;            /* KMI_F_GUIDES / whole area */
};

kma_status kmi_scatter_table_new(const kmi_material *material, struct kmi_scatter_table **out);
void kmi_scatter_table_destroy(struct kmi_scatter_table *self);
void kmi_scatter_table_digest(const struct kmi_scatter_table *self, kmi_digest *digest);

/* q of node i of a grid with 2^bits cells an octave. */
double kmi_q_node(unsigned bits, size_t i);

/* The cell of q >= 2^-14 and the fraction in it. */
static inline size_t kmi_q_cell(unsigned bits, double q, double *fraction_out)
{
    const uint64_t first = (uint64_t)(1023 + KMI_Q_OCTAVE_FIRST) << bits;
    uint64_t b;

    memcpy(&b, &q, sizeof b);
    *fraction_out = (double)(b & ((UINT64_C(1) << (52 - bits)) - 1)) / (double)(UINT64_C(1) << (52 - bits));
    return (size_t)((b >> (52 - bits)) - first);
}

static inline double kmi_scatter_s(const struct kmi_scatter_table *self, double q)
{
    double fraction;
    size_t i;

    if (q < 0x1p-14) return self->s[0] * (q * 0x1p14);
    i = kmi_q_cell(KMI_S_BITS, q, &fraction);
    return self->s[i] + ((double)self->s[i + 1] - self->s[i]) * fraction;
}

#endif
