/* kerma/file.h */
%nothread kma_file_kind_name;
%include "kerma/file.h"
