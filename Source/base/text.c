/*
 * See text.h. The C library's strtod and printf are used without ever showing
 * them a decimal point, the only thing a locale changes: strtod gets digits
 * and an exponent, and what printf puts between the digits is skipped.
 */
#include "base/text.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/float_env.h"

enum {
    /* A double or the middle of two has at most 767 significant digits; what follows can only say
     * "a little more", which one digit says as well. */
    DIGITS_MAX = 800,
    EXPONENT_FAR = 20000 /* beyond any double, whatever up to DIGITS_MAX digits stand before it */
};

/* A decimal as it was written: digits * 10^exponent. */
typedef struct decimal {
    bool negative;
    char digits[DIGITS_MAX + 1]; /* significant ones, no leading zero; the last stands for all that were cut */
    int count;
    int64_t exponent;
} decimal;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void add_digit(decimal *d, char c, bool behind_point)
{
    if (d->count < DIGITS_MAX) {
        if (d->count > 0 || c != '0') d->digits[d->count++] = c;
        if (behind_point) d->exponent--;
    } else {
        if (c != '0' && d->digits[DIGITS_MAX - 1] == '0') d->digits[DIGITS_MAX - 1] = '1';
        if (!behind_point) d->exponent++;
    }
}

/* Reads the exponent's digits; more than any text could make up for is as good as more still. */
static const char *scan_exponent(const char *p, const char *end, int64_t *out)
{
    const int64_t most = INT64_C(1) << 60;
    const char *q = p + 1; /* behind the e */
    bool negative = false;
    int64_t value = 0;

    if (q < end && (*q == '+' || *q == '-')) negative = *q++ == '-';
    if (q == end || !is_digit(*q)) return p; /* the e belongs to something else */
    for (; q < end && is_digit(*q); q++)
        if (value < most / 10 - 1) value = 10 * value + (*q - '0');
    *out = negative ? -value : value;
    return q;
}

static const char *scan(const char *p, const char *end, decimal *d)
{
    bool any = false;
    int64_t exponent = 0;

    for (; p < end && is_digit(*p); p++, any = true) add_digit(d, *p, false);
    if (p < end && *p == '.')
        for (p++; p < end && is_digit(*p); p++, any = true) add_digit(d, *p, true);
    if (!any) return NULL;
    if (p < end && (*p == 'e' || *p == 'E')) p = scan_exponent(p, end, &exponent);
    d->exponent += exponent;
    return p;
}

static const char *scan_word(const char *p, const char *end, const char *word)
{
    for (; *word != '\0'; p++, word++)
        if (p == end || (*p | 0x20) != *word) return NULL;
    return p;
}

/* Clinger (1990), doi:10.1145/93542.93557: where both factors are exact doubles, one operation rounds correctly. */
static bool quick_value(const decimal *d, double *out)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t mantissa = 0;
    int i;

    if (d->count > 15 || d->exponent < -22 || d->exponent > 22) return false;
    for (i = 0; i < d->count; i++) mantissa = 10 * mantissa + (d->digits[i] - '0');
    *out = d->exponent < 0 ? (double)mantissa / power[-d->exponent] : (double)mantissa * power[d->exponent];
    return true;
}

static double value_of(const decimal *d)
{
    char text[DIGITS_MAX + 32];
    int64_t exponent = d->exponent;
    int error = errno;
    double value;

    if (d->count == 0) return 0;
    if (quick_value(d, &value)) return value;
    if (exponent > EXPONENT_FAR) exponent = EXPONENT_FAR;
    if (exponent < -EXPONENT_FAR) exponent = -EXPONENT_FAR;
    memcpy(text, d->digits, (size_t)d->count);
    snprintf(text + d->count, sizeof text - (size_t)d->count, "e%d", (int)exponent);
    value = strtod(text, NULL);
    errno = error; /* not our caller's business that strtod sets ERANGE */
    return value;
}

/* Not inlined: no arithmetic may be moved past a change of the environment. */
__attribute__((noinline)) static const char *parse(const char *text, const char *end, double *out)
{
    const char *p = text, *after;
    decimal d;
    double value;

    d.count = 0;
    d.exponent = 0;
    d.negative = false;
    if (p < end && (*p == '+' || *p == '-')) d.negative = *p++ == '-';
    if ((after = scan(p, end, &d)) != NULL)
        value = value_of(&d);
    else if ((after = scan_word(p, end, "infinity")) != NULL || (after = scan_word(p, end, "inf")) != NULL)
        value = INFINITY;
    else if ((after = scan_word(p, end, "nan")) != NULL)
        value = NAN;
    else
        return NULL;
    *out = d.negative ? -value : value;
    return after;
}

