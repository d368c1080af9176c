/* Lines for people: a label, and what there is to say. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app.h"

enum { NAME_MOST = 30 }; /* columns; longer names push the rest of their line */

int app_hidden(const char *text)
{
    int n = 0;

    for (; *text != '\0'; text++) n += ((unsigned char)*text & 0xC0) == 0x80;
    return n;
}

void app_line(const char *label, const char *format, ...)
{
    va_list arguments;

    printf("  %-*s  ", 14 + app_hidden(label), label);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

const char *app_vector(const double v[3], char out[APP_VECTOR_SIZE])
{
    snprintf(out, APP_VECTOR_SIZE, "(%.7g, %.7g, %.7g)", v[0], v[1], v[2]);
    return out;
}

void app_show_box(const double low[3], const double high[3])
{
    char from[APP_VECTOR_SIZE], to[APP_VECTOR_SIZE];

    app_line("bounding box", "from %s to %s mm", app_vector(low, from), app_vector(high, to));
    app_line("size", "%.6g x %.6g x %.6g mm", high[0] - low[0], high[1] - low[1], high[2] - low[2]);
}

const char *app_bytes(double bytes, char out[APP_BYTES_SIZE])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    int i = 0;

    for (; bytes >= 1024 && i < 4; i++) bytes /= 1024;
    snprintf(out, APP_BYTES_SIZE, i == 0 ? "%.0f %s" : "%.1f %s", bytes, units[i]);
    return out;
}

/* ---- tables ---- */

void app_heading(const char *text)
{
    printf("\n%s\n", text);
}

void app_put_name(const char *name, int width)
{
    printf("  %-*s", width + app_hidden(name), name);
}

int app_width_of(const char *name, int widest)
{
    int width = (int)strlen(name) - app_hidden(name);
    return width > NAME_MOST ? NAME_MOST : width > widest ? width : widest;
}
