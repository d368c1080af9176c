/* See number.h. */
#include "io/number.h"

#include <errno.h>
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* strtod follows the host's locale: in a German one "1.5" is 1. */
static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

bool kmi_number_double(const char *text, size_t length, double *out)
{
    char copy[128]; /* the longest exact decimals of headers are far shorter */
    char *end = NULL;
    size_t i;

    *out = 0;
    if (length == 0 || length >= sizeof copy) return false;
    for (i = 0; i < length; i++) {
        char c = text[i];
        if (c == 'x' || c == 'X' || c == '(' || (unsigned char)c <= ' ') return false;
        copy[i] = c;
    }
    copy[length] = '\0';
    pthread_once(&c_locale_once, make_c_locale);
    if (c_locale == (locale_t)0) return false;
    *out = strtod_l(copy, &end, c_locale);
    return end == copy + length;
}

bool kmi_number_unsigned(const char *text, size_t length, uint64_t *out)
{
    uint64_t value = 0;
    size_t i = length > 0 && text[0] == '+' ? 1 : 0;

    *out = 0;
    if (i == length) return false;
    for (; i < length; i++) {
        unsigned digit = (unsigned char)text[i] - (unsigned)'0';
        if (digit > 9 || value > (UINT64_MAX - digit) / 10) return false;
        value = 10 * value + digit;
    }
    *out = value;
    return true;
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
