/* What somebody may have meant: see shape.h. */
#include <stdio.h>
#include <string.h>

#include "simulation/shape.h"

enum { LONGEST = 48 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Letters to insert, drop, change or swap with their neighbour (Damerau; no letter is moved twice). */
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][LONGEST + 1], n = strlen(a), m = strlen(b), i, j;

    if (n > LONGEST || m > LONGEST) return LONGEST;
    for (j = 0; j <= m; j++) rows[0][j] = j;
    for (i = 1; i <= n; i++) {
        size_t *now = rows[i % 3];
        const size_t *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = i;
        for (j = 1; j <= m; j++) {
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (lower(a[i - 1]) != lower(b[j - 1])));
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

const char *kmi_nearest(const char *name, const char *const *known, size_t count, char out[KMI_NEAREST_SIZE])
{
    size_t best = SIZE_MAX, best_distance = strlen(name) / 3 + 2, i, used;

    for (i = 0; i < count; i++) {
        size_t d = distance(name, known[i]);
        if (d >= best_distance) continue;
        best_distance = d;
        best = i;
    }
    if (best != SIZE_MAX) {
        snprintf(out, KMI_NEAREST_SIZE, " (did you mean '%.200s'?)", known[best]);
        return out;
    }
    out[0] = '\0';
    used = count == 0 ? 0 : (size_t)snprintf(out, KMI_NEAREST_SIZE, " (known:");
    for (i = 0; i < count; i++) {
        if (used + strlen(known[i]) + 12 > KMI_NEAREST_SIZE) break;
        used += (size_t)snprintf(out + used, KMI_NEAREST_SIZE - used, "%s '%s'", i == 0 ? "" : ",", known[i]);
    }
    if (count > 0) snprintf(out + used, KMI_NEAREST_SIZE - used, "%s", i < count ? ", ...)" : ")");
    return out;
}
