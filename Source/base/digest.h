/* SHA-256 (libmd) over values in a fixed byte order: scene hashes and table fingerprints. */
#ifndef KMI_DIGEST_H
#define KMI_DIGEST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sha256.h>

typedef struct kmi_digest { SHA2_CTX context; } kmi_digest;

enum { KMI_DIGEST_SIZE = 32, KMI_DIGEST_TEXT_SIZE = 65 };

void kmi_digest_start(kmi_digest *self, const char *what); /* `what` names the kind of thing: domain separation */
void kmi_digest_bytes(kmi_digest *self, const void *bytes, size_t size);
void kmi_digest_text(kmi_digest *self, const char *text); /* with its length; NULL like "" */
void kmi_digest_u64(kmi_digest *self, uint64_t value);    /* little endian */
void kmi_digest_double(kmi_digest *self, double value);   /* the bits; -0 counts as 0 */
void kmi_digest_end(kmi_digest *self, uint8_t out[KMI_DIGEST_SIZE]);
void kmi_digest_format(const uint8_t digest[KMI_DIGEST_SIZE], char out[KMI_DIGEST_TEXT_SIZE]); /* hex */

#endif
