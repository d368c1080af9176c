/* What file_writer.c and file_batch.c share. */
#ifndef KMI_FILE_WRITER_H
#define KMI_FILE_WRITER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/file.h"

struct kmi_file_writer {
    int directory; /* -1: not open */
    int file;      /* -1: not open */
    pid_t process; /* a child made by fork must not remove what its parent writes */
    bool made;     /* the temporary file is there */
    kma_status failed;
    uint64_t size;
    size_t used; /* of the buffer */
    char *target;       /* the path with links resolved, for texts */
    const char *name;   /* its last part */
    char temporary[64]; /* in the same directory */
    char text[KMI_ERROR_TEXT_SIZE]; /* of the failure */
    char buffer[1 << 16];
};

/* All of it on the disk, under its temporary name. */
kma_status kmi_file_writer_finish(kmi_file_writer *self);
/* What this could return is of no use to anybody: but a network's file system may have been away for a moment. */
void kmi_file_remove_name(int directory, const char *name);
/* -1 with errno. Some file systems cannot do it and say EINVAL: there is nothing more that we could do. */
int kmi_file_sync(int file);

#endif
