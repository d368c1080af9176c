/* The JSON Schema (2020-12) of the reader's tables. */
#ifndef KMT_SCHEMA_TEXT_H
#define KMT_SCHEMA_TEXT_H

#include <stdio.h>

#include "simulation/shape.h"

void kmt_write_schema(FILE *file, const kmi_shape *shape);

#endif
