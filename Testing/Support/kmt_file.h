/* Small files of tests. A name is one in the scratch directory, unless it is an absolute path. */
#ifndef KMT_FILE_H
#define KMT_FILE_H

#include "kmt.h"

/* scratch/name; good for the next 7 calls. An absolute path is given back as it is. */
const char *kmt_path(const char *name);
/* Writes the file; returns its path, as kmt_path does. */
const char *kmt_put(const char *name, const void *bytes, size_t size);
const char *kmt_put_text(const char *name, const char *text);
/* All bytes of a file and a zero behind them, which makes a string of a text; free() it. `size_out` may be NULL. */
void *kmt_get(const char *name, size_t *size_out);
void kmt_assert_content(const char *name, const char *text);
/* How many entries a directory has; 0 if there is none. */
int kmt_entries(const char *path);

#endif
