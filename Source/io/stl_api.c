/* The public function that reads STL files. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/file.h"
#include "base/float_env.h"
#include "base/handle.h"
#include "base/log.h"
#include "base/memory.h"
#include "geometry/mesh.h"
#include "io/stl.h"

static const double SMALL = 1, LARGE = 1e4; /* mm: extents outside are worth a question */
enum { PART = 1 << 16 };

/* A wrong unit shows in the size: so it is told, with a hint where it is unusual for a part or a patient. */
static void tell(const char *path, const kmi_mesh *mesh)
{
    kmi_box3 b = kmi_mesh_bounds(mesh);
    double x = b.high.x - b.low.x, y = b.high.y - b.low.y, z = b.high.z - b.low.z;
    double largest = x > y ? x : y;

    if (!kmi_log_is_on()) return;
    if (z > largest) largest = z;
    kmi_log_write(KMA_LOG_INFO, "%s: %zu facets, %zu %s, %g x %g x %g mm%s", path, kmi_mesh_facet_count(mesh),
                  kmi_mesh_report(mesh)->bodies, kmi_mesh_report(mesh)->bodies == 1 ? "body" : "bodies", x, y, z,
                  largest < SMALL || largest > LARGE ? ": is the unit right?" : "");
}

/*
 * All bytes of a file that may be STL. What is none is refused before memory is taken for it: by its first bytes or,
 * in text, by the first zero byte, which a sparse file of any size is full of.
 */
static kma_status read_file(const char *path, char **bytes_out, size_t *size_out)
{
    kma_status status = KMA_OK;
    kmi_file_reader *file = NULL;
    char *part = NULL;
    const char *zero;
    bool binary = false;
    uint64_t begin = 0;
    size_t got = 0;

    KMI_TRY(kmi_file_reader_open(path, &file));
    if (kmi_file_reader_size(file) > KMI_STL_SIZE_MAX)
        KMI_TRY(kmi_fail(KMA_ERR_IO, "%.600s has %llu bytes: more than the %llu that are read here", path,
                         (unsigned long long)kmi_file_reader_size(file), (unsigned long long)KMI_STL_SIZE_MAX));
    part = kmi_alloc(PART);
    if (part == NULL) KMI_TRY(kmi_fail(KMA_ERR_MEMORY, "%.600s: no memory to read it", path));
    do {
        begin = kmi_file_reader_position(file);
        got = kmi_file_reader_size(file) - begin < PART ? (size_t)(kmi_file_reader_size(file) - begin) : PART;
        KMI_TRY(kmi_file_reader_read(file, part, got));
        if (begin == 0) {
            status = kmi_stl_check_head(part, got < KMI_STL_HEAD ? got : KMI_STL_HEAD,
                                        (size_t)kmi_file_reader_size(file), &binary);
            if (status != KMA_OK) KMI_TRY(kmi_fail_prefix(status, "%.600s: ", path));
        }
        zero = binary ? NULL : memchr(part, 0, got);
        if (zero != NULL)
            KMI_TRY(kmi_fail(KMA_ERR_FORMAT, "%.600s: byte %llu is zero: neither text nor binary STL", path,
                             (unsigned long long)begin + (unsigned long long)(zero - part)));
    } while (!binary && got > 0);
    KMI_TRY(kmi_file_read_all(path, KMI_STL_SIZE_MAX, bytes_out, size_out));
cleanup:
    kmi_file_reader_close(file);
    kmi_free(part);
    return status;
}

/* The file's facets, [count][3][3] mm. */
static kma_status read_corners(const char *path, double unit_mm, double **corners_out, size_t *count_out)
{
    kma_status status = KMA_OK;
    char *bytes = NULL;
    size_t size = 0;

    if (path == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "path is NULL");
    if (!(unit_mm > 0 && unit_mm < INFINITY))
        return kmi_fail(KMA_ERR_ARGUMENT, "unit_mm is %g (must be > 0: mm per unit of the file, 1 for mm, 10 for cm)",
                        unit_mm);
    KMI_TRY(read_file(path, &bytes, &size));
    status = kmi_stl_parse(bytes, size, unit_mm, &kmi_thread_pulse, corners_out, count_out);
    kmi_free(bytes); /* before the mesh needs room */
    if (status != KMA_OK) KMI_TRY(kmi_fail_prefix(status, "%s: ", path));
cleanup:
    return status;
}

kma_status kma_mesh_read_stl(const char *path, double unit_mm, kma_mesh *out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    double *corners = NULL;
    kmi_mesh *mesh = NULL;
    size_t count = 0;

    if (out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "out is NULL");
    out->bits = 0;
    KMI_TRY(read_corners(path, unit_mm, &corners, &count));
    status = kmi_mesh_new_soup(corners, count, &kmi_thread_pulse, &mesh);
    if (status != KMA_OK) KMI_TRY(kmi_fail_prefix(status, "%s: ", path));
    tell(path, mesh);
    KMI_TRY(kmi_handle_create(KMA_KIND_MESH, mesh, kmi_mesh_destroy, &out->bits));
    mesh = NULL;
cleanup:
    kmi_free(corners);
    kmi_mesh_destroy(mesh);
    return status;
}

kma_status kma_mesh_audit_stl(const char *path, double unit_mm, kma_mesh_report *report_out)
{
    KMI_FLOATS;
    kma_status status = KMA_OK;
    double *corners = NULL;
    size_t count = 0;

    if (report_out == NULL) return kmi_fail(KMA_ERR_ARGUMENT, "report_out is NULL");
    memset(report_out, 0, sizeof *report_out);
    KMI_TRY(read_corners(path, unit_mm, &corners, &count));
    status = kmi_mesh_audit_soup(corners, count, &kmi_thread_pulse, report_out);
    if (status != KMA_OK) KMI_TRY(kmi_fail_prefix(status, "%s: ", path));
cleanup:
    kmi_free(corners);
    return status;
}