const char *kmi_parse_double(const char *text, const char *end, double *out)
{
    kmi_float_env host;
    const char *after;

    *out = 0;
    if (kmi_float_env_is_default()) return parse(text, end, out);
    kmi_float_env_enter(&host);
    after = parse(text, end, out);
    kmi_float_env_leave(&host);
    return after;
}

const char *kmi_parse_u64(const char *text, const char *end, uint64_t *out)
{
    const char *p;
    uint64_t value = 0;

    *out = 0;
    for (p = text; p < end && is_digit(*p); p++) {
        uint64_t digit = (uint64_t)(*p - '0');
        if (value > (UINT64_MAX - digit) / 10) return NULL;
        value = 10 * value + digit;
    }
    if (p == text) return NULL;
    *out = value;
    return p;
}

/* "d.ddde+xx" as digits and the exponent of the first; trailing zeros are dropped. */
static int split(const char *text, char *digits, int *exponent)
{
    const char *p;
    int count = 0;

    for (p = text; *p != 'e'; p++)
        if (is_digit(*p)) digits[count++] = *p; /* a decimal point, however it looks, is passed over */
    *exponent = atoi(p + 1);
    while (count > 1 && digits[count - 1] == '0') count--;
    return count;
}

static char *put(char *out, const char *bytes, int count)
{
    memcpy(out, bytes, (size_t)count);
    return out + count;
}

/* As Python writes it: plain between 1e-4 and 1e16, with an exponent elsewhere. */
static size_t lay_out(bool negative, const char *digits, int count, int exponent, char *out)
{
    static const char zeros[] = "0000000000000000";
    char *p = out;

    if (negative) *p++ = '-';
    if (exponent >= 16 || exponent < -4) {
        *p++ = digits[0];
        if (count > 1) *p++ = '.';
        p = put(p, digits + 1, count - 1);
        p += snprintf(p, 8, "e%+03d", exponent);
    } else if (exponent < 0) {
        p = put(p, "0.", 2);
        p = put(p, zeros, -exponent - 1);
        p = put(p, digits, count);
    } else if (count <= exponent + 1) {
        p = put(p, digits, count);
        p = put(p, zeros, exponent + 1 - count);
    } else {
        p = put(p, digits, exponent + 1);
        *p++ = '.';
        p = put(p, digits + exponent + 1, count - exponent - 1);
    }
    *p = '\0';
    return (size_t)(p - out);
}

static size_t format(double value, char *out)
{
    /* 15 digits survive the way into a double, so fewer come out by dropping zeros; small numbers have fewer bits. */
    int digits_wanted = fabs(value) < DBL_MIN ? 1 : 15;
    char text[64], digits[20];
    int count, exponent;

    for (;; digits_wanted++) {
        double back;

        snprintf(text, sizeof text, "%.*e", digits_wanted - 1, fabs(value));
        count = split(text, digits, &exponent);
        lay_out(false, digits, count, exponent, out);
        if (digits_wanted == 17 || (parse(out, out + strlen(out), &back) != NULL && back == fabs(value))) break;
    }
    return lay_out(signbit(value) != 0, digits, count, exponent, out);
}

size_t kmi_format_double(double value, char out[KMI_DOUBLE_TEXT_SIZE])
{
    kmi_float_env host;
    size_t length;

    if (isnan(value)) return (size_t)snprintf(out, KMI_DOUBLE_TEXT_SIZE, "nan");
    if (isinf(value)) return (size_t)snprintf(out, KMI_DOUBLE_TEXT_SIZE, value < 0 ? "-inf" : "inf");
    if (kmi_float_env_is_default()) return format(value, out);
    kmi_float_env_enter(&host);
    length = format(value, out);
    kmi_float_env_leave(&host);
    return length;
}

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

bool kmi_text_is_same_word(const char *a, const char *b)
{
    for (; lower(*a) == lower(*b); a++, b++)
        if (*a == '\0') return true;
    return false;
}
