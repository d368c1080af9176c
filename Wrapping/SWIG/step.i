/* kerma/step.h */
%ignore kma_step;
%nothread kma_process_name;
%include "kerma/step.h"
