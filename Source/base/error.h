/* How functions fail: a status goes up, the text is set where it was noticed. */
#ifndef KMI_ERROR_H
#define KMI_ERROR_H

#include "kerma/base.h"

/* Sets this thread's error text (printf form) and returns `status`. */
kma_status kmi_fail(kma_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Puts `prefix` (such as "scene.json:3:7: ") before this thread's text. Returns `status`. */
kma_status kmi_fail_prefix(kma_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Empties this thread's text: before user code that may or may not set one. */
void kmi_error_clear(void);
/* Carries a text made on another thread to this one. Returns `status`. */
kma_status kmi_fail_again(kma_status status, const char *text);

enum { KMI_ERROR_TEXT_SIZE = 1024 };

/* In a function with `kma_status status` and a label `cleanup`. */
#define KMI_TRY(call)                                                          \
    do {                                                                       \
        status = (call);                                                       \
        if (status != KMA_OK) goto cleanup;                                    \
    } while (0)

/* A broken assumption of ours: fails the call, never aborts. */
#define KMI_ASSERT(condition)                                                  \
    do {                                                                       \
        if (!(condition)) {                                                    \
            status = kmi_fail(KMA_ERR_INTERNAL, "%s:%d: %s does not hold",     \
                              __FILE_NAME__, __LINE__, #condition);            \
            goto cleanup;                                                      \
        }                                                                      \
    } while (0)
#ifndef __FILE_NAME__
#define __FILE_NAME__ __FILE__
#endif

#endif
