/* The tables of the scene file: see scene_shapes.h. */
#include "simulation/scene_shapes.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define KEYS(array) .keys = array, .count = COUNT(array)
#define VARIANTS(array) .variants = array, .variant_count = COUNT(array)
#define THREE .form = KMI_FORM_NUMBERS, .least = 3, .most = 3
#define MANY .form = KMI_FORM_NUMBERS, .least = 1, .most = KMI_JSON_VALUES_MAX
#define REQUIRED .required = true
#define POSITIVE .range = KMI_RANGE_POSITIVE
#define NOT_NEGATIVE .range = KMI_RANGE_NOT_NEGATIVE

/* ---- materials ---- */

static const kmi_key material_nist[] = {
    {"nist", KMI_FORM_TEXT, REQUIRED, .what = "Name of a compound of NIST's list, such as \"Water, Liquid\", or of an element."},
};
static const kmi_key material_formula[] = {
    {"formula", KMI_FORM_TEXT, REQUIRED, .what = "Chemical formula, such as \"H2O\" or \"Ti\"."},
    {"density", KMI_FORM_NUMBER, POSITIVE, .what = "g/cm3; may be left out for a pure element, which then has its usual one."},
};
static const kmi_key material_fractions[] = {
    {"fractions", KMI_FORM_PARTS, REQUIRED, NOT_NEGATIVE,
     .what = "Mass fractions of elements by their symbols; their sum is 1 within 0.001."},
    {"density", KMI_FORM_NUMBER, REQUIRED, POSITIVE, .what = "g/cm3."},
};
static const kmi_shape materials[] = {
    {"nist", "a material of 'nist'", KEYS(material_nist)},
    {"formula", "a material of a 'formula'", KEYS(material_formula)},
    {"fractions", "a material of 'fractions'", KEYS(material_fractions)},
};
static const kmi_shape material = {"material", "a material", VARIANTS(materials)};

/* ---- spectra ---- */

static const kmi_key spectrum_energy[] = {
    {"energy", KMI_FORM_NUMBER, REQUIRED, POSITIVE, .what = "MeV: every photon has this energy."},
};
static const kmi_key spectrum_energies[] = {
    {"energies", MANY, REQUIRED, POSITIVE, .what = "MeV, strictly rising: lines."},
    {"weights", MANY, REQUIRED, NOT_NEGATIVE, .what = "Relative number of photons of each line."},
};
static const kmi_key spectrum_edges[] = {
    {"edges", .form = KMI_FORM_NUMBERS, .least = 2, .most = KMI_JSON_VALUES_MAX, REQUIRED, POSITIVE,
     .what = "MeV, strictly rising: the edges of bins, each evenly filled."},
    {"weights", MANY, REQUIRED, NOT_NEGATIVE, .what = "Relative number of photons in each bin, one fewer than edges."},
};
static const kmi_key spectrum_file[] = {
    {"file", KMI_FORM_TEXT, REQUIRED, .what = "A CSV file with columns energy_mev or energy_low_mev, energy_high_mev, and weight."},
};
static const kmi_shape spectra[] = {
    {"energy", "a spectrum of one 'energy'", KEYS(spectrum_energy)},
    {"energies", "a spectrum of 'energies'", KEYS(spectrum_energies)},
    {"edges", "a spectrum of 'edges'", KEYS(spectrum_edges)},
    {"file", "a spectrum from a 'file'", KEYS(spectrum_file)},
};
static const kmi_shape spectrum = {"spectrum", "a spectrum", VARIANTS(spectra)};

/* ---- volumes ---- */

#define NAME {"name", KMI_FORM_TEXT, .what = "What errors and results call it, default its key; need not be unique."}
#define MATERIAL {"material", KMI_FORM_TEXT, REQUIRED, .what = "Name of a material, or \"vacuum\"."}, NAME

