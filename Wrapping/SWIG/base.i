/* kerma/base.h */
%ignore kma_set_allocator;
%ignore kma_set_log_sink;
%ignore kma_set_thread_poll;
%ignore kma_shutdown;
%ignore kma_error_message;
%nothread kma_status_name;
%nothread kma_status_text;
%nothread kma_version;
%nothread kma_live_objects;
%include "kerma/base.h"
