/* See number.h. */
#include "io/number.h"

#include <string.h>

#include "base/text.h"

bool kmi_number_double(const char *text, size_t length, double *out)
{
    return kmi_parse_double(text, text + length, out) == text + length && length > 0;
}

bool kmi_number_unsigned(const char *text, size_t length, uint64_t *out)
{
    size_t sign = length > 0 && text[0] == '+' ? 1 : 0;

    return kmi_parse_u64(text + sign, text + length, out) == text + length && length > sign;
}

bool kmi_number_integer(const char *text, size_t length, int64_t *out)
{
    uint64_t value;

    *out = 0;
    if (length > 1 && text[0] == '-' && text[1] != '+') {
        if (!kmi_number_unsigned(text + 1, length - 1, &value) || value > (uint64_t)INT64_MAX + 1) return false;
        *out = value == (uint64_t)INT64_MAX + 1 ? INT64_MIN : -(int64_t)value;
        return true;
    }
    if (!kmi_number_unsigned(text, length, &value) || value > INT64_MAX) return false;
    *out = (int64_t)value;
    return true;
}

const char *kmi_shown(const char *text, size_t length, char out[KMI_SHOWN_SIZE])
{
    static const char hex[] = "0123456789abcdef";
    size_t used = 0, i;

    for (i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (used + 8 > KMI_SHOWN_SIZE) {
            memcpy(out + used, "...", 3);
            used += 3;
            break;
        }
        if (c >= ' ' && c < 127) {
            out[used++] = (char)c;
        } else {
            out[used++] = '\\';
            out[used++] = 'x';
            out[used++] = hex[c >> 4];
            out[used++] = hex[c & 15];
        }
    }
    out[used] = '\0';
    return out;
}
