/* Masses of bins: see mass.h. */
#include "scoring/mass.h"

#include <string.h>

#include "base/memory.h"
#include "geometry/frame.h"
#include "geometry/mesh_box.h"
#include "geometry/navigator.h"

enum {
    POINTS = 256,
    /* Korobov's lattice (1, a, a^2) / 256 of least P_2 (searched over all odd a): each axis is met at
     * 256 different places, so that a plane along a side errs by half of 1/256 at most. */
    POINT_STEP_Y = 83,
    POINT_STEP_Z = 83 * 83 % 256
};

static const double grams = 1e-3;          /* a g/cm3 times a mm3 */
static const double parallel_error = 1e-9; /* of an axis that counts as parallel, in cells */
/* Of the share of a volume in a sampled cell, for planes in any direction and for planes along the cell's sides:
 * mass.h. */
static const double SHARE_DEVIATION = 0.008, SHARE_ALONG_SIDES = 0.002;

/* A box of any orientation in the world. */
typedef struct cell {
    kmi_vec3 corner, edge[3];
    double volume;
} cell;

/* Which deposits the bin takes. */
typedef enum cell_of {
    CELL_OF_ALL,   /* all: a free grid */
    CELL_OF_BELOW, /* those in `root` and in what is placed in it: voxels */
    CELL_OF_ROOT   /* those in `root` alone: a volume */
} cell_of;

typedef struct measure {
    const kmi_geometry *g;
    const kmi_density_field *field;
    cell_of of;
    int32_t root;          /* contains all cells, unless CELL_OF_ALL */
    bool of_voxels;        /* the cells are the voxels of root's image */
    int32_t *near;         /* [near_count] root's daughters that the row of cells may touch */
    int32_t near_count;
    size_t sampled;        /* cells so far, the sum of what they would weigh whole, and of its squares */
    double sampled_grams, sampled_squares;
    int32_t mapped;        /* `map` is of this image instance */
    kmi_grid_map map;
} measure;

static kmi_vec3 cell_point(const cell *c, double u, double v, double w)
{
    return kmi_along(kmi_along(kmi_along(c->corner, c->edge[0], u), c->edge[1], v), c->edge[2], w);
}

static double density(const measure *m, int32_t instance, kmi_vec3 point)
{
    return m->field->density(m->field->context, instance, point);
}

static bool is_image(const measure *m, int32_t instance)
{
    return m->g->instances[instance].solid->kind == KMI_SOLID_GRID;
}

/* ---- where a cell lies ---- */

static void extend(double *low, double *high, double by)
{
    *(by < 0 ? low : high) += by;
}

/* The box around a cell in the frame of a solid (NULL: the world). */
static kmi_box3 box_around(const cell *c, const kmi_frame *frame)
{
    kmi_vec3 corner = frame == NULL ? c->corner : kmi_to_local(frame, c->corner);
    kmi_box3 b = {corner, corner};
    int i;

    for (i = 0; i < 3; i++) {
        kmi_vec3 e = frame == NULL ? c->edge[i] : kmi_unrotate(frame, c->edge[i]);
        extend(&b.low.x, &b.high.x, e.x);
        extend(&b.low.y, &b.high.y, e.y);
        extend(&b.low.z, &b.high.z, e.z);
    }
    return b;
}

static bool overlap(const kmi_box3 *a, const kmi_box3 *b)
{
    return a->low.x <= b->high.x && b->low.x <= a->high.x && a->low.y <= b->high.y && b->low.y <= a->high.y &&
           a->low.z <= b->high.z && b->low.z <= a->high.z;
}

typedef enum relation { APART, CUT, WITHIN } relation;

