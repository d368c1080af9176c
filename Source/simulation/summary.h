/* summary.json, read back. */
#ifndef KMI_SUMMARY_H
#define KMI_SUMMARY_H

#include "base/error.h"
#include "kerma/summary.h"

typedef struct kmi_summary {
    kma_summary_info info;
    kma_summary_scorer *scorers; /* [info.scorers] */
} kmi_summary;

/* `path`: the file, or its directory. */
kma_status kmi_summary_read(const char *path, kmi_summary **out);
void kmi_summary_destroy(void *summary); /* NULL is fine */

/* directory / name, for kmi_free. */
kma_status kmi_summary_path(const char *directory, const char *name, char **out);

#endif
