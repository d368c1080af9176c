/*
 * Prints a number made of the bits of many values of libm's functions. glibc
 * chooses among several codes for them by the processor, and their last bits
 * differ: the number tells whether a setting of GLIBC_TUNABLES changed the choice.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    volatile double x = 0.001; /* not to be computed by the compiler */
    uint64_t hash = 14695981039346656037u; /* FNV-1a, of 64-bit words */
    int i, k;

    for (i = 0; i < 200000; i++, x *= 1.00005) {
        const double value[5] = {exp(x), log(x), sin(x), atan2(x, 1.5), pow(x, 1.7)};
        for (k = 0; k < 5; k++) {
            uint64_t bits;
            memcpy(&bits, &value[k], sizeof bits);
            hash = (hash ^ bits) * 1099511628211u;
        }
    }
    printf("%016" PRIx64 "\n", hash);
    return 0;
}
