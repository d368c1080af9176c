/* Rigid frames: made from what users give, put one inside the other, and boxes carried through them. */
#ifndef KMI_FRAME_H
#define KMI_FRAME_H

#include "base/error.h"
#include "base/vec.h"

/* The identity. */
kmi_frame kmi_frame_identity(void);
/* `inner` placed in `outer`: local of inner -> mother of outer. */
kmi_frame kmi_frame_compose(const kmi_frame *outer, const kmi_frame *inner);
/* From the local frame of one to that of another in the same mother. */
kmi_frame kmi_frame_between(const kmi_frame *from, const kmi_frame *to);
/* Makes the columns of m exactly orthonormal (Gram-Schmidt, first column kept), handedness unchanged. What is so within
 * rounding stays as it is: doing it twice is doing it once. */
void kmi_orthonormalise(const double m[9], double out[9]);
/* The largest |component| of m^T m - 1; nan if m holds one. */
double kmi_orthonormal_error(const double m[9]);
double kmi_determinant(const double m[9]);
/* A frame of columns that are orthonormal already; `rotated` is set by looking. */
kmi_frame kmi_frame_make(const double rotation[9], kmi_vec3 translation);
/* The smallest box around `box` seen through the frame. */
kmi_box3 kmi_frame_box(const kmi_frame *self, const kmi_box3 *box);

#endif
