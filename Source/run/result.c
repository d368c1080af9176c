/* Reading exact sums: means, uncertainties, doses, the ledger, the hash. */
#include "run/result.h"

#include <math.h>
#include <string.h>

#include "base/handle.h"
#include "base/memory.h"
#include "scoring/mass.h"

void kmi_result_destroy(void *object)
{
    kmi_result *self = object;
    size_t i;

    if (self == NULL) return;
    for (i = 0; self->masses != NULL && i < self->plan->scorers->count; i++) kmi_free(self->masses[i]);
    kmi_free(self->masses);
    kmi_snapshot_destroy(self->snapshot);
    kmi_plan_release(self->plan);
    kmi_lock_destroy(&self->lock);
    kmi_free(self);
}

kma_status kmi_result_create(kmi_plan *plan, kmi_snapshot *snapshot, uint64_t seed, kma_result *out)
{
    kma_status status;
    kmi_result *self = kmi_alloc(sizeof *self);

    if (self == NULL) return kmi_fail(KMA_ERR_MEMORY, "no memory for a result");
    status = kmi_lock_init(&self->lock);
    if (status != KMA_OK) {
        kmi_free(self);
        return status;
    }
    self->seed = seed;
    self->plan = plan;
    self->snapshot = snapshot;
    self->masses = kmi_alloc_array(plan->scorers->count + 1, sizeof *self->masses);
    status = self->masses == NULL ? kmi_fail(KMA_ERR_MEMORY, "no memory for a result")
                                  : kmi_handle_create(KMA_KIND_RESULT, self, kmi_result_destroy, &out->bits);
    if (status != KMA_OK) {
        kmi_free(self->masses);
        kmi_lock_destroy(&self->lock);
        kmi_free(self);
    }
    return status;
}

/* All that was scored: the intervals and the sums of every bin that is not empty. */
static void hash_scores(const kmi_snapshot *snapshot, uint8_t out[KMI_DIGEST_SIZE])
{
    kmi_digest d;
    uint64_t bin, bins = kmi_snapshot_bins(snapshot);
    size_t i;

    kmi_digest_start(&d, "kerma scores 1");
    kmi_digest_u64(&d, bins);
    kmi_digest_u64(&d, kmi_snapshot_interval_count(snapshot));
    for (i = 0; i < kmi_snapshot_interval_count(snapshot); i++) {
        kmi_interval interval = kmi_snapshot_interval(snapshot, i);
        kmi_digest_u64(&d, interval.begin);
        kmi_digest_u64(&d, interval.end);
    }
    for (bin = 0; bin < bins; bin++) {
        kmi_int128 sum;
        kmi_uint128 squares;
        kmi_snapshot_bin(snapshot, bin, &sum, &squares);
        if (squares == 0) continue;
        kmi_digest_u64(&d, bin);
        kmi_digest_u64(&d, (uint64_t)sum);
        kmi_digest_u64(&d, (uint64_t)((kmi_uint128)sum >> 64));
        kmi_digest_u64(&d, (uint64_t)squares);
        kmi_digest_u64(&d, (uint64_t)(squares >> 64));
    }
    kmi_digest_end(&d, out);
}

static kmi_int128 ledger_sum(const kmi_result *self, kmi_ledger entry)
{
    kmi_int128 sum;
    kmi_uint128 squares;
    kmi_snapshot_bin(self->snapshot, entry, &sum, &squares);
    return sum;
}

static void fill_ledger(const kmi_result *self, kma_energy_ledger *out)
{
    double quantum = self->plan->scorers->energy_quantum;
    kmi_int128 emitted = ledger_sum(self, KMI_LEDGER_EMITTED), deposited = ledger_sum(self, KMI_LEDGER_DEPOSITED);
    kmi_int128 escaped = ledger_sum(self, KMI_LEDGER_ESCAPED), cut = ledger_sum(self, KMI_LEDGER_CUT);
    kmi_int128 killed = ledger_sum(self, KMI_LEDGER_KILLED);

    out->emitted = (double)emitted * quantum;
    out->deposited = (double)deposited * quantum;
    out->escaped = (double)escaped * quantum;
    out->cut = (double)cut * quantum;
    out->killed = (double)killed * quantum;
    out->balance = (double)(emitted - deposited - escaped - cut - killed) * quantum;
    out->allowed = (double)kmi_snapshot_histories(self->snapshot) * KMI_LEDGER_BINS * quantum;
}

