/* Structs: dicts on Python's side, so that no accessor is generated. */
%define KMP_STRUCT(type)
%ignore type;
%enddef

/* sized: the struct begins with its size. */
%define KMP_STRUCT_OUT(type, table, name, sized)
%ignore type;
%typemap(in, numinputs=0) type *name (type temp) {
    memset(&temp, 0, sizeof temp);
    $1 = &temp;
#if sized
    memcpy(&temp, &(size_t){sizeof temp}, sizeof(size_t));
#endif
}
%typemap(argout) type *name {
    $result = kmp_append($result, kmp_to_dict(&table, $1));
    if ($result == NULL) SWIG_fail;
}
%enddef

%define KMP_STRUCT_IN(type, table, name)
%ignore type;
%ignore type##_defaults;
%typemap(in) const type *name (type temp) {
    type##_defaults(&temp);
    if (kmp_from_dict(&table, $input, &temp) != 0) SWIG_fail;
    $1 = &temp;
}
%enddef
