/* The elements 1..98: symbols, names, standard atomic weights. */
#ifndef KMI_ELEMENT_H
#define KMI_ELEMENT_H

#include <stddef.h>

enum { KMI_ELEMENT_FIRST = 1, KMI_ELEMENT_LAST = 98 };

/* NULL unless 1 <= z <= 98. */
const char *kmi_element_symbol(int z);
const char *kmi_element_name(int z);
/* g/mol; 0 unless 1 <= z <= 98. */
double kmi_element_weight(int z);
/* The element with exactly this symbol, `length` bytes of `text`; 0 if there is none. */
int kmi_element_from_symbol(const char *text, size_t length);
/* The element of this English name ("Aluminum" and "Aluminium"), case ignored; 0 if there is none. */
int kmi_element_from_name(const char *name);

#endif