kma_status kmi_result_info(kmi_result *self, kma_result_info *out)
{
    kma_status status = KMA_OK;
    const kmi_plan *plan = self->plan;

    memset(out, 0, sizeof *out);
    out->size = sizeof *out;
    out->histories = kmi_snapshot_histories(self->snapshot);
    if (kmi_snapshot_interval_count(self->snapshot) > 0 && kmi_snapshot_interval(self->snapshot, 0).begin == 0)
        out->first_missing = kmi_snapshot_interval(self->snapshot, 0).end;
    out->seed = self->seed;
    out->scorers = plan->scorers->count;
    out->cut_energy = plan->cut_energy;
    fill_ledger(self, &out->ledger);
    out->ct_voxels = plan->ct_voxels;
    out->ct_voxels_below = plan->ct_below;
    out->ct_voxels_above = plan->ct_above;
    kmi_digest_format(plan->scene_hash, out->scene_hash);
    kmi_digest_format(plan->fingerprint, out->fingerprint);
    KMI_TRY(kmi_lock_enter(&self->lock));
    if (!self->hashed) hash_scores(self->snapshot, self->scores_hash);
    self->hashed = true;
    kmi_digest_format(self->scores_hash, out->scores_hash);
    kmi_lock_give(&self->lock);
cleanup:
    if (status != KMA_OK) {
        memset(out, 0, sizeof *out);
        out->size = sizeof *out;
    }
    return status;
}

static const char *const quantity_names[] = {"energy",        "dose",           "mass",         "primary_energy",
                                             "primary_count", "scatter_energy", "scatter_count"};
static const char *const quantity_units[] = {"MeV", "Gy", "g", "MeV", "1", "MeV", "1"};
enum { QUANTITIES = sizeof quantity_names / sizeof *quantity_names };

const char *kma_quantity_name(kma_quantity quantity)
{
    return (unsigned)quantity < QUANTITIES ? quantity_names[quantity] : "?";
}

const char *kma_quantity_unit(kma_quantity quantity)
{
    return (unsigned)quantity < QUANTITIES ? quantity_units[quantity] : "?";
}

/* The plane of bins that a quantity is read from, and the size of its quantum. */
static kma_status find_plane(const kmi_scorer_set *set, size_t scorer, kma_quantity quantity, unsigned *plane_out,
                             double *quantum_out)
{
    const kmi_scorer *s = set->scorers[scorer].scorer;
    bool detector = s->kind == KMA_SCORER_DETECTOR;

    *quantum_out = set->energy_quantum;
    *plane_out = 0;
    if (detector && quantity >= KMA_QUANTITY_PRIMARY_ENERGY && quantity <= KMA_QUANTITY_SCATTER_COUNT) {
        *plane_out = (unsigned)quantity - KMA_QUANTITY_PRIMARY_ENERGY + KMI_DETECTOR_PRIMARY_ENERGY;
        if (*plane_out == KMI_DETECTOR_PRIMARY_COUNT || *plane_out == KMI_DETECTOR_SCATTER_COUNT)
            *quantum_out = set->count_quantum;
        return KMA_OK;
    }
    if (!detector && (quantity == KMA_QUANTITY_ENERGY || quantity == KMA_QUANTITY_DOSE || quantity == KMA_QUANTITY_MASS))
        return KMA_OK;
    return kmi_fail(KMA_ERR_ARGUMENT, "the %s scorer '%s' holds no quantity %d (%s)", kma_scorer_kind_name(s->kind),
                    s->name, (int)quantity, kma_quantity_name(quantity));
}

static kma_status check_bins(const kmi_scorer_set *set, size_t scorer, size_t first, size_t n)
{
    if (scorer >= set->count)
        return kmi_fail(KMA_ERR_ARGUMENT, "scorer %zu: the result has %zu", scorer, set->count);
    if (first > set->scorers[scorer].bins || n > set->scorers[scorer].bins - first)
        return kmi_fail(KMA_ERR_ARGUMENT, "bins %zu to %zu: '%s' has %llu", first, first + n,
                        set->scorers[scorer].scorer->name, (unsigned long long)set->scorers[scorer].bins);
    return KMA_OK;
}

