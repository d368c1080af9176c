/* kerma/spectrum.h */
KMP_HANDLE(kma_spectrum)
%nothread kma_spectrum_create_mono;
%nothread kma_spectrum_get_kind;
%nothread kma_spectrum_get_count;
%nothread kma_spectrum_get_energies;
%nothread kma_spectrum_get_weights;
%nothread kma_spectrum_get_mean_energy;
%nothread kma_spectrum_get_min_energy;
%nothread kma_spectrum_get_max_energy;
%include "kerma/spectrum.h"
