/* Writing JSON, two blanks a level, one member a line; atomic as of base/file.h. */
#ifndef KMI_JSON_WRITE_H
#define KMI_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/file.h"

typedef struct kmi_json_writer kmi_json_writer;

kma_status kmi_json_open(const char *path, kmi_json_writer **out);
/* A failure is kept until kmi_json_commit(). `key` is NULL in arrays. Texts are UTF-8; what is not becomes U+FFFD. */
void kmi_json_begin(kmi_json_writer *self, const char *key, char bracket); /* '{' or '[' */
void kmi_json_end(kmi_json_writer *self);
void kmi_json_put_text(kmi_json_writer *self, const char *key, const char *text);
void kmi_json_put_truth(kmi_json_writer *self, const char *key, bool value);
void kmi_json_put_number(kmi_json_writer *self, const char *key, double value); /* shortest; null if not finite */
void kmi_json_put_count(kmi_json_writer *self, const char *key, uint64_t value);
void kmi_json_put_numbers(kmi_json_writer *self, const char *key, const double *values, size_t n); /* in one line */
void kmi_json_put_counts(kmi_json_writer *self, const char *key, const size_t *values, size_t n);  /* in one line */
kma_status kmi_json_commit(kmi_json_writer **self); /* sets *self to NULL */
kma_status kmi_json_set_aside(kmi_json_writer **self, kmi_file_batch *batch); /* instead of the commit */
/* Keys and values so far, as readers count them, and bytes. */
void kmi_json_written(const kmi_json_writer *self, uint64_t *values_out, uint64_t *bytes_out);
void kmi_json_discard(kmi_json_writer *self);       /* NULL is fine */

#endif
