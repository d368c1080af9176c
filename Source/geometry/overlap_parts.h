/* What the overlap_*.c files share: solids in their mother's frame, pieces of surfaces, the search on one surface. */
#ifndef KMI_OVERLAP_PARTS_H
#define KMI_OVERLAP_PARTS_H

#include "base/pulse.h"
#include "geometry/overlap.h"

/* A solid in the mother's frame. The outline of an image is a plain box here. */
typedef struct kmi_placed {
    kmi_solid solid;
    kmi_frame frame;
    kmi_box3 bounds; /* in the mother's frame */
    bool convex;
} kmi_placed;

/* ---- overlap_apart.c ---- */

/* True only if a plane keeps them apart up to `contact`: then nothing of either is deeper in the other. */
bool kmi_placed_apart(const kmi_placed *a, const kmi_placed *b, double contact);

/* ---- overlap_surface.c: a surface in pieces ---- */

typedef enum kmi_face_kind { KMI_FACE_FLAT, KMI_FACE_MANTLE, KMI_FACE_SECTOR, KMI_FACE_SPHERE } kmi_face_kind;

/* A surface with two parameters a, b. */
typedef struct kmi_face {
    kmi_face_kind kind;
    kmi_vec3 origin, u, v; /* flat: origin + a u + b v; sphere: radius x the direction of that */
    double radius;         /* of mantle and sphere */
    double z;              /* sector: at this height; a is the azimuth and b the radius (mantle: b is z) */
    double side;           /* +1; -1 for a bore and for a lower end */
} kmi_face;

enum { KMI_FACES_MAX = 6, KMI_CORNERS_MAX = 8 };

typedef enum kmi_piece_kind { KMI_PIECE_FACE, KMI_PIECE_TRIANGLE, KMI_PIECE_NODE } kmi_piece_kind;

/* A piece of a surface: of a face, of a facet, or all facets in a box of the mesh's tree. */
typedef struct kmi_piece {
    kmi_piece_kind kind;
    uint32_t number; /* of the face or facet, or the child of the tree */
    double bound;    /* no point of it has a larger value */
    kmi_vec3 middle; /* a point of the surface, but for a node */
    double radius;   /* no point of it is farther from the middle */
    union {
        double range[4];    /* a from, a to, b from, b to */
        kmi_vec3 corner[3]; /* of a triangle */
        kmi_box3 box;       /* of a node */
    } u;
} kmi_piece;

typedef struct kmi_surface {
    const kmi_solid *solid;
    kmi_face faces[KMI_FACES_MAX];
    int face_count; /* 0: a mesh */
} kmi_surface;

typedef struct kmi_piece_list {
    kmi_piece *items;
    size_t count, room;
} kmi_piece_list;

void kmi_surface_make(kmi_surface *self, const kmi_solid *solid);
kmi_vec3 kmi_face_point(const kmi_face *self, double a, double b);
kmi_vec3 kmi_face_normal(const kmi_face *self, kmi_vec3 point); /* outward */
/* Appends the pieces that make up the whole, or the parts of one; middle and radius are set. */
kma_status kmi_surface_begin(const kmi_surface *self, kmi_piece_list *out);
kma_status kmi_surface_split(const kmi_surface *self, const kmi_piece *piece, kmi_piece_list *out);
/* Its corners; how many. The piece lies within kmi_piece_sagitta() of their hull. */
int kmi_piece_corners(const kmi_surface *self, const kmi_piece *piece, kmi_vec3 out[KMI_CORNERS_MAX]);
double kmi_piece_sagitta(const kmi_surface *self, const kmi_piece *piece);
kmi_vec3 kmi_piece_normal(const kmi_surface *self, const kmi_piece *piece); /* outward, at its middle */
/* A point of the face: its parameters; of the whole facet: a and b from -1 to 1 cover it, and more than once. */
kmi_vec3 kmi_piece_point(const kmi_surface *self, const kmi_piece *piece, double a, double b);
kma_status kmi_piece_list_append(kmi_piece_list *list, const kmi_piece *piece);
void kmi_piece_list_clear(kmi_piece_list *self);

/* ---- overlap_search.c: the largest value on a surface ---- */

typedef enum kmi_search_kind {
    KMI_SEARCH_INSIDE,  /* value: how deep a point lies inside the other */
    KMI_SEARCH_OUTSIDE, /* how far outside of the other, its mother */
    KMI_SEARCH_HOLES    /* the surface is the mother's: how deep its holes reach into the other */
} kmi_search_kind;

enum { KMI_SEARCH_BEAT = 1 << 16 }; /* work between two beats: some 2 ms */

typedef struct kmi_search {
    /* the question */
    kmi_search_kind kind;
    const kmi_placed *self, *other;
    double contact;
    size_t points;
    const kmi_pulse *pulse;
    /* the answer: a point of the mother's frame, below 0 if there is nothing in sight */
    double depth;
    kmi_vec3 point;
    /* room that is used again and again; zeroed before the first search */
    kmi_piece_list heap, parts;
    size_t work; /* since the last beat */
} kmi_search;

/* Looks at the whole surface of `self`; raises depth and point if it finds more. */
kma_status kmi_search_run(kmi_search *search);
void kmi_search_clear(kmi_search *search);

#endif
