/*
 * CT tables. Tens of millions of voxels are converted at a time, so the row of
 * a number is found through buckets of equal width, no more than a few rows in each.
 */
#include "physics/ct_table.h"

#include <math.h>
#include <string.h>

#include "base/digest.h"
#include "base/handle.h"
#include "base/memory.h"

enum { BUCKETS = 4096 };

static const double CT_WIDTH_MIN = 1e-6; /* of a row: no slope is so steep that it overflows */

typedef struct row {
    double low, density, slope; /* density at low, g/cm3, and its slope */
    uint32_t material;
} row;

struct kmi_ct_table {
    size_t rows;
    row *row;     /* [rows + 1]; the last begins at the table's end and only holds that */
    double *end;  /* [rows] the densities at their ends, as given */
    double low, high, density_high;
    double buckets_per_number;
    uint32_t *bucket; /* [BUCKETS] the row of a bucket's first number */
    size_t materials;
    kmi_material **material; /* [materials] */
};

void kmi_ct_table_destroy(kmi_ct_table *self)
{
    size_t i;

    if (self == NULL) return;
    for (i = 0; i < self->materials; i++) kmi_material_destroy(self->material[i]);
    kmi_free(self->material);
    kmi_free(self->bucket);
    kmi_free(self->end);
    kmi_free(self->row);
    kmi_free(self);
}

static void destroy(void *object)
{
    kmi_ct_table_destroy(object);
}

kma_status kmi_ct_table_publish(kmi_ct_table *self, kma_ct_table *out)
{
    kma_status status = kmi_handle_create(KMA_KIND_CT_TABLE, self, destroy, &out->bits);
    if (status != KMA_OK) kmi_ct_table_destroy(self);
    return status;
}

static kma_status check_density(const char *which, double density)
{
    if (!(density >= 0 && density <= KMA_MATERIAL_DENSITY_MAX))
        return kmi_fail(KMA_ERR_ARGUMENT, "%s is %g g/cm3 (must be within 0..%g)", which, density,
                        KMA_MATERIAL_DENSITY_MAX);
    return KMA_OK;
}

kma_status kmi_ct_row_check(const kmi_ct_row *self, const kmi_ct_row *previous)
{
    kma_status status = KMA_OK;
    double width = self->ct_high - self->ct_low;

    if (!isfinite(self->ct_low) || !isfinite(self->ct_high) || !(width >= CT_WIDTH_MIN) || !isfinite(width))
        return kmi_fail(KMA_ERR_ARGUMENT, "the row goes from %.9g to %.9g (must be finite and rise by at least %g)",
                        self->ct_low, self->ct_high, CT_WIDTH_MIN);
    if (previous != NULL && self->ct_low != previous->ct_high)
        return kmi_fail(KMA_ERR_ARGUMENT, "the row begins at %.9g, the one before ends at %.9g (must be equal)",
                        self->ct_low, previous->ct_high);
    KMI_TRY(check_density("density_low", self->density_low));
    KMI_TRY(check_density("density_high", self->density_high));
cleanup:
    return status;
}

static kma_status check(const kmi_ct_row *rows, size_t n)
{
    size_t i;

    if (rows == NULL || n == 0 || n > KMI_CT_ROWS_MAX)
        return kmi_fail(KMA_ERR_ARGUMENT, "the CT table has %zu rows (must be within 1..%d)", rows == NULL ? 0 : n,
                        KMI_CT_ROWS_MAX);
    for (i = 0; i < n; i++) {
        kma_status status = kmi_ct_row_check(&rows[i], i > 0 ? &rows[i - 1] : NULL);
        if (status == KMA_OK && rows[i].material == NULL) status = kmi_fail(KMA_ERR_ARGUMENT, "there is no material");
        if (status != KMA_OK) return kmi_fail_prefix(status, "rows[%zu]: ", i);
    }
    if (!isfinite(rows[n - 1].ct_high - rows[0].ct_low))
        return kmi_fail(KMA_ERR_ARGUMENT, "the CT table goes from %g to %g, too far", rows[0].ct_low,
                        rows[n - 1].ct_high);
    return KMA_OK;
}