#define JOULE_PER_MEV 1.602176634e-13 /* CODATA 2018, exact */
#define KILOGRAM_PER_GRAM 1e-3

enum { PIECE = 4096 }; /* bins whose masses are made at once */

enum { KEPT_MASSES = 1 << 22 }; /* bins: 32 MiB */

/* All masses of a scorer, made once. With the lock held. */
static kma_status make_masses(kmi_result *self, size_t scorer)
{
    kma_status status = KMA_OK;
    const kmi_scorer *s = self->plan->scorers->scorers[scorer].scorer;
    double *masses = NULL;

    if (self->masses[scorer] != NULL) return KMA_OK;
    masses = kmi_alloc_array((size_t)s->bins, sizeof *masses);
    if (masses == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the masses of %llu bins", (unsigned long long)s->bins));
    KMI_TRY(kmi_scorer_mass(s, self->plan->geometry, &self->plan->density, 0, (size_t)s->bins, masses));
    self->masses[scorer] = masses;
    masses = NULL;
cleanup:
    kmi_free(masses);
    return status;
}

/*
 * Masses of bins. Cells of a free grid that a surface cuts are sampled (0.7 us a cell), so those are kept; a voxel's is
 * its density times its volume, quicker made again than kept for 42 million of them.
 */
static kma_status masses_of(const kmi_result *self, size_t scorer, size_t first, size_t n, double *out)
{
    kma_status status = KMA_OK;
    const kmi_scorer *s = self->plan->scorers->scorers[scorer].scorer;
    kmi_result *kept = (kmi_result *)self; /* what is made on demand does not change what a result says */

    if (s->kind != KMA_SCORER_GRID || s->bins > KEPT_MASSES)
        return kmi_scorer_mass(s, self->plan->geometry, &self->plan->density, first, n, out);
    KMI_TRY(kmi_lock_enter(&kept->lock));
    status = make_masses(kept, scorer);
    kmi_lock_give(&kept->lock);
    if (status == KMA_OK) memcpy(out, self->masses[scorer] + first, n * sizeof *out);
cleanup:
    return status;
}

/* From MeV to Gy, bin by bin; a bin without mass has no dose. */
static kma_status divide_by_mass(const kmi_result *self, size_t scorer, size_t first, size_t n, double *mean,
                                 double *uncertainty)
{
    kma_status status = KMA_OK;
    double *mass = kmi_alloc_array(PIECE, sizeof *mass);
    size_t done, i;

    if (mass == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the masses of %d bins", PIECE));
    for (done = 0; done < n; done += PIECE) {
        size_t piece = n - done < PIECE ? n - done : PIECE;
        KMI_TRY(masses_of(self, scorer, first + done, piece, mass));
        for (i = 0; i < piece; i++) {
            double factor = mass[i] > 0 ? JOULE_PER_MEV / (mass[i] * KILOGRAM_PER_GRAM) : 0;
            if (mean != NULL) mean[done + i] *= factor;
            if (uncertainty != NULL && factor > 0)
                uncertainty[done + i] *= factor;
            else if (uncertainty != NULL)
                uncertainty[done + i] = 0;
        }
    }
cleanup:
    kmi_free(mass);
    return status;
}

kma_status kmi_result_values(const kmi_result *self, size_t scorer, kma_quantity quantity, size_t first, size_t n,
                             double *mean, double *uncertainty)
{
    kma_status status = KMA_OK;
    const kmi_scorer_set *set = self->plan->scorers;
    unsigned plane;
    double quantum;
    bool checked = false;

    KMI_TRY(check_bins(set, scorer, first, n));
    checked = true;
    KMI_TRY(find_plane(set, scorer, quantity, &plane, &quantum));
    if (quantity == KMA_QUANTITY_MASS) {
        if (mean != NULL)
            KMI_TRY(masses_of(self, scorer, first, n, mean));
        if (uncertainty != NULL) memset(uncertainty, 0, n * sizeof *uncertainty);
        return KMA_OK;
    }
    kmi_snapshot_means(self->snapshot, set->scorers[scorer].first_bin + plane * set->scorers[scorer].bins + first, n,
                       quantum, mean, uncertainty);
    if (quantity == KMA_QUANTITY_DOSE) KMI_TRY(divide_by_mass(self, scorer, first, n, mean, uncertainty));
cleanup:
    /* Energies left where doses were asked for would be believed. */
    if (status != KMA_OK && checked && mean != NULL) memset(mean, 0, n * sizeof *mean);
    if (status != KMA_OK && checked && uncertainty != NULL) memset(uncertainty, 0, n * sizeof *uncertainty);
    return status;
}

/* What is known of the largest value while the bins are gone through. */
typedef struct largest {
    double surely; /* the largest value less two standard deviations, if any is above 0 */
    size_t bin;
    double mean, uncertainty;
} largest;

static void look_for_larger(largest *l, size_t first, size_t n, const double *mean, const double *uncertainty)
{
    size_t i;

    for (i = 0; i < n; i++) {
        double surely = mean[i] - 2 * uncertainty[i];
        if (surely > l->surely)
            l->surely = surely;
        else if (l->surely > 0 || !(mean[i] > l->mean))
            continue;
        l->bin = first + i;
        l->mean = mean[i];
        l->uncertainty = uncertainty[i];
    }
}

kma_status kmi_result_largest(const kmi_result *self, size_t scorer, kma_quantity quantity, size_t *bin, double *mean,
                              double *uncertainty)
{
    kma_status status = KMA_OK;
    double *values = kmi_alloc_array(2 * PIECE, sizeof *values);
    largest l = {0, 0, 0, 0};
    size_t first, n, bins;

    if (values == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for %d values", 2 * PIECE));
    KMI_TRY(check_bins(self->plan->scorers, scorer, 0, 0));
    bins = (size_t)self->plan->scorers->scorers[scorer].bins;
    for (first = 0; first < bins; first += n) {
        n = bins - first < PIECE ? bins - first : PIECE;
        KMI_TRY(kmi_result_values(self, scorer, quantity, first, n, values, values + PIECE));
        look_for_larger(&l, first, n, values, values + PIECE);
    }
    *bin = l.bin;
    *mean = l.mean;
    *uncertainty = l.uncertainty;
cleanup:
    kmi_free(values);
    return status;
}

kma_status kmi_result_total(const kmi_result *self, size_t scorer, kma_quantity quantity, double *out)
{
    kma_status status = KMA_OK;
    const kmi_scorer_set *set = self->plan->scorers;
    kmi_int128 total = 0;
    double quantum, *mass = NULL;
    unsigned plane;
    uint64_t bin, first;

    KMI_TRY(check_bins(set, scorer, 0, 0));
    KMI_TRY(find_plane(set, scorer, quantity, &plane, &quantum));
    if (quantity == KMA_QUANTITY_DOSE)
        KMI_TRY(kmi_fail(KMA_ERR_ARGUMENT, "doses of bins cannot be added up; ask for energy and mass"));
    if (quantity == KMA_QUANTITY_MASS) {
        double sum = 0;
        mass = kmi_alloc_array(PIECE, sizeof *mass);
        if (mass == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the masses of %d bins", PIECE));
        for (bin = 0; bin < set->scorers[scorer].bins; bin += PIECE) {
            size_t i, piece = set->scorers[scorer].bins - bin < PIECE ? (size_t)(set->scorers[scorer].bins - bin) : PIECE;
            KMI_TRY(masses_of(self, scorer, (size_t)bin, piece, mass));
            for (i = 0; i < piece; i++) sum += mass[i];
        }
        *out = sum;
        goto cleanup;
    }
    first = set->scorers[scorer].first_bin + plane * set->scorers[scorer].bins;
    for (bin = first; bin < first + set->scorers[scorer].bins; bin++) {
        kmi_int128 sum;
        kmi_uint128 squares;
        kmi_snapshot_bin(self->snapshot, bin, &sum, &squares);
        total += sum;
    }
    *out = kmi_snapshot_histories(self->snapshot) == 0
               ? 0
               : (double)total * quantum / (double)kmi_snapshot_histories(self->snapshot);
cleanup:
    kmi_free(mass);
    return status;
}
