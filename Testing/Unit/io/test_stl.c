#include "kmt_file.h"
#include "kmt_mesh.h"

#include <locale.h>
#include <math.h>

#include "base/memory.h"
#include "io/stl.h"

static void put_u32(unsigned char *p, uint32_t v)
{
    int i;
    for (i = 0; i < 4; i++) p[i] = (unsigned char)(v >> (8 * i));
}

/* Binary STL of a mesh; the caller frees it. */
static unsigned char *binary(const kmt_mesh *m, const char *header, size_t *size)
{
    unsigned char *b;
    size_t i;
    int k;

    *size = 84 + 50 * m->triangle_count;
    b = calloc(1, *size);
    if (b == NULL) abort();
    memcpy(b, header, strlen(header));
    put_u32(b + 80, (uint32_t)m->triangle_count);
    for (i = 0; i < m->triangle_count; i++) {
        for (k = 0; k < 9; k++) {
            float f = (float)m->vertices[3 * m->triangles[3 * i + (size_t)(k / 3)] + (size_t)(k % 3)];
            uint32_t u;
            memcpy(&u, &f, 4);
            put_u32(b + 84 + 50 * i + 12 + 4 * (size_t)k, u);
        }
    }
    return b;
}

/* ASCII STL, with the words and ends of line given; the caller frees it. */
static char *text(const kmt_mesh *m, const char *name, const char *end, bool upper)
{
    size_t room = 400 * m->triangle_count + 200, n = 0, i;
    char *t = malloc(room);
    int k;

    if (t == NULL) abort();
    n += (size_t)snprintf(t + n, room - n, "solid%s%s", name, end);
    for (i = 0; i < m->triangle_count; i++) {
        n += (size_t)snprintf(t + n, room - n, "  facet normal 0 0 0%s\touter loop%s", end, end);
        for (k = 0; k < 3; k++) {
            const double *v = m->vertices + 3 * m->triangles[3 * i + (size_t)k];
            n += (size_t)snprintf(t + n, room - n, "vertex %.9e %.9e\t%+.9e%s", v[0], v[1], v[2], end);
        }
        n += (size_t)snprintf(t + n, room - n, " endloop%sendfacet%s", end, end);
    }
    snprintf(t + n, room - n, "endsolid%s", name);
    for (i = 0; upper && t[i] != '\0'; i++)
        if (t[i] >= 'a' && t[i] <= 'z') t[i] = (char)(t[i] - 'a' + 'A');
    return t;
}

static void assert_volume(kma_mesh mesh, double volume, double tolerance)
{
    double v;
    assert_ok(kma_mesh_get_volume(mesh, &v));
    assert_near(v, volume, tolerance);
}

TEST(binary_files_are_read_even_if_their_header_says_solid)
{
    kmt_mesh box = kmt_mesh_box(1, 2, 3);
    const char *headers[] = {"", "made by hand", "solid as a rock", "solid\n facet normal"};
    size_t size, i;

    for (i = 0; i < 4; i++) {
        unsigned char *b = binary(&box, headers[i], &size);
        kma_mesh mesh = {0};
        assert_ok(kma_mesh_read_stl(kmt_put("a.stl", b, size), 1, &mesh));
        assert_volume(mesh, 48, 0);
        assert_ok(kma_mesh_release(&mesh));
        assert_ok(kma_mesh_read_stl(kmt_put("a.stl", b, size), 10, &mesh)); /* cm */
        assert_volume(mesh, 48000, 0);
        assert_ok(kma_mesh_release(&mesh));
        free(b);
    }
    kmt_mesh_free(&box);
    kmt_assert_no_live_objects();
}

TEST(text_is_read_with_any_end_of_line_case_and_name)
{
    kmt_mesh box = kmt_mesh_box(1, 2, 3);
    const char *names[] = {"", " box", " facet normal 1 2 3", "\t\xc3\xa9 name of several words"};
    const char *ends[] = {"\n", "\r\n", " \t\n\n", "\r"};
    int i, k;

    for (i = 0; i < 4; i++) {
        for (k = 0; k < 8; k++) {
            char *t = text(&box, names[i], ends[k / 2], k % 2 == 1);
            kma_mesh mesh = {0};
            assert_ok(kma_mesh_read_stl(kmt_put("b.stl", t, strlen(t)), 1, &mesh));
            assert_volume(mesh, 48, 0);
            assert_ok(kma_mesh_release(&mesh));
            free(t);
        }
    }
    kmt_mesh_free(&box);
}

