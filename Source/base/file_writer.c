/*
 * Atomic writing: see file.h. The new content is a file of its own in the same
 * directory, because only there can it be renamed over the old one; the
 * directory is held open, so that a chdir or a renamed parent does not matter.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_writer.h"
#include "base/memory.h"
#include "base/os.h"

enum { BUFFER_SIZE = sizeof ((kmi_file_writer *)NULL)->buffer, TRIES = 100 };

/* What is there already decides: a link is followed, only a regular file may be replaced. */
static kma_status resolve(kmi_file_writer *self, const char *path, mode_t *mode_out)
{
    char real[PATH_MAX];
    struct stat s;

    *mode_out = 0;
    if (path == NULL || path[0] == '\0') return kmi_fail(KMA_ERR_ARGUMENT, "the path of the file is empty");
    if (lstat(path, &s) == 0) {
        if (S_ISLNK(s.st_mode)) {
            if (realpath(path, real) == NULL || stat(real, &s) != 0)
                return kmi_file_fail("cannot write behind the symbolic link", path, errno);
            path = real;
        }
        if (!S_ISREG(s.st_mode))
            return kmi_fail(KMA_ERR_IO, "cannot write %.600s: it is %s, only a regular file is replaced", path,
                            kmi_file_kind(s.st_mode));
        /* A file that was made read-only is meant to stay, though its directory would let us. */
        if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0) return kmi_file_fail("cannot write", path, errno);
        *mode_out = s.st_mode & 07777;
    } else if (errno != ENOENT) {
        return kmi_file_fail("cannot write", path, errno);
    }
    self->target = kmi_strdup(path);
    return self->target == NULL ? kmi_fail(KMA_ERR_MEMORY, "no memory to write a file") : KMA_OK;
}

static kma_status open_directory(kmi_file_writer *self)
{
    char *slash = strrchr(self->target, '/');
    const char *where = ".";

    self->name = slash == NULL ? self->target : slash + 1;
    if (self->name[0] == '\0')
        return kmi_fail(KMA_ERR_IO, "cannot write %.600s: a name is wanted behind the last /", self->target);
    if (slash == self->target) {
        where = "/";
    } else if (slash != NULL) {
        *slash = '\0';
        where = self->target;
    }
    do self->directory = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (self->directory < 0 && errno == EINTR);
    if (slash != NULL) *slash = '/';
    return self->directory < 0 ? kmi_file_fail("cannot write", self->target, errno) : KMA_OK;
}

static kma_status make_temporary(kmi_file_writer *self, mode_t mode)
{
    static atomic_uint counter;
    int i;

    for (i = 0; i < TRIES; i++) {
        snprintf(self->temporary, sizeof self->temporary, ".kerma-%ld-%u-%llx.part", (long)self->process,
                 atomic_fetch_add(&counter, 1), (unsigned long long)kmi_clock_ns());
        /* What replaces a private file is never readable for others, not even while it is empty. */
        self->file = openat(self->directory, self->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                            mode != 0 ? 0600 : 0666);
        if (self->file >= 0) {
            self->made = true;
            if (mode != 0) (void)fchmod(self->file, mode); /* some file systems know no modes */
            return KMA_OK;
        }
        if (errno != EEXIST && errno != EINTR) break;
    }
    return kmi_file_fail("cannot write beside", self->target, errno);
}

kma_status kmi_file_writer_open(const char *path, kmi_file_writer **out)
{
    kma_status status = KMA_OK;
    kmi_file_writer *self = NULL;
    mode_t mode = 0;

    *out = NULL;
    self = kmi_alloc(sizeof *self);
    if (self == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory to write a file"));
    self->directory = -1;
    self->file = -1;
    self->process = kmi_process_id();
    KMI_TRY(resolve(self, path, &mode));
    KMI_TRY(open_directory(self));
    KMI_TRY(make_temporary(self, mode));

    *out = self;
    self = NULL;
cleanup:
    kmi_file_discard(self);
    return status;
}

void kmi_file_remove_name(int directory, const char *name)
{
    if (unlinkat(directory, name, 0) != 0) (void)unlinkat(directory, name, 0);
}

void kmi_file_discard(kmi_file_writer *self)
{
    if (self == NULL) return;
    if (self->file >= 0) close(self->file);
    if (self->made && self->process == kmi_process_id()) kmi_file_remove_name(self->directory, self->temporary);
    if (self->directory >= 0) close(self->directory);
    kmi_free(self->target);
    kmi_free(self);
}

static kma_status write_all(kmi_file_writer *self, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(self->file, bytes, size > INT_MAX ? INT_MAX : size);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return kmi_file_fail("cannot write", self->target, errno);
        bytes += n;
        size -= (size_t)n;
    }
    return KMA_OK;
}

