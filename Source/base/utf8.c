/* See utf8.h. */
#include "base/utf8.h"

#include <string.h>

static bool continues(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

size_t kmi_utf8_length(const char *text, size_t size)
{
    const unsigned char *s = (const unsigned char *)text;

    if (s[0] < 0x80) return 1;
    if (s[0] < 0xC2) return 0; /* a continuation, or overlong */
    if (s[0] < 0xE0) return size >= 2 && continues(text[1]) ? 2 : 0;
    if (s[0] < 0xF0) {
        if (size < 3 || !continues(text[1]) || !continues(text[2])) return 0;
        if (s[0] == 0xE0 && s[1] < 0xA0) return 0; /* overlong */
        if (s[0] == 0xED && s[1] > 0x9F) return 0; /* surrogates */
        return 3;
    }
    if (s[0] > 0xF4 || size < 4 || !continues(text[1]) || !continues(text[2]) || !continues(text[3])) return 0;
    if (s[0] == 0xF0 && s[1] < 0x90) return 0; /* overlong */
    if (s[0] == 0xF4 && s[1] > 0x8F) return 0; /* above U+10FFFF */
    return 4;
}

bool kmi_utf8_is_valid(const char *text, size_t size)
{
    size_t bytes;

    for (; size > 0; text += bytes, size -= bytes) {
        bytes = kmi_utf8_length(text, size);
        if (bytes == 0) return false;
    }
    return true;
}

void kmi_utf8_clean(char *text)
{
    size_t left = strlen(text), bytes;

    for (; left > 0; text += bytes, left -= bytes) {
        unsigned char c = (unsigned char)text[0];

        bytes = kmi_utf8_length(text, left);
        if (c >= '\t' && c <= '\r') {
            text[0] = ' ';
        } else if (c < ' ' || c == 127 || bytes == 0) {
            text[0] = '?';
            bytes = 1;
        } else if (c == 0xC2 && (unsigned char)text[1] < 0xA0) { /* U+0080 to U+009F: controls, too */
            text[0] = text[1] = '?';
        }
    }
}