static const kmi_key box_keys[] = {
    {"size", THREE, REQUIRED, POSITIVE, .what = "mm, full lengths in x, y, z."},
};
static const kmi_shape box = {"box", "a box", KEYS(box_keys)};
static const kmi_key orb_keys[] = {
    {"radius", KMI_FORM_NUMBER, REQUIRED, POSITIVE, .what = "mm."},
};
static const kmi_shape orb = {"orb", "an orb", KEYS(orb_keys)};
static const kmi_key tube_keys[] = {
    {"inner_radius", KMI_FORM_NUMBER, NOT_NEGATIVE, .what = "mm, default 0: a full cylinder."},
    {"outer_radius", KMI_FORM_NUMBER, REQUIRED, POSITIVE, .what = "mm."},
    {"length", KMI_FORM_NUMBER, REQUIRED, POSITIVE, .what = "mm, full length along z."},
    {"phi_start", KMI_FORM_NUMBER, .what = "rad, azimuth at which a section begins, default 0."},
    {"phi_delta", KMI_FORM_NUMBER, POSITIVE, .what = "rad, how far a section reaches, default 2 pi: all around."},
};
static const kmi_shape tube = {"tube", "a tube", KEYS(tube_keys)};
static const kmi_key mesh_keys[] = {
    {"file", KMI_FORM_TEXT, REQUIRED, .what = "An STL file of a closed surface."},
    {"unit", KMI_FORM_NUMBER, POSITIVE, .what = "mm that 1 in the file means, default 1."},
};
static const kmi_shape mesh = {"mesh", "a mesh", KEYS(mesh_keys)};
static const kmi_key image_keys[] = {
    {"file", KMI_FORM_TEXT, REQUIRED, .what = "A MetaImage (.mha or .mhd) of CT numbers."},
    {"ct_table", KMI_FORM_TEXT,
     .what = "From CT numbers to materials and densities: \"schneider\" (default, built in) or a CSV file."},
};
static const kmi_shape image = {"image", "an image", KEYS(image_keys)};

static const kmi_key volume_box[] = {
    {"box", KMI_FORM_OBJECT, REQUIRED, .shape = &box, .what = "A box about the origin."}, MATERIAL};
static const kmi_key volume_orb[] = {
    {"orb", KMI_FORM_OBJECT, REQUIRED, .shape = &orb, .what = "A full sphere about the origin."}, MATERIAL};
static const kmi_key volume_tube[] = {
    {"tube", KMI_FORM_OBJECT, REQUIRED, .shape = &tube, .what = "A tube, or a section of one, about the z axis."}, MATERIAL};
static const kmi_key volume_mesh[] = {
    {"mesh", KMI_FORM_OBJECT, REQUIRED, .shape = &mesh, .what = "The inside of a surface of triangles."}, MATERIAL};
static const kmi_key volume_image[] = {
    {"image", KMI_FORM_OBJECT, REQUIRED, .shape = &image, .what = "A CT image, where its header says that it lies."},
    NAME,
};
static const kmi_shape volumes[] = {
    {"box", "a volume", KEYS(volume_box)},
    {"orb", "a volume", KEYS(volume_orb)},
    {"tube", "a volume", KEYS(volume_tube)},
    {"mesh", "a volume", KEYS(volume_mesh)},
    {"image", "an image volume", KEYS(volume_image)},
};
static const kmi_shape volume = {"volume", "a volume", VARIANTS(volumes)};

static const kmi_key rotation_keys[] = {
    {"axis", THREE, REQUIRED, .what = "Of any length above 0."},
    {"angle", KMI_FORM_NUMBER, REQUIRED, .what = "rad, counter-clockwise when the axis points at the viewer."},
};
static const kmi_shape rotation = {"rotation", "a rotation", KEYS(rotation_keys)};
static const kmi_key placement_keys[] = {
    {"volume", KMI_FORM_TEXT, REQUIRED, .what = "Name of the volume that is placed."},
    {"in", KMI_FORM_TEXT, REQUIRED, .what = "Name of the volume that it is placed in, its mother."},
    {"translation", THREE, .what = "mm, where its origin is in the mother's frame, default 0, 0, 0."},
    {"rotation", KMI_FORM_ROTATION, .shape = &rotation,
     .what = "About its origin, before the translation: axis and angle, or a 3 x 3 matrix row by row; default none."},
};
static const kmi_shape placement = {"placement", "a placement", KEYS(placement_keys)};

