/* How far a result is from MPFR's, in units in the last place of the true value. */
#ifndef ELEMENTARY_TRUTH_H
#define ELEMENTARY_TRUTH_H

#include <mpfr.h>

#include "base/digest.h"
#include "kmt.h"

/* The largest error of a function over many arguments. */
typedef struct truth {
    const char *name;
    mpfr_t x, y, value, difference;
    double error;  /* ulp */
    double at[2];  /* the arguments of the largest error */
    long count;
    double limit;  /* ulp; a larger error ends the test at once */
} truth;

void truth_start(truth *t, const char *name, double limit);
/* Compares `got` with t->value, which the caller has set; x and y are for the message. */
void truth_compare(truth *t, double got, double x, double y);
void truth_end(truth *t); /* prints the largest error */

double truth_any_double(kmi_rng *rng);  /* finite, all exponents alike, both signs, subnormals too */
double truth_step(double x, int steps); /* so many doubles further */
double truth_between(kmi_rng *rng, double low, double high);

/* The digest of the bits of many results equals this one (64 hex digits). */
void truth_assert_digest(kmi_digest *digest, const char *expected);
void truth_digest_add(kmi_digest *digest, double result);

#endif
