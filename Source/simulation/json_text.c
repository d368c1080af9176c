/* The texts of JSON: see json_text.h. */
#include "simulation/json_text.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

/* The four hexadecimal digits at text, or -1. */
static int32_t hex4(const char *text, size_t size)
{
    int32_t value = 0;
    size_t i;

    if (size < 4) return -1;
    for (i = 0; i < 4; i++) {
        char c = text[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
                    c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0) return -1;
        value = 16 * value + digit;
    }
    return value;
}

static size_t put_utf8(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

/* An escape of four hexadecimal digits, or two of them that make one character. *at stands behind "\u". */
static const char *escape_u(const char *source, size_t size, size_t *at, char *out, size_t *n)
{
    int32_t first = hex4(source + *at, size - *at), second;

    if (first < 0) return "\\u needs four hexadecimal digits";
    *at += 4;
    if (first == 0) return "\\u0000 is not allowed in a text";
    if (first >= 0xDC00 && first <= 0xDFFF) return "the second half of a \\u pair without its first";
    if (first >= 0xD800 && first <= 0xDBFF) {
        if (size - *at < 6 || source[*at] != '\\' || source[*at + 1] != 'u') return "half of a \\u pair";
        second = hex4(source + *at + 2, size - *at - 2);
        if (second < 0xDC00 || second > 0xDFFF) return "half of a \\u pair";
        *at += 6;
        first = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    }
    if (out != NULL) *n += put_utf8((uint32_t)first, out + *n);
    return NULL;
}

const char *kmi_json_decode(const char *source, size_t size, char *out, size_t *used, size_t *length)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    size_t at = 1, n = 0;
    const char *fault;

    *length = 0;
    for (;;) {
        *used = at;
        if (at == size) {
            *used = 0;
            return "this text has no closing quote";
        }
        if (source[at] == '"') break;
        if ((unsigned char)source[at] < 0x20) {
            if (source[at] != '\n' && source[at] != '\r') return "a control character in a text (write it as \\u....)";
            *used = 0;
            return "this text has no closing quote in its line";
        }
        if (source[at] != '\\') {
            size_t bytes = kmi_utf8_length(source + at, size - at);
            if (bytes == 0) return "not UTF-8";
            if (out != NULL) memcpy(out + n, source + at, bytes);
            n += bytes;
            at += bytes;
        } else if (size - at >= 2 && source[at + 1] == 'u') {
            at += 2;
            fault = escape_u(source, size, &at, out, &n);
            if (fault != NULL) return fault;
        } else {
            const char *letter = size - at < 2 || source[at + 1] == '\0' ? NULL : strchr(letters, source[at + 1]);
            if (letter == NULL) return "an unknown escape (\\\", \\\\, \\/, \\b, \\f, \\n, \\r, \\t and \\u with four digits are known)";
            if (out != NULL) out[n] = meant[letter - letters];
            n++;
            at += 2;
        }
    }
    if (out != NULL) out[n] = '\0';
    *used = at + 1;
    *length = n;
    return NULL;
}
