/* Writing STL: see stl.h. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "io/stl.h"

enum { HEADER = 84, RECORD = 50 };

static bool are_floats(const kmi_mesh *mesh)
{
    double v[3];
    size_t i;
    int k;

    for (i = 0; i < kmi_mesh_vertex_count(mesh); i++) {
        kmi_mesh_vertex(mesh, i, v);
        for (k = 0; k < 3; k++)
            if (!(fabs(v[k]) <= FLT_MAX) || (double)(float)v[k] != v[k]) return false;
    }
    return true;
}

/* Corners, and the unit normal that programs expect; readers here go by the corners. */
static void get_facet(const kmi_mesh *mesh, size_t index, double normal[3], double corner[3][3])
{
    kmi_vec3 a, b, n;
    double length;
    uint32_t facet[3];
    int i;

    kmi_mesh_facet(mesh, index, facet);
    for (i = 0; i < 3; i++) kmi_mesh_vertex(mesh, facet[i], corner[i]);
    a = kmi_vec(corner[1][0] - corner[0][0], corner[1][1] - corner[0][1], corner[1][2] - corner[0][2]);
    b = kmi_vec(corner[2][0] - corner[0][0], corner[2][1] - corner[0][1], corner[2][2] - corner[0][2]);
    n = kmi_cross(a, b);
    length = kmi_norm(n);
    n = length > 0 && length <= DBL_MAX ? kmi_scale(n, 1 / length) : kmi_vec(0, 0, 0);
    normal[0] = (float)n.x + 0.0f;
    normal[1] = (float)n.y + 0.0f;
    normal[2] = (float)n.z + 0.0f;
}

static void put_word(unsigned char *p, uint32_t word)
{
    p[0] = (unsigned char)word;
    p[1] = (unsigned char)(word >> 8);
    p[2] = (unsigned char)(word >> 16);
    p[3] = (unsigned char)(word >> 24);
}

static void put_float(unsigned char *p, double value)
{
    float narrow = (float)value;
    uint32_t word;

    memcpy(&word, &narrow, sizeof word);
    put_word(p, word);
}

static kma_status write_binary(const kmi_mesh *mesh, kmi_file_writer *file)
{
    kma_status status = KMA_OK;
    unsigned char header[HEADER] = "binary STL in mm", record[RECORD] = {0};
    double normal[3], corner[3][3];
    size_t i;
    int k;

    put_word(header + 80, (uint32_t)kmi_mesh_facet_count(mesh));
    KMI_TRY(kmi_file_write(file, header, sizeof header));
    for (i = 0; i < kmi_mesh_facet_count(mesh); i++) {
        KMI_TRY(kmi_pulse_beat_at(&kmi_thread_pulse, i));
        get_facet(mesh, i, normal, corner);
        for (k = 0; k < 3; k++) put_float(record + 4 * k, normal[k]);
        for (k = 0; k < 9; k++) put_float(record + 12 + 4 * k, corner[k / 3][k % 3]);
        KMI_TRY(kmi_file_write(file, record, sizeof record));
    }
cleanup:
    return status;
}

static kma_status put_vector(kmi_file_writer *file, const char *before, const double v[3])
{
    char number[3][KMI_DOUBLE_TEXT_SIZE], line[4 * KMI_DOUBLE_TEXT_SIZE];
    int k;

    for (k = 0; k < 3; k++) kmi_format_double(v[k], number[k]);
    snprintf(line, sizeof line, "%s %s %s %s\n", before, number[0], number[1], number[2]);
    return kmi_file_write(file, line, strlen(line));
}

static kma_status put_line(kmi_file_writer *file, const char *line)
{
    return kmi_file_write(file, line, strlen(line));
}

static kma_status write_text(const kmi_mesh *mesh, kmi_file_writer *file)
{
    kma_status status = KMA_OK;
    double normal[3], corner[3][3];
    size_t i;
    int k;

    KMI_TRY(put_line(file, "solid in mm\n"));
    for (i = 0; i < kmi_mesh_facet_count(mesh); i++) {
        KMI_TRY(kmi_pulse_beat_at(&kmi_thread_pulse, i));
        get_facet(mesh, i, normal, corner);
        KMI_TRY(put_vector(file, "facet normal", normal));
        KMI_TRY(put_line(file, "outer loop\n"));
        for (k = 0; k < 3; k++) KMI_TRY(put_vector(file, "vertex", corner[k]));
        KMI_TRY(put_line(file, "endloop\nendfacet\n"));
    }
    KMI_TRY(put_line(file, "endsolid in mm\n"));
cleanup:
    return status;
}

kma_status kmi_stl_write(const kmi_mesh *mesh, const char *path, kmi_file_batch *batch)
{
    kma_status status = KMA_OK;
    kmi_file_writer *file = NULL;

    KMI_TRY(kmi_file_writer_open(path, &file));
    KMI_TRY(are_floats(mesh) ? write_binary(mesh, file) : write_text(mesh, file));
    if (kmi_file_writer_size(file) > KMI_STL_SIZE_MAX)
        KMI_TRY(kmi_fail(KMA_ERR_STATE, "%s: the mesh makes %llu bytes, at most %llu are read", path,
                         (unsigned long long)kmi_file_writer_size(file), (unsigned long long)KMI_STL_SIZE_MAX));
    KMI_TRY(kmi_file_set_aside(batch, &file));
cleanup:
    kmi_file_discard(file);
    return status;
}
