/* Names of files from names that users chose: see file_names.h. */
#include "simulation/file_names.h"

#include <string.h>

enum { LONGEST = 200 };

kma_status kmi_file_name(const char *name, const char *ending, char out[KMI_FILE_NAME_SIZE])
{
    static const char hex[] = "0123456789ABCDEF";
    size_t length = strlen(name), used = 0, i;

    out[0] = '\0';
    for (i = 0; i < length; i++) {
        unsigned char c = (unsigned char)name[i];
        bool end = i == 0 || i + 1 == length;
        bool odd = c < 32 || strchr("/\\:*?\"<>|%", c) != NULL || (c == ' ' && end) || (c == '.' && i == 0);
        if (used + (odd ? 3 : 1) > LONGEST)
            return kmi_fail(KMA_ERR_ARGUMENT, "the name is too long for the names of files (%d bytes, a / counts as 3)", LONGEST);
        if (odd) {
            out[used++] = '%';
            out[used++] = hex[c >> 4];
            out[used++] = hex[c & 15];
        } else {
            out[used++] = (char)c;
        }
    }
    strncpy(out + used, ending, KMI_FILE_NAME_SIZE - 1 - used);
    out[KMI_FILE_NAME_SIZE - 1] = '\0';
    return KMA_OK;
}