/* Of a cell and the solid of an instance; CUT also where it is not certain. */
static relation relate(const measure *m, const cell *c, const kmi_box3 *world_box, int32_t instance)
{
    const kmi_instance *v = &m->g->instances[instance];
    kmi_box3 box;

    if (!overlap(world_box, &v->bounds)) return APART;
    box = box_around(c, &v->frame);
    if (v->solid->kind == KMI_SOLID_MESH) {
        if (kmi_mesh_touches_box(v->solid->u.mesh.mesh, &box)) return CUT;
        return kmi_mesh_inside(v->solid->u.mesh.mesh, kmi_scale(kmi_add(box.low, box.high), 0.5)) ? WITHIN : APART;
    }
    return kmi_solid_contains_box(v->solid, &box) ? WITHIN : CUT;
}

static bool is_below(const kmi_geometry *g, int32_t instance, int32_t root)
{
    while (instance > root) instance = g->instances[instance].mother; /* mothers have lower numbers */
    return instance == root;
}

/* ---- the mass of a cell ---- */

static double sample(measure *m, const cell *c)
{
    double sum = 0, whole;
    int i;

    if (m->of == CELL_OF_ROOT) {
        whole = density(m, m->root, cell_point(c, 0.5, 0.5, 0.5)) * c->volume * grams;
        m->sampled++;
        m->sampled_grams += whole;
        m->sampled_squares += whole * whole;
    }
    for (i = 0; i < POINTS; i++) {
        kmi_vec3 p = cell_point(c, (i + 0.5) / POINTS, (i * POINT_STEP_Y % POINTS + 0.5) / POINTS,
                                (i * POINT_STEP_Z % POINTS + 0.5) / POINTS);
        int32_t at = kmi_navigator_locate(m->g, p);
        if (at == KMI_OUTSIDE) continue;
        if (m->of == CELL_OF_ROOT && at != m->root) continue;
        if (m->of == CELL_OF_BELOW && !is_below(m->g, at, m->root)) continue;
        sum += density(m, at, p);
    }
    return sum / POINTS * c->volume * grams;
}

/* A cell within an image and parallel to its voxels: the sum over the voxels it overlaps. False if it is oblique. */
static bool sum_voxels(measure *m, const cell *c, int32_t image, double *out)
{
    kmi_vec3 start;
    double low[3], high[3], first[3], length[3], sum = 0;
    int edge_of[3], a, e;
    double i[3];

    if (m->mapped != image) {
        kmi_grid_map_make(&m->map, &m->g->instances[image].solid->u.grid.grid, &m->g->instances[image].frame);
        m->mapped = image;
    }
    start = c->corner;
    for (a = 0; a < 3; a++) {
        const double *r = &m->map.to_index[3 * a];
        int along = 0;
        first[a] = r[0] * start.x + r[1] * start.y + r[2] * start.z + m->map.shift[a];
        for (e = 0; e < 3; e++) {
            double part = r[0] * c->edge[e].x + r[1] * c->edge[e].y + r[2] * c->edge[e].z;
            if (fabs(part) <= parallel_error) continue;
            along++;
            edge_of[a] = e;
            length[a] = part;
        }
        if (along != 1) return false;
        low[a] = fmax(0, fmin(first[a], first[a] + length[a]));
        high[a] = fmin(m->map.count[a], fmax(first[a], first[a] + length[a]));
    }
    for (i[2] = floor(low[2]); i[2] < high[2]; i[2]++) {
        for (i[1] = floor(low[1]); i[1] < high[1]; i[1]++) {
            for (i[0] = floor(low[0]); i[0] < high[0]; i[0]++) {
                double at[3], share = 1;
                for (a = 0; a < 3; a++) {
                    share *= (fmin(high[a], i[a] + 1) - fmax(low[a], i[a])) / fabs(length[a]);
                    at[edge_of[a]] = (i[a] + 0.5 - first[a]) / length[a]; /* the voxel's centre, along that edge */
                }
                sum += share * density(m, image, cell_point(c, at[0], at[1], at[2]));
            }
        }
    }
    *out = sum * c->volume * grams;
    return true;
}

/* Of a cell that lies in `at` as a whole and touches none of its daughters. */
static double mass_within(measure *m, const cell *c, int32_t at)
{
    double mass;

    if (is_image(m, at) && !(m->of_voxels && at == m->root))
        return sum_voxels(m, c, at, &mass) ? mass : sample(m, c);
    return density(m, at, cell_point(c, 0.5, 0.5, 0.5)) * c->volume * grams;
}

