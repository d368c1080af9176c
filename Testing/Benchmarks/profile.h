/*
 * A sampling profiler for benchmarks: where the processor is, a thousand times
 * a second, by function name, summed into the parts of kerma that own them.
 */
#ifndef KMT_PROFILE_H
#define KMT_PROFILE_H

/* Of the calling thread's process; serial runs only (workers block signals). */
void kmt_profile_start(void);
/* Prints a line a part with its share of the samples. */
void kmt_profile_stop_and_print(void);

#endif
