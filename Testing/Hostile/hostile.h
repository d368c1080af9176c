/*
 * Hostile files: what a row of a table says about one of them, and the watch that is kept while it is read. The
 * watch sees what is printed, how much memory is taken, what is left behind (memory, objects, descriptors), and how
 * long it takes.
 */
#ifndef KMT_HOSTILE_H
#define KMT_HOSTILE_H

#include "kmt_file.h"

#include "kerma/kerma.h"

/* Documentation/files-and-limits.md promises it: bytes beside a multiple of the file's size. */
enum { HOSTILE_SPARE = 16 << 20, HOSTILE_WORDS = 3 };
/* Of the processor, until it must have an answer, and six times that of the clock; sanitizers are slow. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HOSTILE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HOSTILE_SANITIZED 1
#endif
#endif
#ifdef HOSTILE_SANITIZED
enum { HOSTILE_SECONDS = 60 };
#else
enum { HOSTILE_SECONDS = 10 };
#endif

typedef enum hostile_reader {
    READ_STL, READ_IMAGE, READ_SPECTRUM, READ_CT_TABLE, READ_SCENE, HOSTILE_READERS
} hostile_reader;

typedef struct hostile_row {
    const char *what;                 /* is wrong with it */
    const char *text;                 /* the file's content; or `make` writes it */
    size_t size;                      /* of the content; 0: strlen(text) */
    void (*make)(const char *path);
    kma_status status;
    const char *words[HOSTILE_WORDS]; /* all of them are in the error's text, beside the file's name */
} hostile_row;

/* Reads `path` and gives back at once what was read. */
kma_status hostile_read(hostile_reader reader, const char *path);
/* The file's name for this reader: part.stl ... */
const char *hostile_name(hostile_reader reader);
/* A file of this beginning and size whose rest is a hole, all zeros: it takes no room on the disk. */
void hostile_put_sparse(const char *path, const char *beginning, uint64_t size);

/* Counts all memory of the library from now on; no object may exist. A second call does nothing. */
void hostile_install(void);
size_t hostile_live(void); /* bytes */
/* Makes the row's file, reads it under the watch, demands what the row says, and removes the file. */
void hostile_check(hostile_reader reader, const hostile_row *row);
/* The same of a path whatever is there. `told`: what of its name must be in the text. */
void hostile_check_path(hostile_reader reader, const char *what, const char *path, const char *told, kma_status status,
                        const char *const words[HOSTILE_WORDS]);
/* Between the two the time is limited. */
void hostile_begin(const char *what);
void hostile_end(void);
/* More bytes for the next check alone. */
void hostile_allow(size_t bytes);
/* How many were checked, the longest time (s), and the most memory (bytes), since the program began. */
size_t hostile_checked(void);
double hostile_longest(void);
size_t hostile_most(void);

#endif