/* ---- sources ---- */

static const kmi_key cone_keys[] = {
    {"half_angle", KMI_FORM_NUMBER, REQUIRED, POSITIVE, .what = "rad, at most pi."},
};
static const kmi_shape cone = {"cone", "a cone", KEYS(cone_keys)};

#define UP {"up", THREE, .what = "Direction of the field's height, default y, or z if the direction is along y."}

static const kmi_key field_keys[] = {
    {"size", .form = KMI_FORM_NUMBERS, .least = 2, .most = 2, REQUIRED, POSITIVE, .what = "mm, width and height."},
    {"distance", KMI_FORM_NUMBER, REQUIRED, POSITIVE, .what = "mm, from the source to the field's middle."}, UP};
static const kmi_shape field = {"field", "a field", KEYS(field_keys)};

#define POSITION {"position", THREE, REQUIRED, .what = "mm, in the world."}
#define DIRECTION {"direction", THREE, .what = "Of any length above 0, default 0, 0, 1."}
#define SPECTRUM {"spectrum", KMI_FORM_TEXT, REQUIRED, .what = "Name of a spectrum."}
#define WEIGHT {"weight", KMI_FORM_NUMBER, POSITIVE, .what = "How often, relative to the other sources, default 1."}
#define TYPE {"type", KMI_FORM_TEXT, REQUIRED, .what = "Which kind of source it is."}

static const kmi_key source_point[] = {
    TYPE, POSITION, DIRECTION, SPECTRUM, WEIGHT,
    {"isotropic", KMI_FORM_TRUTH, .what = "true (default): into all directions."},
    {"cone", KMI_FORM_OBJECT, .shape = &cone, .what = "Only into a cone about the direction."},
    {"field", KMI_FORM_OBJECT, .shape = &field, .what = "Only towards a rectangle at right angles to the direction."},
};
static const kmi_key source_pencil[] = {TYPE, POSITION, DIRECTION, SPECTRUM, WEIGHT};
static const kmi_key source_parallel[] = {
    TYPE, POSITION, DIRECTION, SPECTRUM, WEIGHT,
    {"size", .form = KMI_FORM_NUMBERS, .least = 2, .most = 2, POSITIVE, .what = "mm, width and height of a rectangular beam."},
    {"radius", KMI_FORM_NUMBER, POSITIVE, .what = "mm, of a round beam."},
    UP,
};
static const kmi_shape sources[] = {
    {"point", "a point source", KEYS(source_point), .one_of = {"isotropic", "cone", "field"}},
    {"pencil", "a pencil source", KEYS(source_pencil)},
    {"parallel", "a parallel source", KEYS(source_parallel), .one_of = {"size", "radius"}, .one_of_is_required = true},
};
static const kmi_shape source = {"source", "a source", VARIANTS(sources), .tag = "type"};

/* ---- scorers ---- */

static const kmi_key grid_keys[] = {
    {"count", KMI_FORM_WHOLES, REQUIRED, POSITIVE, 3, 3, .what = "Cells in x, y, z."},
    {"spacing", THREE, REQUIRED, POSITIVE, .what = "mm between the centres of neighbours."},
    {"origin", THREE, REQUIRED, .what = "mm, centre of the first cell in the world."},
    {"direction", .form = KMI_FORM_NUMBERS, .least = 9, .most = 9,
     .what = "3 x 3 row by row, column c is the unit vector along axis c; default along x, y, z."},
};
static const kmi_shape grid = {"grid", "a grid", KEYS(grid_keys)};
static const kmi_key detector_keys[] = {
    {"centre", THREE, REQUIRED, .what = "mm, in the world."},
    {"u", THREE, .what = "Direction of the pixels' first index, default x."},
    {"v", THREE, .what = "Direction of their second index, default y."},
    {"pixels", KMI_FORM_WHOLES, REQUIRED, POSITIVE, 2, 2, .what = "Pixels along u and v."},
    {"pixel_size", .form = KMI_FORM_NUMBERS, .least = 2, .most = 2, REQUIRED, POSITIVE, .what = "mm along u and v."},
    {"absorbs", KMI_FORM_TRUTH, .what = "true (default): photons end there; false: they go on unchanged."},
};
static const kmi_shape detector = {"detector", "a detector", KEYS(detector_keys)};