TEST(several_solids_of_one_file_make_one_mesh)
{
    kmt_mesh box = kmt_mesh_box(1, 2, 3);
    char *one = text(&box, " one", "\n", false), *two, *both;
    kma_mesh_report report;
    kma_mesh mesh = {0};

    kmt_mesh_move(&box, 1, 10, 0, 0);
    two = text(&box, "", "\r\n", true);
    both = malloc(strlen(one) + strlen(two) + 3);
    if (both == NULL) abort();
    sprintf(both, "%s\n\n%s", one, two);
    assert_ok(kma_mesh_read_stl(kmt_put("c.stl", both, strlen(both)), 1, &mesh));
    assert_ok(kma_mesh_get_report(mesh, &report));
    assert_int_equal(report.bodies, 2);
    assert_near(report.volume, 96, 1e-12);
    assert_ok(kma_mesh_release(&mesh));
    free(one);
    free(two);
    free(both);
    kmt_mesh_free(&box);
}

TEST(text_and_binary_give_the_same_mesh_in_any_locale)
{
    kmt_mesh sphere = kmt_mesh_icosphere(2, 7.3);
    const char *locales[] = {"C", "de_DE.UTF-8", "fr_FR.UTF-8"};
    unsigned char *b;
    char *t;
    double *from_text, *from_binary;
    size_t size, n, m, i;

    for (i = 0; i < 3 * sphere.vertex_count; i++) sphere.vertices[i] = (float)sphere.vertices[i];
    b = binary(&sphere, "x", &size);
    setlocale(LC_NUMERIC, "C");
    t = text(&sphere, " x", "\n", false);
    assert_ok(kmi_stl_parse((const char *)b, size, 1, NULL, &from_binary, &m));
    for (i = 0; i < 3; i++) {
        if (setlocale(LC_ALL, locales[i]) == NULL) continue;
        assert_ok(kmi_stl_parse(t, strlen(t), 1, NULL, &from_text, &n));
        assert_int_equal(n, 320);
        assert_int_equal(m, 320);
        for (size_t k = 0; k < 9 * n; k++) assert_true((float)from_text[k] == (float)from_binary[k]);
        kmi_free(from_text);
    }
    setlocale(LC_ALL, "C");
    kmi_free(from_binary);
    free(b);
    free(t);
    kmt_mesh_free(&sphere);
}

static void assert_text_fails(const char *t, const char *part)
{
    kma_mesh mesh = {1};
    const char *path = kmt_put("bad.stl", t, strlen(t));
    assert_fails(kma_mesh_read_stl(path, 1, &mesh), KMA_ERR_FORMAT, part);
    assert_fails(kma_mesh_read_stl(path, 1, &mesh), KMA_ERR_FORMAT, "/bad.stl: ");
    assert_int_equal(mesh.bits, 0);
}

TEST(damaged_text_is_refused_with_its_line)
{
    assert_text_fails("", "not an STL file: 0 bytes");
    assert_text_fails("ply\nformat ascii 1.0\n", "no text that begins with 'solid'");
    assert_text_fails("solid x\nendsolid x\n", "no facets");
    assert_text_fails("solid x\n", "line 2: the file ends where 'facet' or 'endsolid' is expected");
    assert_text_fails("solid x\nfacet normal 0 0 1\nouter loop\nvertx 0 0 0\n",
                      "line 4: 'vertx' where 'vertex' is expected");
    assert_text_fails("solid x\nfacet normal 0 0 1\nouter loop\nvertex 0 zero 0\n", "line 4: 'zero' where a number");
    assert_text_fails("solid x\nfacet normal 0 0 1\nouter loop\nvertex 0 1,5 0\n", "line 4: '1,5' where a number");
    assert_text_fails("solid x\nfacet normal 0 0 1\nouter loop\nvertex 0 0 nan\n",
                      "line 4: 'nan' where a finite number");
    assert_text_fails("solid x\nfacet normal 0 0 1\nouter loop\nvertex 0 0 1e999\n", "line 4: '1e999' where a finite");
    assert_text_fails(
        "solid x\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 1 1 0\nvertex 0 1 0\n",
        "line 7: 'vertex' where 'endloop' (a facet has three corners)");
    assert_text_fails("solid x\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 1 1 0\nendloop\n",
                      "line 8: the file ends where 'endfacet'");
    assert_text_fails("solid x\nfacet normal 0 0 1\nouter loop\nvertex 0 0 \x01\x02\x1b[2J 0\n", "line 4: '???[2J'");
    assert_text_fails("solid x\nendsolid x\nrubbish\n", "line 3: 'rubbish' where 'solid' is expected");
}

