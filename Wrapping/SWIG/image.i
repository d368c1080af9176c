/* kerma/image.h */
KMP_HANDLE(kma_image)
%ignore kma_image_borrow;
%ignore kma_image_return;
%ignore kma_image_geometry_defaults;
KMP_STRUCT_OUT(kma_image_geometry, kmp_image_geometry, out, 1)
KMP_STRUCT_IN(kma_image_geometry, kmp_image_geometry, geometry)
KMP_STRUCT_OUT(kma_image_statistics, kmp_image_statistics, out, 1)
%nothread kma_scalar_name;
%nothread kma_scalar_size;
%nothread kma_image_get_geometry;
%nothread kma_image_get_type;
%nothread kma_image_point_of_index;
%nothread kma_image_index_of_point;

/* A loan of the values without a copy: it ends with the proxy. The package gives it an __array_interface__. */
%nodefaultctor kmp_loan;
%nothread kmp_loan::~kmp_loan;
%nothread kmp_loan::address;
%nothread kmp_image_borrow;
%newobject kmp_image_borrow;
%inline %{
typedef struct kmp_loan kmp_loan;
%}
%{
struct kmp_loan {
    kma_image image;
    const void *data;
};
%}
%typemap(out) kmp_loan * {
    if ($1 == NULL) SWIG_fail;
    $result = SWIG_NewPointerObj($1, $descriptor(kmp_loan *), SWIG_POINTER_OWN);
}
struct kmp_loan {
    %extend {
        ~kmp_loan()
        {
            kma_image_return($self->image);
            free($self);
        }
        size_t address()
        {
            return (size_t)(uintptr_t)$self->data;
        }
    }
};
%inline %{
static kmp_loan *kmp_image_borrow(kma_image self)
{
    kmp_loan *loan = malloc(sizeof *loan);
    kma_status status;

    if (loan == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    loan->image = self;
    status = kma_image_borrow(self, &loan->data);
    if (status == KMA_OK) return loan;
    free(loan);
    kmp_raise(status);
    return NULL;
}
%}
KMP_LONG(kma_image_read)
KMP_LONG(kma_image_write)
%include "kerma/image.h"
