/*
 * JSON (RFC 8259), read strictly into a tree in which every value knows its place in the text. jsmn cuts the text
 * into tokens; json.c checks what stands between and inside them. Beyond the standard it refuses a key that an
 * object has twice, \u0000 in texts, and numbers that no double can hold; a byte order mark is skipped.
 */
#ifndef KMI_JSON_H
#define KMI_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    KMI_JSON_SIZE_MAX = 16 << 20,  /* bytes of a text */
    KMI_JSON_VALUES_MAX = 1 << 20, /* keys and values of a text: bounds the memory for it */
    KMI_JSON_DEPTH_MAX = 64
};

typedef enum kmi_json_type {
    KMI_JSON_NULL, KMI_JSON_BOOLEAN, KMI_JSON_NUMBER, KMI_JSON_TEXT, KMI_JSON_ARRAY, KMI_JSON_OBJECT
} kmi_json_type;

typedef struct kmi_json {
    kmi_json_type type;
    bool truth;             /* of a boolean */
    double number;
    const char *text;       /* of a text: decoded, with a final 0. Of a number: as it was written, without */
    size_t length;          /* of `text` */
    size_t offset;          /* bytes before it in the text */
    const char *key;        /* of a member of an object; else NULL */
    size_t key_offset;
    size_t count;           /* elements or members */
    struct kmi_json *first; /* of them, in the text's order */
    struct kmi_json *next;  /* sibling */
} kmi_json;

typedef struct kmi_json_document {
    char *name;  /* of the file, for error texts */
    char *bytes; /* [size] and a zero */
    size_t size;
    kmi_json *values;
    char *texts; /* all decoded texts */
    const kmi_json *root;
} kmi_json_document;

/* KMA_ERR_FORMAT: "name:line:column: ..." */
kma_status kmi_json_read(const char *path, kmi_json_document **out);
/* The same of text[size], copied; `name` is for error texts. */
kma_status kmi_json_parse(const char *name, const char *text, size_t size, kmi_json_document **out);
void kmi_json_destroy(kmi_json_document *self); /* NULL is fine */

/* The member of this name, or NULL. */
const kmi_json *kmi_json_member(const kmi_json *object, const char *key);
/* Line and column (in characters), both from 1. */
void kmi_json_place(const kmi_json_document *self, size_t offset, size_t *line_out, size_t *column_out);
/* KMA_ERR_FORMAT with the place before the text. */
kma_status kmi_json_fail(const kmi_json_document *self, size_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Puts the place before this thread's error text, if `status` is an error. Returns `status`. */
kma_status kmi_json_blame(const kmi_json_document *self, size_t offset, kma_status status);
/* "a number", "an object" ... */
const char *kmi_json_type_name(kmi_json_type type);

#endif
