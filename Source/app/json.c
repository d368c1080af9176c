/* One JSON object on stdout: two blanks a level, one member a line. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"

/* ---- texts ---- */

/* Bytes of the UTF-8 sequence that begins here (RFC 3629); 0 if there is none. */
static size_t sequence(const unsigned char *text)
{
    size_t length = text[0] < 0x80 ? 1 : text[0] >= 0xF0 ? 4 : text[0] >= 0xE0 ? 3 : 2, i;

    if (length == 1) return 1;
    if (text[0] < 0xC2 || text[0] > 0xF4) return 0;
    if ((text[0] == 0xE0 && text[1] < 0xA0) || (text[0] == 0xED && text[1] > 0x9F) ||
        (text[0] == 0xF0 && text[1] < 0x90) || (text[0] == 0xF4 && text[1] > 0x8F))
        return 0; /* overlong, a surrogate, or above U+10FFFF */
    for (i = 1; i < length; i++)
        if ((text[i] & 0xC0) != 0x80) return 0;
    return length;
}

/* Names of files are any bytes: what is not UTF-8 becomes U+FFFD. */
static void put_quoted(const char *text)
{
    size_t bytes;

    putchar('"');
    for (; *text != '\0'; text += bytes) {
        unsigned char c = (unsigned char)*text;
        bytes = sequence((const unsigned char *)text);
        if (bytes == 0) {
            bytes = 1;
            fputs("\xEF\xBF\xBD", stdout);
        } else if (c == '"' || c == '\\') {
            printf("\\%c", c);
        } else if (c < 0x20) {
            printf("\\u%04x", c);
        } else {
            fwrite(text, 1, bytes, stdout);
        }
    }
    putchar('"');
}

/* ---- structure ---- */

/* Comma, new line, indentation and key. */
static void begin_value(app_json *self, const char *key)
{
    if (self->depth > 0) fputs(self->filled[self->depth - 1] ? ",\n" : "\n", stdout);
    if (self->depth > 0) self->filled[self->depth - 1] = true;
    printf("%*s", 2 * self->depth, "");
    if (key == NULL) return;
    put_quoted(key);
    fputs(": ", stdout);
}

void app_json_begin(app_json *self, const char *key, char bracket)
{
    begin_value(self, key);
    putchar(bracket);
    self->close[self->depth] = bracket == '{' ? '}' : ']';
    self->filled[self->depth++] = false;
}

void app_json_end(app_json *self)
{
    self->depth--;
    if (self->filled[self->depth]) printf("\n%*s", 2 * self->depth, "");
    putchar(self->close[self->depth]);
    if (self->depth == 0) putchar('\n');
}

/* ---- values ---- */

void app_json_text(app_json *self, const char *key, const char *text)
{
    begin_value(self, key);
    put_quoted(text);
}

void app_json_truth(app_json *self, const char *key, bool truth)
{
    begin_value(self, key);
    fputs(truth ? "true" : "false", stdout);
}

void app_json_null(app_json *self, const char *key)
{
    begin_value(self, key);
    fputs("null", stdout);
}

void app_json_count(app_json *self, const char *key, uint64_t value)
{
    begin_value(self, key);
    printf("%llu", (unsigned long long)value);
}

/* Its lines are indented as the rest is. */
void app_json_made(app_json *self, const char *key, const char *json)
{
    size_t length = strlen(json);

    begin_value(self, key);
    while (length > 0 && json[length - 1] == '\n') length--;
    for (; length > 0; length--, json++) {
        putchar(*json);
        if (*json == '\n') printf("%*s", 2 * self->depth, "");
    }
}

/* The shortest decimals that read back as the same double; null if there are none. This process keeps the C locale. */
static void put_number(double value)
{
    char text[40];
    int digits;

    if (!isfinite(value)) {
        fputs("null", stdout);
        return;
    }
    for (digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    fputs(text, stdout);
}

void app_json_number(app_json *self, const char *key, double value)
{
    begin_value(self, key);
    put_number(value);
}

void app_json_numbers(app_json *self, const char *key, const double *values, size_t n)
{
    size_t i;

    begin_value(self, key);
    putchar('[');
    for (i = 0; i < n; i++) {
        if (i > 0) fputs(", ", stdout);
        put_number(values[i]);
    }
    putchar(']');
}

void app_json_counts(app_json *self, const char *key, const size_t *values, size_t n)
{
    size_t i;

    begin_value(self, key);
    putchar('[');
    for (i = 0; i < n; i++) printf("%s%zu", i == 0 ? "" : ", ", values[i]);
    putchar(']');
}
