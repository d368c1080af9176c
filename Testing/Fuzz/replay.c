/*
 * Where there is no libFuzzer: gives every file of the named folders to the target once, and the beginning of each
 * file cut at some places. What a fuzzer has ever found stays found with any compiler.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { INPUT_MAX = 1 << 20, CUTS = 16 };

static int replay(const char *path)
{
    static uint8_t bytes[INPUT_MAX];
    FILE *file = fopen(path, "rb");
    size_t size, i;

    if (file == NULL) return 0;
    size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    fprintf(stderr, "%s\n", path); /* the last line of a test that fails */
    LLVMFuzzerTestOneInput(bytes, size);
    for (i = 0; i < CUTS; i++) LLVMFuzzerTestOneInput(bytes, size * i / CUTS);
    return 1;
}

int main(int count, char **arguments)
{
    int replayed = 0, i;

    for (i = 1; i < count; i++) {
        DIR *folder = opendir(arguments[i]);
        struct dirent *entry;

        if (folder == NULL) {
            fprintf(stderr, "there is no folder %s\n", arguments[i]);
            return 1;
        }
        while ((entry = readdir(folder)) != NULL) {
            char path[4096];

            if (entry->d_name[0] == '.') continue;
            snprintf(path, sizeof path, "%s/%s", arguments[i], entry->d_name);
            replayed += replay(path);
        }
        closedir(folder);
    }
    printf("%d inputs\n", replayed);
    return replayed > 0 ? 0 : 1;
}
