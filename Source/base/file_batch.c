/*
 * Files that are put in place together: see file.h. Each waits under its temporary name; of their directories, mostly
 * one, a descriptor is kept, so that thousands of files need no thousands.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_writer.h"
#include "base/memory.h"
#include "base/os.h"

enum { TEMPORARY_SIZE = sizeof ((kmi_file_writer *)NULL)->temporary };

typedef struct place {
    int descriptor;
    dev_t device;
    ino_t inode;
} place;

typedef struct waiting {
    size_t place;
    char *target;     /* the path, for texts */
    const char *name; /* its last part */
    char temporary[TEMPORARY_SIZE];
    char kept[TEMPORARY_SIZE + 4]; /* the old file's second name; empty: it has none */
    bool existed, replaced;
} waiting;

struct kmi_file_batch {
    pid_t process; /* a child made by fork must not remove what its parent writes */
    place *places;
    size_t place_count, place_room;
    waiting *files;
    size_t count, room;
};

kma_status kmi_file_batch_new(kmi_file_batch **out)
{
    *out = kmi_alloc(sizeof **out);
    if (*out == NULL) return kmi_fail(KMA_ERR_MEMORY, "no memory to write files");
    (*out)->process = kmi_process_id();
    return KMA_OK;
}

static kma_status make_room(void **list, size_t size, size_t count, size_t *room)
{
    size_t wanted = 2 * *room + 4;
    void *more;

    if (count < *room) return KMA_OK;
    more = kmi_realloc(*list, wanted * size);
    if (more == NULL) return kmi_fail(KMA_ERR_MEMORY, "no memory to write %zu files", wanted);
    *list = more;
    *room = wanted;
    return KMA_OK;
}

/* The writer's directory: its descriptor becomes the batch's, unless that has one of the same. */
static kma_status find_place(kmi_file_batch *self, kmi_file_writer *writer, size_t *out)
{
    kma_status status = KMA_OK;
    struct stat s;

    if (fstat(writer->directory, &s) != 0) KMI_TRY(kmi_file_fail("cannot write", writer->target, errno));
    for (*out = 0; *out < self->place_count; ++*out)
        if (self->places[*out].device == s.st_dev && self->places[*out].inode == s.st_ino) return KMA_OK;
    KMI_TRY(make_room((void **)&self->places, sizeof *self->places, self->place_count, &self->place_room));
    self->places[self->place_count++] = (place){writer->directory, s.st_dev, s.st_ino};
cleanup:
    return status;
}

kma_status kmi_file_set_aside(kmi_file_batch *self, kmi_file_writer **writer)
{
    kma_status status = KMA_OK;
    kmi_file_writer *w = *writer;
    waiting *file;
    size_t at = 0;

    *writer = NULL;
    KMI_TRY(kmi_file_writer_finish(w));
    KMI_TRY(make_room((void **)&self->files, sizeof *self->files, self->count, &self->room));
    KMI_TRY(find_place(self, w, &at));
    file = &self->files[self->count++];
    memset(file, 0, sizeof *file);
    file->place = at;
    file->target = w->target;
    file->name = w->name;
    memcpy(file->temporary, w->temporary, sizeof file->temporary);
    if (self->places[at].descriptor == w->directory) w->directory = -1;
    w->target = NULL;
    w->made = false; /* it is the batch's now */
cleanup:
    kmi_file_discard(w);
    return status;
}

static int directory_of(const kmi_file_batch *self, const waiting *file)
{
    return self->places[file->place].descriptor;
}

/* Gives the old file a second name under which it outlives its replacement; none if there is no old file, or where
 * files cannot have two names. */
static kma_status keep_old(const kmi_file_batch *self, waiting *file)
{
    int directory = directory_of(self, file);

    snprintf(file->kept, sizeof file->kept, "%s.old", file->temporary);
    file->existed = true;
    if (linkat(directory, file->name, directory, file->kept, 0) == 0) return KMA_OK;
    file->kept[0] = '\0';
    file->existed = errno != ENOENT;
    if (errno == ENOENT || errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS || errno == EMLINK) return KMA_OK;
    return kmi_file_fail("cannot keep the old content of", file->target, errno);
}

static kma_status put_in_place(const kmi_file_batch *self, waiting *file)
{
    int directory = directory_of(self, file);

    if (renameat(directory, file->temporary, directory, file->name) != 0)
        return kmi_file_fail("cannot replace", file->target, errno);
    file->temporary[0] = '\0';
    file->replaced = true;
    return KMA_OK;
}

static void put_back(const kmi_file_batch *self, waiting *file)
{
    int directory = directory_of(self, file);

    if (!file->replaced) return;
    if (file->kept[0] != '\0' && renameat(directory, file->kept, directory, file->name) == 0) file->kept[0] = '\0';
    if (!file->existed) kmi_file_remove_name(directory, file->name);
}

kma_status kmi_file_batch_commit(kmi_file_batch **batch)
{
    kma_status status = KMA_OK;
    kmi_file_batch *self = *batch;
    bool done = false;
    size_t i;

    *batch = NULL;
    if (self->process != kmi_process_id())
        KMI_TRY(kmi_fail(KMA_ERR_FORK, "files are written by the process before fork"));
    for (i = 0; i + 1 < self->count; i++) KMI_TRY(keep_old(self, &self->files[i])); /* nothing follows the last */
    for (i = 0; i < self->count; i++) KMI_TRY(put_in_place(self, &self->files[i]));
    done = true;
    for (i = 0; i < self->place_count; i++)
        if (kmi_file_sync(self->places[i].descriptor) != 0)
            KMI_TRY(kmi_file_fail("the files are written, but their directory may not be on the disk yet: beside",
                                  self->files[0].target, errno));
cleanup:
    for (i = self->count; !done && i-- > 0;) put_back(self, &self->files[i]);
    kmi_file_batch_discard(self);
    return status;
}

void kmi_file_batch_discard(kmi_file_batch *self)
{
    size_t i;

    if (self == NULL) return;
    for (i = 0; i < self->count; i++) {
        waiting *file = &self->files[i];
        bool ours = self->process == kmi_process_id();
        if (ours && file->temporary[0] != '\0') kmi_file_remove_name(directory_of(self, file), file->temporary);
        if (ours && file->kept[0] != '\0') kmi_file_remove_name(directory_of(self, file), file->kept);
        kmi_free(file->target);
    }
    for (i = 0; i < self->place_count; i++) close(self->places[i].descriptor);
    kmi_free(self->files);
    kmi_free(self->places);
    kmi_free(self);
}

kma_status kmi_file_commit_both(kmi_file_writer **first, kmi_file_writer **second)
{
    kma_status status = KMA_OK;
    kmi_file_batch *batch = NULL;

    KMI_TRY(kmi_file_batch_new(&batch));
    KMI_TRY(kmi_file_set_aside(batch, first));
    KMI_TRY(kmi_file_set_aside(batch, second));
    KMI_TRY(kmi_file_batch_commit(&batch));
cleanup:
    kmi_file_batch_discard(batch);
    kmi_file_discard(*first);
    kmi_file_discard(*second);
    *first = *second = NULL;
    return status;
}
