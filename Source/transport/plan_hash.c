/*
 * The scene's hash: two runs whose scenes have the same hash, the same seed and
 * the same fingerprint of their tables have the same scores to the bit. Names
 * of volumes count too, handles and the order in which objects were made do not.
 */
#include "transport/plan.h"

static void hash_vec(kmi_digest *d, kmi_vec3 v)
{
    kmi_digest_double(d, v.x);
    kmi_digest_double(d, v.y);
    kmi_digest_double(d, v.z);
}

static void hash_frame(kmi_digest *d, const kmi_frame *f)
{
    int i;
    for (i = 0; i < 9; i++) kmi_digest_double(d, f->rotation[i]);
    hash_vec(d, f->translation);
}

static kma_status hash_solid(kmi_digest *d, const kmi_solid *s, const kmi_pulse *pulse)
{
    kma_status status = KMA_OK;
    uint8_t mesh[KMI_DIGEST_SIZE];
    int i;

    kmi_digest_u64(d, (uint64_t)s->kind);
    switch (s->kind) {
    case KMI_SOLID_BOX: hash_vec(d, s->u.box.half); break;
    case KMI_SOLID_ORB: kmi_digest_double(d, s->u.orb.radius); break;
    case KMI_SOLID_TUBE:
        kmi_digest_double(d, s->u.tube.inner);
        kmi_digest_double(d, s->u.tube.outer);
        kmi_digest_double(d, s->u.tube.half_length);
        kmi_digest_double(d, s->u.tube.phi_start);
        kmi_digest_double(d, s->u.tube.phi_delta);
        break;
    case KMI_SOLID_MESH:
        KMI_TRY(kmi_mesh_digest(s->u.mesh.mesh, pulse, mesh));
        kmi_digest_bytes(d, mesh, sizeof mesh);
        break;
    case KMI_SOLID_GRID:
        for (i = 0; i < 3; i++) {
            kmi_digest_u64(d, s->u.grid.grid.count[i]);
            kmi_digest_double(d, s->u.grid.grid.spacing[i]);
            kmi_digest_double(d, s->u.grid.grid.origin[i]);
        }
        for (i = 0; i < 9; i++) kmi_digest_double(d, s->u.grid.grid.direction[i]);
        break;
    }
cleanup:
    return status;
}

static void hash_material(kmi_digest *d, const kmi_material *m)
{
    size_t i;
    kmi_digest_double(d, m->density);
    kmi_digest_u64(d, m->count);
    for (i = 0; i < m->count; i++) {
        kmi_digest_u64(d, (uint64_t)m->z[i]);
        kmi_digest_double(d, m->fraction[i]);
    }
}

kma_status kmi_plan_hash(const kmi_plan *self, const kmi_pulse *pulse, uint8_t digest_out[KMI_DIGEST_SIZE])
{
    kma_status status = KMA_OK;
    kmi_digest d;
    uint8_t part[KMI_DIGEST_SIZE];
    uint32_t v;
    int32_t i;
    size_t k;

    kmi_digest_start(&d, "kerma scene 1");
    kmi_digest_double(&d, self->cut_energy);
    kmi_digest_u64(&d, self->geometry->volume_count);
    for (v = 0; v < self->geometry->volume_count; v++) {
        const kmi_volume *volume = self->geometry->volumes[v];
        kmi_digest_text(&d, volume->name);
        KMI_TRY(hash_solid(&d, &volume->solid, pulse));
        if (volume->image != NULL) {
            KMI_TRY(kmi_image_digest(volume->image, pulse, part));
            kmi_digest_bytes(&d, part, sizeof part);
            kmi_ct_table_digest(volume->ct_table, part);
            kmi_digest_bytes(&d, part, sizeof part);
        } else if (volume->material != NULL) {
            hash_material(&d, volume->material);
        }
    }
    kmi_digest_u64(&d, (uint64_t)self->geometry->instance_count);
    for (i = 0; i < self->geometry->instance_count; i++) {
        const kmi_instance *instance = &self->geometry->instances[i];
        hash_frame(&d, &instance->frame);
        kmi_digest_u64(&d, (uint64_t)(int64_t)instance->mother);
        kmi_digest_u64(&d, instance->volume_index);
    }
    kmi_digest_u64(&d, self->source_count);
    for (k = 0; k < self->source_count; k++) {
        kmi_source_digest(self->sources[k], part);
        kmi_digest_bytes(&d, part, sizeof part);
    }
    kmi_scorer_set_digest(self->scorers, self->geometry, part);
    kmi_digest_bytes(&d, part, sizeof part);
    kmi_digest_end(&d, digest_out);
cleanup:
    return status;
}
