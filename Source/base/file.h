/*
 * Files. Writing is atomic: the new content grows beside the old file, under
 * another name, and takes its place in one step; a reader, or a machine that
 * loses power, sees the old file or the whole new one. Reading refuses what is
 * not a regular file, so that a pipe or a device cannot make it hang.
 *
 * Errors are KMA_ERR_IO and name the file and the system's reason.
 */
#ifndef KMI_FILE_H
#define KMI_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* KMA_ERR_IO with "`what` /path/of/file: reason of `error`"; an endless path is cut at its beginning. */
kma_status kmi_file_fail(const char *what, const char *path, int error);
/* "a directory", "a pipe" ...: the kind of file of a st_mode. */
const char *kmi_file_kind(unsigned mode);

/* ---- writing ---- */
typedef struct kmi_file_writer kmi_file_writer;

/* Begins a new content for `path`. A symbolic link is followed: the file it names is replaced, the
 * link stays. A directory, pipe or device is refused. An existing file's permissions are kept. */
kma_status kmi_file_writer_open(const char *path, kmi_file_writer **out);
/* After a failure, further calls and the commit fail too, with the first text. */
kma_status kmi_file_write(kmi_file_writer *self, const void *bytes, size_t size);
/* Replaces bytes that were written already: for a size in a header that is known at the end only. */
kma_status kmi_file_rewrite(kmi_file_writer *self, uint64_t position, const void *bytes, size_t size);
/* Bytes written so far. */
uint64_t kmi_file_writer_size(const kmi_file_writer *self);
/* Puts the new content in place, on the disk, and sets *self to NULL. If it fails nothing was changed. */
kma_status kmi_file_commit(kmi_file_writer **self);
/* The same of two files that belong together, as a batch below: both or none. */
kma_status kmi_file_commit_both(kmi_file_writer **first, kmi_file_writer **second);
/* Forgets the new content: nothing was changed. NULL is fine, so it may stand behind `cleanup:`. */
void kmi_file_discard(kmi_file_writer *self);

/* Any number of files that belong together: written one after the other, then put in place, all or none. */
typedef struct kmi_file_batch kmi_file_batch;

kma_status kmi_file_batch_new(kmi_file_batch **out);
/* Takes a content that is whole, on the disk, and sets *writer to NULL, also if that fails. It needs no descriptor. */
kma_status kmi_file_set_aside(kmi_file_batch *self, kmi_file_writer **writer);
/*
 * Puts all in place, in the order in which they were set aside, and sets *self to NULL. If one cannot be, those before
 * have their old content again. (Not where the file system knows no hard links; and a power cut between two renames
 * leaves the first ones new, the others old.)
 */
kma_status kmi_file_batch_commit(kmi_file_batch **self);
void kmi_file_batch_discard(kmi_file_batch *self); /* nothing was changed; NULL is fine */

/* ---- reading ---- */
/* A whole file of at most `limit` bytes, and a zero byte behind them. Free with kmi_free. */
kma_status kmi_file_read_all(const char *path, size_t limit, char **bytes_out, size_t *size_out);

/* A large file, part by part. One thread at a time. */
typedef struct kmi_file_reader kmi_file_reader;

kma_status kmi_file_reader_open(const char *path, kmi_file_reader **out);
void kmi_file_reader_close(kmi_file_reader *self); /* NULL is fine */
uint64_t kmi_file_reader_size(const kmi_file_reader *self);
uint64_t kmi_file_reader_position(const kmi_file_reader *self);
/* The next read begins there; beyond the end is an error. */
kma_status kmi_file_reader_seek(kmi_file_reader *self, uint64_t position);
/* Exactly `size` bytes; fewer is KMA_ERR_FORMAT: the file ends too early. */
kma_status kmi_file_reader_read(kmi_file_reader *self, void *bytes, size_t size);
/* At most `size` bytes; *got is 0 at the end only. */
kma_status kmi_file_reader_some(kmi_file_reader *self, void *bytes, size_t size, size_t *got);

#endif
