/* See digest.h. */
#include "base/digest.h"

#include <string.h>

void kmi_digest_start(kmi_digest *self, const char *what)
{
    SHA256Init(&self->context);
    kmi_digest_text(self, what);
}

void kmi_digest_bytes(kmi_digest *self, const void *bytes, size_t size)
{
    if (size > 0) SHA256Update(&self->context, bytes, size);
}

void kmi_digest_text(kmi_digest *self, const char *text)
{
    if (text == NULL) text = "";
    kmi_digest_u64(self, strlen(text));
    kmi_digest_bytes(self, text, strlen(text));
}

void kmi_digest_u64(kmi_digest *self, uint64_t value)
{
    uint8_t bytes[8];
    int i;
    for (i = 0; i < 8; i++) bytes[i] = (uint8_t)(value >> (8 * i));
    kmi_digest_bytes(self, bytes, sizeof bytes);
}

void kmi_digest_double(kmi_digest *self, double value)
{
    uint64_t bits;
    if (value == 0) value = 0.0; /* -0 too */
    memcpy(&bits, &value, sizeof bits);
    kmi_digest_u64(self, bits);
}

void kmi_digest_end(kmi_digest *self, uint8_t out[KMI_DIGEST_SIZE])
{
    SHA256Final(out, &self->context);
}

void kmi_digest_format(const uint8_t digest[KMI_DIGEST_SIZE], char out[KMI_DIGEST_TEXT_SIZE])
{
    static const char hex[] = "0123456789abcdef";
    int i;
    for (i = 0; i < KMI_DIGEST_SIZE; i++) {
        out[2 * i] = hex[digest[i] >> 4];
        out[2 * i + 1] = hex[digest[i] & 15];
    }
    out[2 * KMI_DIGEST_SIZE] = '\0';
}