static double mass_of_cell(measure *m, const cell *c)
{
    kmi_box3 box;
    int32_t at = m->root;

    if (m->of != CELL_OF_ALL && m->near_count == 0) return mass_within(m, c, at);
    box = box_around(c, NULL);
    if (m->of == CELL_OF_ALL) {
        relation to_world = relate(m, c, &box, 0);
        if (to_world == APART) return 0;
        if (to_world == CUT) return sample(m, c);
        at = 0;
    }
    for (;;) {
        const kmi_instance *v = &m->g->instances[at];
        int32_t count = at == m->root ? m->near_count : v->daughter_count;
        int32_t i, next = KMI_OUTSIDE;

        for (i = 0; i < count && next == KMI_OUTSIDE; i++) {
            int32_t daughter = at == m->root ? m->near[i] : v->first_daughter + i;
            relation r = relate(m, c, &box, daughter);
            if (r == CUT) return sample(m, c);
            if (r == WITHIN) next = daughter; /* where daughters overlap the first declared wins */
        }
        if (next == KMI_OUTSIDE) return mass_within(m, c, at);
        if (m->of == CELL_OF_ROOT) return 0;
        at = next;
    }
}

/* ---- rows of cells ---- */

/* A grid's cells in the world: cell (i, j, k) starts at corner + i edge[0] + j edge[1] + k edge[2]. */
static cell first_cell(const kmi_grid *grid, const kmi_frame *frame)
{
    cell c;

    c.corner = kmi_grid_cell_point(grid, frame, 0, 0, 0);
    c.edge[0] = kmi_sub(kmi_grid_cell_point(grid, frame, 1, 0, 0), c.corner);
    c.edge[1] = kmi_sub(kmi_grid_cell_point(grid, frame, 0, 1, 0), c.corner);
    c.edge[2] = kmi_sub(kmi_grid_cell_point(grid, frame, 0, 0, 1), c.corner);
    c.volume = kmi_grid_cell_volume(grid);
    return c;
}

/* Looks through the daughters of the root once for a whole row of cells. */
static void find_near(measure *m, const cell *row)
{
    const kmi_instance *v = &m->g->instances[m->root];
    kmi_box3 box = box_around(row, NULL);
    int32_t i;

    m->near_count = 0;
    for (i = v->first_daughter; i < v->first_daughter + v->daughter_count; i++)
        if (overlap(&box, &m->g->instances[i].bounds)) m->near[m->near_count++] = i;
}

/* Adds the masses of cells [first, first + n) of a grid in `frame` to grams_out. */
static kma_status add_cells(measure *m, const kmi_grid *grid, const kmi_frame *frame, uint64_t first, size_t n,
                            double *grams_out)
{
    kma_status status = KMA_OK;
    cell zero = first_cell(grid, frame);
    kmi_vec3 start = zero.corner; /* of the row */
    uint64_t i = first % grid->count[0], row = first / grid->count[0];
    bool new_row = true;
    size_t b;

    m->mapped = KMI_OUTSIDE;
    m->near = kmi_alloc_array((size_t)m->g->instances[m->root].daughter_count, sizeof *m->near);
    if (m->near == NULL)
        KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the masses of %zu bins", n));
    for (b = 0; b < n; b++) {
        cell c = zero;
        if (new_row) {
            start = cell_point(&zero, 0, (double)(row % grid->count[1]), (double)(row / grid->count[1]));
            c.corner = start;
            c.edge[0] = kmi_scale(zero.edge[0], (double)grid->count[0]);
            find_near(m, &c);
            c.edge[0] = zero.edge[0];
        }
        c.corner = kmi_along(start, zero.edge[0], (double)i);
        grams_out[b] += mass_of_cell(m, &c);
        new_row = ++i == grid->count[0];
        if (new_row) {
            i = 0;
            row++;
        }
    }
cleanup:
    kmi_free(m->near);
    m->near = NULL;
    return status;
}