TEST(damaged_binary_is_refused_before_anything_is_allocated_for_it)
{
    kmt_mesh box = kmt_mesh_box(1, 2, 3);
    kma_mesh mesh = {1};
    size_t size;
    unsigned char *b = binary(&box, "solid x", &size);

    assert_fails(kma_mesh_read_stl(kmt_put("d.stl", b, size - 1), 1, &mesh), KMA_ERR_FORMAT,
                 "the 12 facets that bytes 80 to 83 claim has 684 bytes, this has 683");
    put_u32(b + 80, UINT32_MAX);
    assert_fails(kma_mesh_read_stl(kmt_put("d.stl", b, size), 1, &mesh), KMA_ERR_FORMAT,
                 "the 4294967295 facets that bytes 80 to 83 claim has 214748364834 bytes");
    put_u32(b + 80, 12);
    put_u32(b + 84 + 50 * 7 + 12 + 4 * 5, 0x7fc00000); /* nan */
    assert_fails(kma_mesh_read_stl(kmt_put("d.stl", b, size), 1, &mesh), KMA_ERR_FORMAT,
                 "facet 7 of 12: z of corner 1 is nan (must be finite)");
    put_u32(b + 80, 0);
    assert_fails(kma_mesh_read_stl(kmt_put("d.stl", b, 84), 1, &mesh), KMA_ERR_FORMAT, "no facets");
    assert_int_equal(mesh.bits, 0);
    free(b);
    kmt_mesh_free(&box);
}

static char told[300];

static void keep_record(kma_log_level level, const char *record, void *context)
{
    (void)context;
    if (level == KMA_LOG_INFO) snprintf(told, sizeof told, "%s", record);
}

TEST(the_size_is_told_so_that_a_wrong_unit_shows)
{
    kmt_mesh box = kmt_mesh_box(1, 2, 3);
    size_t size;
    unsigned char *b = binary(&box, "", &size);
    const char *path = kmt_put("size.stl", b, size);
    kma_mesh mesh = {0};

    assert_ok(kma_set_log_sink(keep_record, NULL));
    assert_ok(kma_mesh_read_stl(path, 10, &mesh));
    assert_non_null(strstr(told, "size.stl: 12 facets, 1 body, 20 x 40 x 60 mm"));
    assert_null(strstr(told, "unit"));
    assert_ok(kma_mesh_release(&mesh));
    assert_ok(kma_mesh_read_stl(path, 0.1, &mesh));
    assert_non_null(strstr(told, "is the unit right?"));
    assert_ok(kma_mesh_release(&mesh));
    assert_ok(kma_set_log_sink(NULL, NULL));
    free(b);
    kmt_mesh_free(&box);
}

TEST(an_open_surface_is_refused_with_the_files_name_and_places)
{
    kmt_mesh box = kmt_mesh_box(1, 2, 3);
    kma_mesh mesh = {1};
    size_t size;
    unsigned char *b;

    box.triangle_count = 11;
    b = binary(&box, "", &size);
    assert_fails(kma_mesh_read_stl(kmt_put("open.stl", b, size), 1, &mesh), KMA_ERR_MESH,
                 "/open.stl: the mesh is not closed: 3 open edges (first: facet ");
    free(b);
    kmt_mesh_free(&box);
}