static kma_status flush(kmi_file_writer *self)
{
    size_t used = self->used;

    self->used = 0;
    return write_all(self, self->buffer, used);
}

/* Keeps the first failure: what follows it would make no whole file. */
static kma_status keep_failure(kmi_file_writer *self, kma_status status)
{
    if (status != KMA_OK) {
        self->failed = status;
        snprintf(self->text, sizeof self->text, "%s", kma_error_message());
    }
    return status;
}

kma_status kmi_file_write(kmi_file_writer *self, const void *bytes, size_t size)
{
    kma_status status = KMA_OK;

    if (self->failed != KMA_OK) return kmi_fail_again(self->failed, self->text);
    if (size > BUFFER_SIZE - self->used) KMI_TRY(flush(self));
    if (size >= BUFFER_SIZE) {
        KMI_TRY(write_all(self, bytes, size));
    } else if (size > 0) {
        memcpy(self->buffer + self->used, bytes, size);
        self->used += size;
    }
    self->size += size;
cleanup:
    return keep_failure(self, status);
}

kma_status kmi_file_rewrite(kmi_file_writer *self, uint64_t position, const void *bytes, size_t size)
{
    kma_status status = KMA_OK;
    const char *from = bytes;

    if (self->failed != KMA_OK) return kmi_fail_again(self->failed, self->text);
    KMI_ASSERT(size <= self->size && position <= self->size - size);
    KMI_TRY(flush(self));
    while (size > 0) {
        ssize_t n = pwrite(self->file, from, size, (off_t)position);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) KMI_TRY(kmi_file_fail("cannot write", self->target, errno));
        from += n;
        position += (uint64_t)n;
        size -= (size_t)n;
    }
cleanup:
    return keep_failure(self, status);
}

uint64_t kmi_file_writer_size(const kmi_file_writer *self)
{
    return self->size;
}

int kmi_file_sync(int file)
{
    int result;

    do result = fsync(file);
    while (result != 0 && errno == EINTR);
    return result != 0 && errno != EINVAL ? -1 : 0;
}

kma_status kmi_file_writer_finish(kmi_file_writer *self)
{
    kma_status status = KMA_OK;
    int closed;

    if (self->process != kmi_process_id())
        KMI_TRY(kmi_fail(KMA_ERR_FORK, "%.600s is written by the process before fork", self->target));
    if (self->failed != KMA_OK) KMI_TRY(kmi_fail_again(self->failed, self->text));
    KMI_TRY(flush(self));
    /* On the disk before it gets the name: else a power cut may leave the name with nothing behind it. */
    if (kmi_file_sync(self->file) != 0) KMI_TRY(kmi_file_fail("cannot write", self->target, errno));
    closed = close(self->file);
    self->file = -1;
    if (closed != 0 && errno != EINTR) KMI_TRY(kmi_file_fail("cannot write", self->target, errno));
cleanup:
    return status;
}

static kma_status put_in_place(kmi_file_writer *self)
{
    if (renameat(self->directory, self->temporary, self->directory, self->name) != 0)
        return kmi_file_fail("cannot replace", self->target, errno);
    self->made = false;
    return KMA_OK;
}

static kma_status sync_directory(const kmi_file_writer *self)
{
    if (kmi_file_sync(self->directory) == 0) return KMA_OK;
    return kmi_file_fail("the file is written, but its directory may not be on the disk yet:", self->target, errno);
}

kma_status kmi_file_commit(kmi_file_writer **writer)
{
    kma_status status = KMA_OK;
    kmi_file_writer *self = *writer;

    *writer = NULL;
    KMI_TRY(kmi_file_writer_finish(self));
    KMI_TRY(put_in_place(self));
    KMI_TRY(sync_directory(self));
cleanup:
    kmi_file_discard(self);
    return status;
}