/* ---- scorers ---- */

/* An image's own voxels, those in its daughters not counted. */
static kma_status add_image(measure *m, double *grams_out)
{
    kma_status status = KMA_OK;
    const kmi_instance *v = &m->g->instances[m->root];
    const kmi_grid *grid = &v->solid->u.grid.grid;
    size_t row, rows = grid->count[1] * grid->count[2], i;
    double *masses = kmi_alloc_array(grid->count[0], sizeof *masses);

    if (masses == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "no memory for the mass of '%s'", v->volume->name));
    m->of_voxels = true;
    for (row = 0; row < rows; row++) {
        memset(masses, 0, grid->count[0] * sizeof *masses);
        KMI_TRY(add_cells(m, grid, &v->frame, row * grid->count[0], grid->count[0], masses));
        for (i = 0; i < grid->count[0]; i++) *grams_out += masses[i];
    }
cleanup:
    kmi_free(masses);
    return status;
}

static double mass_of_solid(const measure *m)
{
    const kmi_instance *v = &m->g->instances[m->root];
    double volume = kmi_solid_volume(v->solid);
    int32_t i;

    for (i = v->first_daughter; i < v->first_daughter + v->daughter_count; i++)
        volume -= kmi_solid_volume(m->g->instances[i].solid);
    /* Daughters that fill it leave a rounding error, of either sign. */
    return fmax(volume, 0) * density(m, m->root, v->frame.translation) * grams;
}

/* Of the root without its daughters. */
static kma_status add_root(measure *m, double *grams_out)
{
    m->of = CELL_OF_ROOT;
    if (is_image(m, m->root)) return add_image(m, grams_out);
    *grams_out += mass_of_solid(m);
    return KMA_OK;
}

static kma_status add_placement(const kmi_scorer *scorer, measure *m, uint64_t first, size_t n, double *grams_out)
{
    if (scorer->kind != KMA_SCORER_VOXELS) return add_root(m, grams_out);
    m->of = CELL_OF_BELOW;
    m->of_voxels = true;
    return add_cells(m, &scorer->grid, &m->g->instances[m->root].frame, first, n, grams_out);
}

kma_status kmi_scorer_mass(const kmi_scorer *scorer, const kmi_geometry *g, const kmi_density_field *field,
                           uint64_t first, size_t n, double *grams_out)
{
    kma_status status = KMA_OK;
    kmi_frame world = kmi_frame_identity();
    measure m = {.g = g, .field = field, .of = CELL_OF_ALL, .mapped = KMI_OUTSIDE};
    int32_t v;

    memset(grams_out, 0, n * sizeof *grams_out);
    KMI_ASSERT(first <= scorer->bins && n <= scorer->bins - first);
    if (n == 0 || scorer->kind == KMA_SCORER_DETECTOR) goto cleanup;
    if (scorer->kind == KMA_SCORER_GRID) {
        KMI_TRY(add_cells(&m, &scorer->grid, &world, first, n, grams_out));
        goto cleanup;
    }
    for (v = 0; v < g->instance_count; v++) {
        if (g->instances[v].volume != scorer->volume) continue;
        m.root = v;
        KMI_TRY(add_placement(scorer, &m, first, n, grams_out));
    }
cleanup:
    if (status != KMA_OK) memset(grams_out, 0, n * sizeof *grams_out);
    return status;
}

kma_status kmi_volume_mass_of(const kmi_geometry *g, const kmi_density_field *field, int32_t instance,
                              kmi_volume_mass *out)
{
    kma_status status = KMA_OK;
    measure m = {.g = g, .field = field, .root = instance, .mapped = KMI_OUTSIDE};

    memset(out, 0, sizeof *out);
    KMI_TRY(add_root(&m, &out->grams));
    out->sampled = m.sampled;
    out->uncertainty = SHARE_DEVIATION * sqrt(m.sampled_squares) + SHARE_ALONG_SIDES * m.sampled_grams;
cleanup:
    if (status != KMA_OK) memset(out, 0, sizeof *out);
    return status;
}
