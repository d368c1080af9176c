/**
 * @file kerma/inventory.h
 * What a scene is made of, before it runs: volumes with their masses, placements, materials, what became of CT
 * numbers, sources, scorers, the memory that a run needs, and all faults that initialize would find, one by one.
 *
 * An inventory is made of a scene as it is then; it is a copy and keeps nothing of the scene alive.
 *
 * Units:   mm, mm3, g, g/cm3, MeV, bytes.
 * Threads: an inventory never changes once made; any thread may use it.
 */
#ifndef KERMA_INVENTORY_H
#define KERMA_INVENTORY_H

#include "kerma/base.h"
#include "kerma/image.h"
#include "kerma/mesh.h"
#include "kerma/result.h"
#include "kerma/run_manager.h"
#include "kerma/scene.h"
#include "kerma/solid.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Names one inventory. All-zero names none. A plain value: copy it freely. */
typedef struct kma_inventory { uint64_t bits; } kma_inventory;

/** Bytes of a name below, its final 0 included. Longer names are cut. */
enum { KMA_INVENTORY_NAME_SIZE = 256 };
/** "None", where an index is expected: vacuum has no material, the world no mother. */
#define KMA_INVENTORY_NONE SIZE_MAX

/**
 * Makes the inventory of a scene.
 *
 * Faults of the scene are no failure of this call: they are listed. What a fault makes unknown is left away: without
 * a geometry that can be closed there are no volumes. Overlaps are not looked for: kma_scene_check_overlaps() does.
 *
 * @param out  one reference, owned by the caller: give it back with kma_inventory_release(). Names none on failure.
 *
 * @retval KMA_ERR_ABORTED  the thread's poll function said so: see kma_set_thread_poll()
 */
KMA_API kma_status kma_inventory_create(kma_scene scene, kma_inventory *out);
KMA_API kma_status kma_inventory_retain(kma_inventory self); /**< one owner more */
/** Gives one reference back and sets `*self` to name none, so a second call is a harmless KMA_OK. */
KMA_API kma_status kma_inventory_release(kma_inventory *self);

/* Each struct begins with its size, to be set before the call. An index is below the count that kma_inventory_info
 * has. */

typedef struct kma_inventory_info {
    size_t size;             /**< set it to sizeof(kma_inventory_info) */
    size_t faults;           /**< 0: initialize accepts the scene, but for overlaps */
    size_t volumes;          /**< volumes in use, the world first */
    size_t placements;       /**< in all, the world's own included */
    size_t materials;        /**< of solids and of CT tables in use */
    size_t images;           /**< volumes that show an image */
    size_t sources, scorers; /**< of the scene */
    double cut_energy;       /**< MeV */
    double contact;          /**< mm: gaps and overlaps below count as contact */
    uint64_t geometry_bytes; /**< of meshes and placements */
    uint64_t image_bytes;    /**< of images: their values, and what a run makes of them */
    uint64_t table_bytes;    /**< of cross-sections */
    uint64_t scorer_bytes;   /**< of all scorers' bins, once all are hit */
    uint64_t worker_bytes;   /**< of each worker */
    char scene_hash[KMA_HASH_SIZE]; /**< as of kma_result_info; empty if there are faults */
} kma_inventory_info;
KMA_API kma_status kma_inventory_get_info(kma_inventory self, kma_inventory_info *out);

typedef struct kma_inventory_fault {
    size_t size;       /**< set it to sizeof(kma_inventory_fault) */
    kma_status status; /**< that initialize would return */
    char text[1024];   /**< that kma_error_message() would have */
} kma_inventory_fault;
KMA_API kma_status kma_inventory_get_fault(kma_inventory self, size_t index, kma_inventory_fault *out);

/** How a mass was found. */
typedef enum kma_mass_method {
    KMA_MASS_ANALYTIC = 1, /**< closed formulas: exact */
    KMA_MASS_MESH = 2,     /**< meshes by the divergence theorem, others by formulas: exact for the facets given */
    KMA_MASS_VOXELS = 3,   /**< the sum of all voxels: exact */
    KMA_MASS_SAMPLED = 4   /**< voxels that daughters cut are sampled at 256 points each: see `mass_uncertainty` */
} kma_mass_method;
/** "analytic", "mesh", "voxels", "sampled"; "?" for an unknown method. Static text. */
KMA_API const char *kma_mass_method_name(kma_mass_method method);

