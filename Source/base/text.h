/*
 * Numbers as text, the same in every locale and whatever the host's rounding
 * direction. strtod and printf read and write a comma in half of the world.
 */
#ifndef KMI_TEXT_H
#define KMI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KMI_DOUBLE_TEXT_SIZE = 32 };

/*
 * Reads a decimal number that begins at `text` and ends before `end`: sign, digits, point, exponent, or
 * inf, infinity, nan in any case. No leading space, no hexadecimal. Correctly rounded; too large gives
 * +-infinity, too small +-0.
 * Returns where it ended, or NULL if there is no number; then *out is 0.
 */
const char *kmi_parse_double(const char *text, const char *end, double *out);
/* Decimal digits only. NULL if there are none or the value does not fit; then *out is 0. */
const char *kmi_parse_u64(const char *text, const char *end, uint64_t *out);
/*
 * The shortest of the correctly rounded decimals that reads back as the same double: "0.1", "1e+300", "-0",
 * "inf", "nan". Returns its length.
 */
size_t kmi_format_double(double value, char out[KMI_DOUBLE_TEXT_SIZE]);

/* Whether two texts are the same but for the case of a..z: strcasecmp() asks the locale, and Turkish has another I. */
bool kmi_text_is_same_word(const char *a, const char *b);

#endif
