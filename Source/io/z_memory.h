/* zlib's memory from the library's one door to the heap. */
#ifndef KMI_Z_MEMORY_H
#define KMI_Z_MEMORY_H

#include <zlib.h>

void kmi_z_memory(z_stream *z); /* before deflateInit or inflateInit */

#endif
