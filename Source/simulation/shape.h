/*
 * Shapes: which keys a JSON object may have and what their values are. The reader checks a whole scene against
 * its tables (scene_shapes.c) before it makes anything of it; Documentation/scene.schema.json is made of the same.
 */
#ifndef KMI_SHAPE_H
#define KMI_SHAPE_H

#include "simulation/json.h"

typedef enum kmi_form {
    KMI_FORM_TEXT,
    KMI_FORM_WHOLE,   /* 0 .. 2^64 - 1 */
    KMI_FORM_NUMBER,
    KMI_FORM_TRUTH,
    KMI_FORM_NUMBERS, /* an array of `least` to `most` numbers */
    KMI_FORM_WHOLES,  /* the same of whole numbers */
    KMI_FORM_OBJECT,  /* of `shape` */
    KMI_FORM_LIST,    /* an array of at least `least` objects of `shape` */
    KMI_FORM_MAP,     /* an object: names chosen by the user, each with an object of `shape` */
    KMI_FORM_PARTS,   /* an object: names chosen by the user, each with a number */
    KMI_FORM_ROTATION /* 9 numbers, or an object of `shape` */
} kmi_form;

/* What each number of a value must be. */
typedef enum kmi_range { KMI_RANGE_ANY, KMI_RANGE_POSITIVE, KMI_RANGE_NOT_NEGATIVE } kmi_range;

typedef struct kmi_key {
    const char *name;
    kmi_form form;
    bool required;
    kmi_range range;
    size_t least, most;
    const struct kmi_shape *shape;
    const char *what; /* for the schema: a sentence with unit and default */
} kmi_key;

/*
 * Either keys, or variants. Which variant an object is decides the value of its key `tag`, if there is one: the
 * variant's name; else which variant's first key it has.
 */
typedef struct kmi_shape {
    const char *name;        /* in the schema */
    const char *what;        /* in texts: "a material" */
    const kmi_key *keys;
    size_t count;
    const struct kmi_shape *variants;
    size_t variant_count;
    const char *tag;
    const char *one_of[4];   /* keys that exclude one another */
    bool one_of_is_required; /* one of them must be there */
} kmi_shape;

/* Checks `value`, and all below it. */
kma_status kmi_shape_check(const kmi_json_document *document, const kmi_json *value, const kmi_shape *shape);
/* Hears how each part was found, with this thread's error text; what it returns but KMA_OK ends the check. */
typedef kma_status kmi_shape_fn(void *context, kma_status status);
/* The same part by part, a part being a key's value, and each member of maps and element of lists: what is wrong with
 * one does not hide what is wrong with the next. */
kma_status kmi_shape_check_each(const kmi_json_document *document, const kmi_json *value, const kmi_shape *shape,
                                kmi_shape_fn *fn, void *context);
/* The variant that a checked object is; the shape itself if it has none. */
const kmi_shape *kmi_shape_variant(const kmi_json *object, const kmi_shape *shape);
/* The value of a checked KMI_FORM_WHOLE. */
uint64_t kmi_shape_whole(const kmi_json *value);

/*
 * " (did you mean 'x'?)" with the name nearest to `name`, or " (known: 'x', 'y')" if none is near; "" if there are
 * none at all. Returns `out`.
 */
enum { KMI_NEAREST_SIZE = 256 };
const char *kmi_nearest(const char *name, const char *const *known, size_t count, char out[KMI_NEAREST_SIZE]);

#endif
