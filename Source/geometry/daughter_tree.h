/*
 * A tree of boxes over the daughters of a volume that has many: in the mother's
 * frame, so that all instances of the mother share it. It only says which
 * daughters need not be looked at; what a flight meets is decided by the same
 * arithmetic with and without it.
 */
#ifndef KMI_DAUGHTER_TREE_H
#define KMI_DAUGHTER_TREE_H

#include "geometry/volume.h"

enum {
    KMI_DAUGHTERS_FEW = 16,      /* up to here all are looked at, one after the other */
    KMI_DAUGHTER_TREE_STACK = 80 /* levels are at most 40 by area and 24 by halving */
};

typedef struct kmi_daughter_node {
    kmi_box3 bounds;
    int32_t first, count; /* of a leaf: in `order`; count 0: an inner node, whose left child comes next */
    int32_t right;
} kmi_daughter_node;

typedef struct kmi_daughter_tree {
    kmi_daughter_node *nodes; /* node 0 is the root */
    int32_t *order;           /* [placement_count] */
} kmi_daughter_tree;

/* Boxes are wider than the daughters by `margin`. The placements are not kept. */
kma_status kmi_daughter_tree_new(const kmi_volume *mother, double margin, kmi_daughter_tree **out);
void kmi_daughter_tree_destroy(kmi_daughter_tree *self); /* NULL is fine */

#endif
