/* The navigator in volumes of many daughters. */
#include "geometry/daughter_tree.h"
#include "geometry/navigator_parts.h"

enum { CANDIDATES = 16 }; /* entries within a contact length of the nearest: several only where daughters touch */

typedef struct search {
    const kmi_geometry *g;
    const kmi_flight *f;
    int32_t first_daughter;
    kmi_vec3 origin, inverse; /* of the flight, in the mother's frame */
    double t_max, nearest;
    int count;
    bool overflow;
    double t[CANDIDATES];
    int32_t instance[CANDIDATES];
} search;

static double limit_of(const search *s)
{
    double limit = s->nearest + s->g->contact;
    return limit < s->t_max ? limit : s->t_max;
}

static void drop_far(search *s)
{
    int i, n = 0;

    for (i = 0; i < s->count; i++) {
        if (!(s->t[i] <= s->nearest + s->g->contact)) continue;
        s->t[n] = s->t[i];
        s->instance[n++] = s->instance[i];
    }
    s->count = n;
}

static void look_at(search *s, int32_t instance)
{
    double t = kmi_instance_entry(&s->g->instances[instance], s->f, limit_of(s), s->g->contact);

    if (!(t < INFINITY)) return;
    if (t < s->nearest) s->nearest = t;
    if (s->count == CANDIDATES) drop_far(s);
    if (s->count == CANDIDATES) {
        s->overflow = true;
        return;
    }
    s->t[s->count] = t;
    s->instance[s->count++] = instance;
}

static void walk(search *s, const kmi_daughter_tree *tree)
{
    int32_t stack[KMI_DAUGHTER_TREE_STACK];
    double begin[KMI_DAUGHTER_TREE_STACK];
    const kmi_daughter_node *nodes = tree->nodes;
    int depth = 0, i;
    int32_t at = 0;
    double t = s->f->t;
    kmi_chord root = kmi_box_chord(nodes[0].bounds.low, nodes[0].bounds.high, s->origin, s->inverse);

    if (!kmi_chord_reaches(root, t, s->t_max)) return;
    for (;;) {
        const kmi_daughter_node *node = &nodes[at];
        for (i = 0; i < node->count; i++) look_at(s, s->first_daughter + tree->order[node->first + i]);
        if (node->count == 0) {
            double limit = limit_of(s);
            const kmi_daughter_node *l = node + 1, *r = &nodes[node->right];
            kmi_chord left = kmi_box_chord(l->bounds.low, l->bounds.high, s->origin, s->inverse);
            kmi_chord right = kmi_box_chord(r->bounds.low, r->bounds.high, s->origin, s->inverse);
            bool go_left = kmi_chord_reaches(left, t, limit), go_right = kmi_chord_reaches(right, t, limit);
            if (go_left && go_right) {
                bool left_first = left.in <= right.in;
                stack[depth] = left_first ? node->right : at + 1;
                begin[depth++] = left_first ? right.in : left.in;
                at = left_first ? at + 1 : node->right;
                continue;
            }
            if (go_left || go_right) {
                at = go_left ? at + 1 : node->right;
                continue;
            }
        }
        do {
            if (depth == 0) return;
            at = stack[--depth];
        } while (!(begin[depth] <= limit_of(s)));
    }
}

/* More touch here than anybody builds: the first declared of those near enough, by looking at all. */
static void first_of_all(search *s, int32_t count, kmi_boundary *out)
{
    double limit = limit_of(s);
    int32_t i;

    for (i = s->first_daughter; i < s->first_daughter + count; i++) {
        out->t = kmi_instance_entry(&s->g->instances[i], s->f, limit, s->g->contact);
        out->instance = i;
        if (out->t < INFINITY) return;
    }
}

bool kmi_navigator_nearest_in_tree(const kmi_geometry *g, const kmi_flight *f, double t_max, kmi_boundary *out)
{
    const kmi_instance *v = &g->instances[f->instance];
    search s;
    int i;

    s.g = g;
    s.f = f;
    s.first_daughter = v->first_daughter;
    s.origin = kmi_to_local(&v->frame, f->origin);
    s.inverse = v->frame.rotated ? kmi_inverse(kmi_unrotate(&v->frame, f->direction)) : f->inverse;
    s.t_max = t_max;
    s.nearest = INFINITY;
    s.count = 0;
    s.overflow = false;
    walk(&s, g->trees[v->volume_index]);
    if (!(s.nearest < INFINITY)) return false;
    if (s.overflow) {
        first_of_all(&s, v->daughter_count, out);
        return true;
    }
    drop_far(&s);
    out->t = s.t[0];
    out->instance = s.instance[0];
    for (i = 1; i < s.count; i++)
        if (s.instance[i] < out->instance) {
            out->t = s.t[i];
            out->instance = s.instance[i];
        }
    return true;
}

static bool box_holds(const kmi_box3 *b, kmi_vec3 p)
{
    return p.x >= b->low.x && p.x <= b->high.x && p.y >= b->low.y && p.y <= b->high.y && p.z >= b->low.z &&
           p.z <= b->high.z;
}

int32_t kmi_navigator_locate_in_tree(const kmi_geometry *g, const kmi_instance *v, kmi_vec3 point)
{
    const kmi_daughter_tree *tree = g->trees[v->volume_index];
    kmi_vec3 here = kmi_to_local(&v->frame, point);
    int32_t stack[KMI_DAUGHTER_TREE_STACK], found = KMI_OUTSIDE, i;
    int depth = 0;

    stack[depth++] = 0;
    while (depth > 0) {
        int32_t at = stack[--depth];
        const kmi_daughter_node *node = &tree->nodes[at];
        if (!box_holds(&node->bounds, here)) continue;
        if (node->count == 0) {
            stack[depth++] = node->right;
            stack[depth++] = at + 1;
        }
        for (i = 0; i < node->count; i++) {
            int32_t instance = v->first_daughter + tree->order[node->first + i];
            const kmi_instance *d = &g->instances[instance];
            if ((found == KMI_OUTSIDE || instance < found) &&
                kmi_solid_inside(d->solid, kmi_to_local(&d->frame, point)))
                found = instance;
        }
    }
    return found;
}
