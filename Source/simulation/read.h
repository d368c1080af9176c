/* What the readers of a scene file's parts share. The file was checked by its tables: types and keys are right. */
#ifndef KMI_READ_H
#define KMI_READ_H

#include "kerma/kerma.h"
#include "simulation/json.h"
#include "simulation/names.h"
#include "simulation/simulation.h"

/* A reading that goes on behind faults: each is told, what has it and what needs that is left away. */
typedef struct kmi_read_check {
    kma_fault_fn *fn;
    void *context;
    size_t faults;
    bool implied; /* the failure at hand follows from a fault that was told */
} kmi_read_check;

typedef struct kmi_reader {
    const kmi_json_document *document;
    kmi_simulation *simulation;
    kmi_names *names;
    char *folder; /* of the file, with its final slash; empty: the current one */
    kmi_read_check *check; /* NULL: the first fault ends the reading */
} kmi_reader;

/* ---- values ---- */
double kmi_read_number(const kmi_json *object, const char *key, double otherwise);
/* At most n numbers of an array; *out stays as it is if there is no such key. */
void kmi_read_numbers(const kmi_json *object, const char *key, double *out, size_t n);
void kmi_read_wholes(const kmi_json *object, const char *key, size_t *out, size_t n);
/* All numbers of an array, allocated. */
kma_status kmi_read_all_numbers(const kmi_reader *self, const kmi_json *array, double **out);
/* The path of a file that is named relative to the scene's folder. */
kma_status kmi_read_path(const kmi_reader *self, const kmi_json *text, char **out);

/* ---- names ---- */
/* The simulation owns the reference from now on, also if this fails. */
kma_status kmi_read_keep(const kmi_reader *self, const kmi_json *member, kma_kind kind, uint64_t bits);
/* The same of what has no name in the file, such as a volume's solid; *bits becomes 0. */
kma_status kmi_read_keep_part(const kmi_reader *self, kma_kind kind, uint64_t *bits);
/* The same of what was made with this status; a fault that is forgiven leaves a name behind that is known as faulty. */
kma_status kmi_read_made(const kmi_reader *self, const kmi_json *member, kma_kind kind, uint64_t bits,
                         kma_status status);
/* KMA_OK if the reading may go on: the fault was told. */
kma_status kmi_read_forgive(const kmi_reader *self, kma_status status);
typedef kma_status kmi_read_fn(const kmi_reader *self, const kmi_json *member);
/* Reads each member of an object, or element of an array; `all` may be NULL. The fault of one is forgiven. */
kma_status kmi_read_each(const kmi_reader *self, const kmi_json *all, kmi_read_fn *fn);
/* What the text names; the name of another kind or an unknown one is an error there. */
kma_status kmi_read_find(const kmi_reader *self, const kmi_json *text, kma_kind kind, uint64_t *bits_out);

/* ---- faults ---- */
/*
 * Puts the place of the value at fault before the text of a failed call: of the key of `object` that the text speaks
 * of first (or of its name in the API, such as field_width for size), of its element if the text goes on with
 * "[index]", " in y" or " along y"; of the object itself if it speaks of none.
 */
kma_status kmi_read_blame(const kmi_reader *self, const kmi_json *object, kma_status status);
/* Whether the text of the last failed call speaks of a key of this object. */
bool kmi_read_speaks_of(const kmi_json *object);

/* ---- parts, in the order they are read ---- */
kma_status kmi_read_materials(const kmi_reader *self, const kmi_json *map);
kma_status kmi_read_spectra(const kmi_reader *self, const kmi_json *map);
kma_status kmi_read_volumes(const kmi_reader *self, const kmi_json *map);
kma_status kmi_read_placements(const kmi_reader *self, const kmi_json *list);
kma_status kmi_read_sources(const kmi_reader *self, const kmi_json *list);
kma_status kmi_read_scorers(const kmi_reader *self, const kmi_json *map);

#endif