TEST(bad_arguments_and_missing_files_are_errors)
{
    kma_mesh mesh = {1};

    assert_fails(kma_mesh_read_stl(NULL, 1, &mesh), KMA_ERR_ARGUMENT, "path is NULL");
    assert_fails(kma_mesh_read_stl("x.stl", 1, NULL), KMA_ERR_ARGUMENT, "out is NULL");
    assert_fails(kma_mesh_read_stl("x.stl", 0, &mesh), KMA_ERR_ARGUMENT, "unit_mm is 0");
    assert_fails(kma_mesh_read_stl("x.stl", -1, &mesh), KMA_ERR_ARGUMENT, "unit_mm is -1");
    assert_fails(kma_mesh_read_stl("x.stl", NAN, &mesh), KMA_ERR_ARGUMENT, "unit_mm is nan");
    assert_fails(kma_mesh_read_stl("/nonexistent/x.stl", 1, &mesh), KMA_ERR_IO, "/nonexistent/x.stl");
    assert_fails(kma_mesh_read_stl("/", 1, &mesh), KMA_ERR_IO, "directory");
    assert_int_equal(mesh.bits, 0);
}

TEST(real_files_have_their_known_sizes)
{
    /* volumes and areas: trimesh 5, from the same files, to as many digits as written; units of the files */
    static const struct {
        const char *name;
        size_t facets, bodies;
        double volume, digit, area;
    } known[] = {{"mesh/Aperture_cm.stl", 916, 1, 980.996, 6e-4, 836.398},
                 {"mesh/42400-IDGH.stl", 11036, 1, 139.075, 6e-4, 291.137},
                 {"mesh/liver_mc.stl", 24542, 2, 1041718.5, 6e-2, 84753.925}};
    size_t i;

    for (i = 0; i < 3; i++) {
        const char *path = kmt_shared_data(known[i].name);
        kma_mesh mesh = {0};
        kma_mesh_report r;
        if (path == NULL) continue;
        assert_ok(kma_mesh_read_stl(path, 1, &mesh));
        assert_ok(kma_mesh_get_report(mesh, &r));
        assert_int_equal(r.facets, known[i].facets);
        assert_int_equal(r.bodies, known[i].bodies);
        assert_near(r.volume, known[i].volume, known[i].digit);
        assert_near(r.area, known[i].area, 6e-4);
        assert_ok(kma_mesh_release(&mesh));
    }
}

TEST(real_files_with_holes_are_refused_with_counts)
{
    static const struct {
        const char *name, *part;
    } known[] = {{"mesh/sphereWithHole.stl", "open edges (first: facet "},
                 {"mesh/Spider_ascii.stl", "open edges (first: facet "},
                 {"mesh/Spider_binary.stl", "open edges (first: facet "},
                 {"mesh/head_bone_mc.stl", "225 degenerate facets"}};
    size_t i;

    for (i = 0; i < 4; i++) {
        const char *path = kmt_shared_data(known[i].name);
        kma_mesh mesh = {0};
        if (path == NULL) continue;
        assert_fails(kma_mesh_read_stl(path, 1, &mesh), KMA_ERR_MESH, known[i].part);
        assert_fails(kma_mesh_read_stl(path, 1, &mesh), KMA_ERR_MESH, "the mesh is not closed: ");
    }
}

