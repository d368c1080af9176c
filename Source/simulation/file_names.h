/* Names of files from names that users chose. */
#ifndef KMI_FILE_NAMES_H
#define KMI_FILE_NAMES_H

#include <stdbool.h>

#include "base/error.h"

enum { KMI_FILE_NAME_SIZE = 256 };

/*
 * `name` and `ending` as the name of one file: different names stay different. What a file's name must not or should
 * not hold (/ \ : * ? " < > | %, blanks at an end, a dot at the begin) is written as %XX.
 * KMA_ERR_ARGUMENT if that is longer than 200 bytes without the ending.
 */
kma_status kmi_file_name(const char *name, const char *ending, char out[KMI_FILE_NAME_SIZE]);

#endif