typedef struct kma_inventory_volume {
    size_t size;             /**< set it to sizeof(kma_inventory_volume) */
    char name[KMA_INVENTORY_NAME_SIZE];
    kma_shape shape;
    double dimensions[5];    /**< as kma_solid_get_dimensions() has them; of an image its full lengths */
    double low[3], high[3];  /**< mm, bounds in its own frame */
    size_t material;         /**< index; KMA_INVENTORY_NONE for vacuum and images */
    double density;          /**< g/cm3; of an image: mean of all its voxels */
    size_t image;            /**< index, KMA_INVENTORY_NONE if it shows none */
    size_t placements;       /**< how often it is there in the world */
    size_t daughters;        /**< placed in it directly */
    double solid_volume;     /**< mm3, of its shape */
    double volume;           /**< mm3, without its daughters' shapes */
    double mass;             /**< g of one placement, without its daughters */
    double mass_uncertainty; /**< g, of `mass`: one standard deviation, and what planes along the voxels may add; 0 if
                                  it is exact */
    kma_mass_method method;
    double mass_with_daughters; /**< g of one placement with all that is in it */
    kma_mesh_report mesh;    /**< of a mesh; all 0 for others */
} kma_inventory_volume;
KMA_API kma_status kma_inventory_get_volume(kma_inventory self, size_t index, kma_inventory_volume *out);

/** One placement in the world, under one chain of mothers. Daughters follow one another. */
typedef struct kma_inventory_placement {
    size_t size;                  /**< set it to sizeof(kma_inventory_placement) */
    size_t volume;                /**< index */
    size_t mother;                /**< index of a placement; KMA_INVENTORY_NONE for the world */
    size_t first_daughter, daughters; /**< indices of placements, and their number */
    double translation[3];        /**< mm, in the world */
    double rotation[9];           /**< row major, in the world */
    double low[3], high[3];       /**< mm, bounds in the world */
} kma_inventory_placement;
/** Placement 0 is the world's; mothers come before daughters. */
KMA_API kma_status kma_inventory_get_placement(kma_inventory self, size_t index, kma_inventory_placement *out);

typedef struct kma_inventory_material {
    size_t size;     /**< set it to sizeof(kma_inventory_material) */
    char name[KMA_INVENTORY_NAME_SIZE];
    double density;  /**< g/cm3; its own: voxels have the CT table's */
    size_t elements;
    int z[98];       /**< [elements] atomic numbers, rising */
    double fraction[98]; /**< [elements] by mass; their sum is 1 */
    size_t volumes;  /**< that it fills */
    uint64_t voxels; /**< of all images, that became it */
} kma_inventory_material;
KMA_API kma_status kma_inventory_get_material(kma_inventory self, size_t index, kma_inventory_material *out);

typedef struct kma_inventory_image {
    size_t size;          /**< set it to sizeof(kma_inventory_image) */
    size_t volume;        /**< index of the volume that shows it */
    kma_image_geometry geometry;
    kma_scalar type;
    uint64_t voxels;
    double lowest, highest; /**< CT numbers in the image */
    double table_low, table_high; /**< CT numbers in the table */
    uint64_t below, above; /**< voxels beyond the table: they count as its ends. nan is below. */
    double mass;          /**< g of all voxels, daughters not looked at */
    size_t materials;     /**< of its table, for kma_inventory_get_image_material() */
} kma_inventory_image;
KMA_API kma_status kma_inventory_get_image(kma_inventory self, size_t index, kma_inventory_image *out);

/** What of an image became one material, daughters not looked at. */
typedef struct kma_inventory_image_material {
    size_t size;     /**< set it to sizeof(kma_inventory_image_material) */
    size_t material; /**< index */
    uint64_t voxels;
    double mass;     /**< g */
    double density_low, density_high; /**< g/cm3, of these voxels; 0 if there are none */
} kma_inventory_image_material;
/** @param index  below the image's `materials`, in the table's order */
KMA_API kma_status kma_inventory_get_image_material(kma_inventory self, size_t image, size_t index,
                                                    kma_inventory_image_material *out);

typedef struct kma_inventory_source {
    size_t size;        /**< set it to sizeof(kma_inventory_source) */
    kma_source_options options;
    double share;       /**< of all histories */
    double mean_energy, min_energy, max_energy; /**< MeV */
    int in_world;       /**< 1: its position is in the world; 0: photons that miss the world escape at once */
} kma_inventory_source;
KMA_API kma_status kma_inventory_get_source(kma_inventory self, size_t index, kma_inventory_source *out);

typedef struct kma_inventory_scorer {
    size_t size;        /**< set it to sizeof(kma_inventory_scorer) */
    char name[KMA_SCORER_NAME_MAX + 1];
    kma_scorer_kind kind;
    size_t bins;        /**< voxels, cells, pixels, or 1 */
    size_t quantities;  /**< that each bin holds: 4 of a detector, else 1 */
    uint64_t bytes;     /**< once all bins are hit */
    kma_image_geometry geometry; /**< as of kma_result_scorer */
    size_t volume;      /**< index; KMA_INVENTORY_NONE for grids and detectors, and if it is not in the world */
} kma_inventory_scorer;
KMA_API kma_status kma_inventory_get_scorer(kma_inventory self, size_t index, kma_inventory_scorer *out);

#ifdef __cplusplus
}
#endif
#endif
