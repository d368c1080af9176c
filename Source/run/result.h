/* A result: a snapshot of the exact sums with the plan that says what they mean. Immutable. */
#ifndef KMI_RESULT_H
#define KMI_RESULT_H

#include "base/thread.h"
#include "kerma/result.h"
#include "transport/plan.h"

typedef struct kmi_result {
    kmi_plan *plan;         /* a reference */
    kmi_snapshot *snapshot; /* owned */
    uint64_t seed;
    kmi_lock lock;          /* guards what is made when first asked for: the hash, and masses */
    bool hashed;
    double **masses;        /* [scorers] g in every bin, or NULL: see masses_of() in result.c */
    uint8_t scores_hash[KMI_DIGEST_SIZE];
} kmi_result;

/* Takes plan and snapshot over if it succeeds. */
kma_status kmi_result_create(kmi_plan *plan, kmi_snapshot *snapshot, uint64_t seed, kma_result *out);
void kmi_result_destroy(void *result);

kma_status kmi_result_info(kmi_result *self, kma_result_info *out);
/* Mean and uncertainty of bins [first, first + n) of a quantity; either output may be NULL. */
kma_status kmi_result_values(const kmi_result *self, size_t scorer, kma_quantity quantity, size_t first, size_t n,
                             double *mean, double *uncertainty);
kma_status kmi_result_largest(const kmi_result *self, size_t scorer, kma_quantity quantity, size_t *bin, double *mean,
                              double *uncertainty);
kma_status kmi_result_total(const kmi_result *self, size_t scorer, kma_quantity quantity, double *out);

#endif
