/* Reading files, and how failures with files are told: see file.h. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/os.h"

enum {
    PATH_TOLD = 600,      /* bytes of a path in a text, so that the reason behind it survives */
    PART_MAX = 1 << 30    /* Linux reads at most 2 GiB at once */
};

struct kmi_file_reader {
    int file;
    uint64_t size;
    uint64_t position;
    char *path; /* for texts */
};

kma_status kmi_file_fail(const char *what, const char *path, int error)
{
    size_t length = strlen(path);
    const char *told = length > PATH_TOLD ? path + length - PATH_TOLD : path;

    return kmi_fail(KMA_ERR_IO, "%s %s%s: %s", what, told == path ? "" : "...", told, kmi_errno_text(error));
}

const char *kmi_file_kind(unsigned mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG: return "a regular file";
    case S_IFDIR: return "a directory";
    case S_IFIFO: return "a pipe";
    case S_IFSOCK: return "a socket";
    case S_IFCHR:
    case S_IFBLK: return "a device";
    default: return "no regular file";
    }
}

static kma_status check_kind(const char *path, const struct stat *s)
{
    if (S_ISREG(s->st_mode)) return KMA_OK;
    return kmi_fail(KMA_ERR_IO, "cannot read %.600s: it is %s, a regular file is wanted", path,
                    kmi_file_kind(s->st_mode));
}

/* Looks twice: before, because opening a device may do something (rewind a tape); after, because
 * the name may mean something else by then. O_NONBLOCK: opening a pipe must not wait for a writer. */
static kma_status open_regular(const char *path, int *file_out, uint64_t *size_out)
{
    kma_status status = KMA_OK;
    struct stat s;
    int file = -1;

    *file_out = -1;
    *size_out = 0;
    if (path == NULL || path[0] == '\0') return kmi_fail(KMA_ERR_ARGUMENT, "the path of the file is empty");
    if (stat(path, &s) != 0) return kmi_file_fail("cannot read", path, errno);
    KMI_TRY(check_kind(path, &s));
    do file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    while (file < 0 && errno == EINTR);
    if (file < 0 || fstat(file, &s) != 0) KMI_TRY(kmi_file_fail("cannot read", path, errno));
    KMI_TRY(check_kind(path, &s));

    *size_out = (uint64_t)s.st_size;
    *file_out = file;
    file = -1;
cleanup:
    if (file >= 0) close(file);
    return status;
}

kma_status kmi_file_reader_open(const char *path, kmi_file_reader **out)
{
    kma_status status = KMA_OK;
    kmi_file_reader *self = NULL;
    uint64_t size = 0;
    int file = -1;

    *out = NULL;
    KMI_TRY(open_regular(path, &file, &size));
    self = kmi_alloc(sizeof *self);
    if (self != NULL) self->path = kmi_strdup(path);
    if (self == NULL || self->path == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory to read a file"));
    self->file = file;
    self->size = size;
    file = -1;
    (void)posix_fadvise(self->file, 0, 0, POSIX_FADV_SEQUENTIAL); /* a wish, not a need */

    *out = self;
    self = NULL;
cleanup:
    if (file >= 0) close(file);
    kmi_free(self);
    return status;
}

void kmi_file_reader_close(kmi_file_reader *self)
{
    if (self == NULL) return;
    close(self->file);
    kmi_free(self->path);
    kmi_free(self);
}

uint64_t kmi_file_reader_size(const kmi_file_reader *self)
{
    return self->size;
}

uint64_t kmi_file_reader_position(const kmi_file_reader *self)
{
    return self->position;
}

kma_status kmi_file_reader_seek(kmi_file_reader *self, uint64_t position)
{
    if (position > self->size)
        return kmi_fail(KMA_ERR_FORMAT, "%.600s has %llu bytes: there is none at %llu", self->path,
                        (unsigned long long)self->size, (unsigned long long)position);
    self->position = position;
    return KMA_OK;
}

kma_status kmi_file_reader_some(kmi_file_reader *self, void *bytes, size_t size, size_t *got)
{
    uint64_t left = self->size - self->position;
    ssize_t n;

    *got = 0;
    if (size > left) size = (size_t)left;
    if (size > PART_MAX) size = PART_MAX;
    if (size == 0) return KMA_OK;
    do n = pread(self->file, bytes, size, (off_t)self->position);
    while (n < 0 && errno == EINTR);
    if (n < 0) return kmi_file_fail("cannot read", self->path, errno);
    if (n == 0)
        return kmi_fail(KMA_ERR_IO, "%.600s became shorter while it was read: %llu bytes instead of %llu", self->path,
                        (unsigned long long)self->position, (unsigned long long)self->size);
    self->position += (uint64_t)n;
    *got = (size_t)n;
    return KMA_OK;
}

kma_status kmi_file_reader_read(kmi_file_reader *self, void *bytes, size_t size)
{
    kma_status status = KMA_OK;
    size_t done = 0, got = 0;

    if (size > self->size - self->position)
        KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%.600s ends too early: %zu bytes are wanted at %llu, it has %llu in all",
                         self->path, size, (unsigned long long)self->position, (unsigned long long)self->size));
    for (; done < size; done += got) KMI_TRY(kmi_file_reader_some(self, (char *)bytes + done, size - done, &got));
cleanup:
    return status;
}

kma_status kmi_file_read_all(const char *path, size_t limit, char **bytes_out, size_t *size_out)
{
    kma_status status = KMA_OK;
    kmi_file_reader *reader = NULL;
    char *bytes = NULL;

    *bytes_out = NULL;
    *size_out = 0;
    KMI_TRY(kmi_file_reader_open(path, &reader));
    if (reader->size > limit || reader->size == SIZE_MAX)
        KMI_TRY(kmi_fail(KMA_ERR_IO, "%.600s has %llu bytes: more than the %zu that are read here", path,
                         (unsigned long long)reader->size, limit));
    bytes = kmi_alloc((size_t)reader->size + 1);
    if (bytes == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the %llu bytes of %.600s", (unsigned long long)reader->size,
                         path));
    KMI_TRY(kmi_file_reader_read(reader, bytes, (size_t)reader->size));

    *size_out = (size_t)reader->size;
    *bytes_out = bytes;
    bytes = NULL;
cleanup:
    kmi_free(bytes);
    kmi_file_reader_close(reader);
    return status;
}
