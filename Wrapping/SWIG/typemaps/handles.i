/*
 * Handles: each a proxy that owns one reference and gives it back when it is collected, wherever that is: its
 * destructor waits for nobody and keeps the GIL, for a thread switch there would come as a surprise to all Python code.
 */
%define KMP_HANDLE(type)
%nodefaultctor type;
%nodefaultdtor type;
%ignore type::bits;
%ignore type##_retain;
%nothread type::~type;
%nothread type::id;
%nothread type##_release;
%typemap(in, numinputs=0) type *out (type temp), type *daughter_out (type temp), type *material_out (type temp) {
    temp.bits = 0;
    $1 = &temp;
}
%typemap(argout) type *out, type *daughter_out, type *material_out {
    $result = kmp_append($result, kmp_own_##type(*$1));
    if ($result == NULL) SWIG_fail;
}
%extend type {
    ~type()
    {
        type##_release($self);
        free($self);
    }
    /* Of the object, never given to another one; 0: names none. */
    unsigned long long id()
    {
        return $self->bits;
    }
}
%{
static PyObject *kmp_own_##type(type handle);
%}
/* Behind SWIG's own declarations. */
%wrapper %{
static PyObject *kmp_own_##type(type handle)
{
    type *copy = malloc(sizeof *copy);

    if (copy == NULL) {
        type##_release(&handle);
        return PyErr_NoMemory();
    }
    *copy = handle;
    return SWIG_NewPointerObj(copy, SWIGTYPE_p_##type, SWIG_POINTER_OWN);
}
%}
%enddef