static const kmi_key scorer_voxels[] = {
    {"voxels", KMI_FORM_TEXT, REQUIRED, .what = "Name of an image volume: the dose in each of its voxels."},
};
static const kmi_key scorer_grid[] = {
    {"grid", KMI_FORM_OBJECT, REQUIRED, .shape = &grid, .what = "The dose in each cell of a grid in the world."},
};
static const kmi_key scorer_volume[] = {
    {"volume", KMI_FORM_TEXT, REQUIRED, .what = "Name of a volume: the dose in it."},
};
static const kmi_key scorer_detector[] = {
    {"detector", KMI_FORM_OBJECT, REQUIRED, .shape = &detector, .what = "The photons that cross a rectangle of pixels."},
};
static const kmi_shape scorers[] = {
    {"voxels", "a scorer", KEYS(scorer_voxels)},
    {"grid", "a scorer", KEYS(scorer_grid)},
    {"volume", "a scorer", KEYS(scorer_volume)},
    {"detector", "a scorer", KEYS(scorer_detector)},
};
static const kmi_shape scorer = {"scorer", "a scorer", VARIANTS(scorers)};

/* ---- overlaps ---- */

static const kmi_key overlap_keys[] = {
    {"action", KMI_FORM_TEXT, REQUIRED, .what = "What is done about overlaps: refuse (default), warn or ignore."},
    {"points", KMI_FORM_WHOLE, POSITIVE, .what = "Points on each surface of a pair, at most 1000000, default 1000."},
};
static const kmi_shape overlap_actions[] = {
    {"refuse", "an overlap check", KEYS(overlap_keys)},
    {"warn", "an overlap check", KEYS(overlap_keys)},
    {"ignore", "an overlap check", KEYS(overlap_keys)},
};
static const kmi_shape overlaps = {"overlaps", "an overlap check", VARIANTS(overlap_actions), .tag = "action"};

/* ---- all ---- */

static const kmi_key scene_keys[] = {
    {"$schema", KMI_FORM_TEXT, .what = "For editors; kerma does not look at it."},
    {"kerma", KMI_FORM_WHOLE, REQUIRED, .what = "Version of this format: 1."},
    {"title", KMI_FORM_TEXT, .what = "Any text."},
    {"seed", KMI_FORM_WHOLE, .what = "Of the random numbers, default 1."},
    {"histories", KMI_FORM_WHOLE, POSITIVE, .what = "Source photons to simulate, default 100000."},
    {"cut_energy", KMI_FORM_NUMBER, POSITIVE,
     .what = "MeV, 0.001 (default) to 0.8: photons below it stop and leave their energy where they are."},
    {"materials", KMI_FORM_MAP, .shape = &material, .what = "Materials by name; \"vacuum\" is always there."},
    {"spectra", KMI_FORM_MAP, REQUIRED, .shape = &spectrum, .what = "Spectra by name."},
    {"volumes", KMI_FORM_MAP, REQUIRED, .shape = &volume, .what = "Volumes by name."},
    {"world", KMI_FORM_TEXT, REQUIRED, .what = "Name of the volume that everything lies in."},
    {"placements", KMI_FORM_LIST, .shape = &placement, .what = "Which volume lies where in which other."},
    {"overlaps", KMI_FORM_OBJECT, .shape = &overlaps,
     .what = "What is done about volumes that overlap; default: the run is refused."},
    {"sources", KMI_FORM_LIST, REQUIRED, .least = 1, .shape = &source, .what = "Where photons come from."},
    {"scorers", KMI_FORM_MAP, .shape = &scorer, .what = "What is added up, by name; files are named after it."},
};
const kmi_shape kmi_shape_scene = {"scene", "a scene", KEYS(scene_keys)};