/* Any bytes end in a status: valid files with random damage, parsed from a block of exactly their size. */
PROPERTY(damaged_bytes_never_crash_the_reader, 4000)
{
    kmt_mesh box = kmt_mesh_box(1, 2, 3);
    size_t size, n, i, hits;
    double *corners;
    char *bytes, *exact;

    if (seed % 2 == 0) {
        bytes = (char *)binary(&box, seed % 4 == 0 ? "solid" : "", &size);
    } else {
        bytes = text(&box, " box", seed % 3 == 0 ? "\r\n" : "\n", false);
        size = strlen(bytes);
    }
    hits = (size_t)(kmi_rng_uniform(rng) * 6);
    for (i = 0; i < hits; i++) {
        size_t at = (size_t)(kmi_rng_uniform(rng) * (double)size);
        switch ((int)(kmi_rng_uniform(rng) * 4)) {
        case 0: bytes[at] = (char)kmi_rng_bits(rng); break;
        case 1: bytes[at] ^= (char)(1 << (int)(kmi_rng_uniform(rng) * 8)); break;
        case 2: size = at + 1; break; /* cut short */
        default: {                    /* a piece copied elsewhere */
            size_t from = (size_t)(kmi_rng_uniform(rng) * (double)size), length = (size_t)(kmi_rng_uniform(rng) * 60);
            if (from + length <= size && at + length <= size) memmove(bytes + at, bytes + from, length);
            break;
        }
        }
    }
    exact = malloc(size);
    if (exact == NULL) abort();
    memcpy(exact, bytes, size);
    if (kmi_stl_parse(exact, size, 1, NULL, &corners, &n) == KMA_OK) {
        kmi_mesh *mesh = NULL;
        assert_true(n > 0);
        for (i = 0; i < 9 * n; i++) assert_true(isfinite(corners[i]));
        if (kmi_mesh_new_soup(corners, n, NULL, &mesh) == KMA_OK) assert_true(kmi_mesh_volume(mesh) > 0);
        kmi_mesh_destroy(mesh);
        kmi_free(corners);
    } else {
        assert_null(corners);
        assert_int_equal(n, 0);
        assert_true(strlen(kma_error_message()) > 0);
    }
    free(exact);
    free(bytes);
    kmt_mesh_free(&box);
}

TEST(reading_survives_the_failure_of_any_allocation)
{
    kmt_mesh sphere = kmt_mesh_icosphere(2, 5);
    char *t = text(&sphere, "", "\n", false);
    const char *path = kmt_put("e.stl", t, strlen(t));
    kma_mesh mesh = {0};
    long n;

    for (n = 1;; n++) {
        kma_status status;
        kmt_fail_allocation(n);
        status = kma_mesh_read_stl(path, 1, &mesh);
        kmt_fail_allocation(0);
        if (status == KMA_OK) break;
        assert_int_equal(status, KMA_ERR_MEMORY);
        assert_int_equal(mesh.bits, 0);
        assert_true(n < 1000);
    }
    assert_true(n > 10);
    assert_ok(kma_mesh_release(&mesh));
    free(t);
    kmt_mesh_free(&sphere);
    kmt_assert_no_live_objects();
}

TEST(an_open_mesh_is_audited_though_it_is_refused)
{
    kmt_mesh m = kmt_mesh_box(1, 2, 3);
    unsigned char *bytes;
    kma_mesh_report r;
    kma_mesh mesh = {0};
    const char *path;
    size_t size;
    long n;

    bytes = binary(&m, "box", &size);
    path = kmt_put("closed.stl", bytes, size);
    assert_ok(kma_mesh_audit_stl(path, 10, &r));
    assert_int_equal(r.usable, 1);
    assert_true(r.volume == 48000 && r.high[1] == 20); /* 2 x 4 x 6 cm */
    put_u32(bytes + 80, 11);
    path = kmt_put("open.stl", bytes, size - 50);
    assert_ok(kma_mesh_audit_stl(path, 1, &r));
    assert_true(r.usable == 0 && r.facets == 11 && r.open_edges == 3 && r.volume == 0 && r.area > 70 && r.area < 88);
    assert_fails(kma_mesh_read_stl(path, 1, &mesh), KMA_ERR_MESH, "3 open edges");
    for (n = 1; n < 100; n++) {
        kma_status status;
        kmt_fail_allocation(n);
        status = kma_mesh_audit_stl(path, 1, &r);
        kmt_fail_allocation(0);
        if (status == KMA_OK) break;
        assert_int_equal(status, KMA_ERR_MEMORY);
        assert_int_equal(r.facets, 0);
    }
    assert_true(n > 5 && n < 100);
    assert_fails(kma_mesh_audit_stl(path, 0, &r), KMA_ERR_ARGUMENT, "unit_mm");
    assert_fails(kma_mesh_audit_stl(path, 1, NULL), KMA_ERR_ARGUMENT, "report_out");
    assert_fails(kma_mesh_audit_stl(NULL, 1, &r), KMA_ERR_ARGUMENT, "path");
    kmt_put("open.stl", bytes, size - 49);
    assert_fails(kma_mesh_audit_stl(path, 1, &r), KMA_ERR_FORMAT, "damaged");
    free(bytes);
    kmt_mesh_free(&m);
}
