/*
 * What the fuzz targets share. A target gives bytes to one reader as the file it reads and demands of it, besides
 * what the sanitizers see: a refusal says why and names the file, nothing is left behind, and memory stays within
 * a limit. Documentation/files-and-limits.md promises the limits.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "kerma/kerma.h"

/* The entry of libFuzzer, and of replay.c where there is no libFuzzer. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A file of this content in a folder of its own in memory; its path is valid for ever, its content until the next call. */
const char *fuzz_file(const char *name, const uint8_t *bytes, size_t size);

/* Around the reading: memory may grow by `per_byte` * size + 16 MiB in between, and no object may be left. */
void fuzz_begin(size_t size, size_t per_byte);
/* `part` must be in the text of a failure, if it is not NULL. */
void fuzz_end(kma_status status, const char *part);
/* Ends the process, so that the fuzzer keeps the input. */
void fuzz_refuse(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