/* The rows' materials, each once, copied. */
static kma_status copy_materials(kmi_ct_table *self, const kmi_ct_row *rows)
{
    kma_status status = KMA_OK;
    const kmi_material **seen = kmi_alloc_array(self->rows, sizeof *seen);
    size_t i;

    self->material = kmi_alloc_array(self->rows, sizeof *self->material);
    if (seen == NULL || self->material == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a CT table"));
    for (i = 0; i < self->rows; i++) {
        const kmi_material *m = rows[i].material;
        size_t k = 0;
        while (k < self->materials && seen[k] != m) k++;
        self->row[i].material = (uint32_t)k;
        if (k < self->materials) continue;
        KMI_TRY(kmi_material_new_mass_fractions(m->name, m->z, m->fraction, m->count, m->density, &self->material[k]));
        seen[self->materials++] = m;
    }
cleanup:
    kmi_free(seen);
    return status;
}

/* Which bucket; also for the bounds of the buckets, so that rounding cannot part them. */
static double bucket_of(const kmi_ct_table *self, double ct_number)
{
    return (ct_number - self->low) * self->buckets_per_number;
}

kma_status kmi_ct_table_new(const kmi_ct_row *rows, size_t n, kmi_ct_table **out)
{
    kma_status status = KMA_OK;
    kmi_ct_table *t = NULL;
    size_t i, b;

    *out = NULL;
    KMI_TRY(check(rows, n));
    t = kmi_alloc(sizeof *t);
    if (t != NULL) {
        t->rows = n;
        t->row = kmi_alloc_array(n + 1, sizeof *t->row);
        t->end = kmi_alloc_array(n, sizeof *t->end);
        t->bucket = kmi_alloc_array(BUCKETS, sizeof *t->bucket);
    }
    if (t == NULL || t->row == NULL || t->end == NULL || t->bucket == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for a CT table of %zu rows", n));
    KMI_TRY(copy_materials(t, rows));
    for (i = 0; i < n; i++) {
        t->row[i].low = rows[i].ct_low;
        t->row[i].density = rows[i].density_low;
        t->end[i] = rows[i].density_high;
        t->row[i].slope = (rows[i].density_high - rows[i].density_low) / (rows[i].ct_high - rows[i].ct_low);
    }
    t->low = rows[0].ct_low;
    t->high = t->row[n].low = rows[n - 1].ct_high;
    t->density_high = rows[n - 1].density_high;
    t->buckets_per_number = BUCKETS / (t->high - t->low);
    for (i = 0, b = 0; b < BUCKETS; b++) {
        while (i + 1 < n && bucket_of(t, t->row[i + 1].low) <= (double)b) i++;
        t->bucket[b] = (uint32_t)i;
    }

    *out = t;
    t = NULL;
cleanup:
    kmi_ct_table_destroy(t);
    return status;
}

kmi_ct_voxel kmi_ct_table_convert(const kmi_ct_table *self, double ct_number, int *outside_out)
{
    kmi_ct_voxel v = {0, 0};
    const row *r = self->row;

    *outside_out = 0;
    if (!(ct_number >= self->low)) {
        *outside_out = -1;
        v.density = (float)r->density;
    } else if (ct_number >= self->high) {
        *outside_out = ct_number > self->high;
        v.density = (float)self->density_high;
        v.material = self->row[self->rows - 1].material;
        return v;
    } else {
        double bucket = bucket_of(self, ct_number);
        r += self->bucket[bucket < BUCKETS ? (size_t)bucket : BUCKETS - 1];
        while (ct_number >= r[1].low) r++; /* ends: ct_number < high, which row[rows] holds */
        v.density = (float)fmax(r->density + r->slope * (ct_number - r->low), 0.0);
    }
    v.material = r->material;
    return v;
}

void kmi_ct_table_range(const kmi_ct_table *self, double *low_out, double *high_out)
{
    *low_out = self->low;
    *high_out = self->high;
}

size_t kmi_ct_table_row_count(const kmi_ct_table *self)
{
    return self->rows;
}

size_t kmi_ct_table_row(const kmi_ct_table *self, size_t index, kmi_ct_row *out)
{
    const row *r = &self->row[index];

    *out = (kmi_ct_row){r[0].low, r[1].low, r->density, self->end[index], self->material[r->material]};
    return r->material;
}

size_t kmi_ct_table_material_count(const kmi_ct_table *self)
{
    return self->materials;
}

const kmi_material *kmi_ct_table_material(const kmi_ct_table *self, size_t index)
{
    return self->material[index];
}

void kmi_ct_table_digest(const kmi_ct_table *self, uint8_t digest_out[32])
{
    kmi_digest digest;
    size_t i, k;

    kmi_digest_start(&digest, "kerma CT table");
    kmi_digest_u64(&digest, self->rows);
    for (i = 0; i < self->rows; i++) {
        kmi_digest_double(&digest, self->row[i].low);
        kmi_digest_double(&digest, self->row[i].density);
        kmi_digest_double(&digest, self->row[i].slope);
        kmi_digest_u64(&digest, self->row[i].material);
    }
    kmi_digest_double(&digest, self->high);
    kmi_digest_double(&digest, self->density_high);
    kmi_digest_u64(&digest, self->materials);
    for (i = 0; i < self->materials; i++) {
        const kmi_material *m = self->material[i];
        kmi_digest_u64(&digest, m->count);
        for (k = 0; k < m->count; k++) {
            kmi_digest_u64(&digest, (uint64_t)m->z[k]);
            kmi_digest_double(&digest, m->fraction[k]);
        }
    }
    kmi_digest_end(&digest, digest_out);
}
