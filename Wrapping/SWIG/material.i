/* kerma/material.h */
KMP_HANDLE(kma_material)
KMP_TEXT_GETTER(kma_material_get_name, kma_material)
KMP_STRUCT_OUT(kma_attenuation, kmp_attenuation, out, 0)
%nothread kma_material_create_nist;
%nothread kma_material_create_formula;
%nothread kma_material_create_mass_fractions;
%nothread kma_material_get_density;
%nothread kma_material_count_elements;
%nothread kma_material_get_element;
%nothread kma_element_symbol;
%nothread kma_material_get_attenuation;
%nothread kma_material_count_nist;
/* The name may be None: the formula itself. */
%typemap(in) const char *name {
    if ($input != Py_None && kmp_text($input, "name", (const char **)&$1) != 0) SWIG_fail;
}
%ignore kma_material_get_nist_name;
%rename(kma_material_get_nist_name) kmp_material_get_nist_name;
%nothread kmp_material_get_nist_name;
%inline %{
static kma_status kmp_material_get_nist_name(size_t index, char *out, size_t room)
{
    return kma_material_get_nist_name(index, out, room, NULL);
}
%}
%include "kerma/material.h"
%clear const char *name;
