// A fork-join thread pool: one per process, shared by everything that computes.
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Runs body(context, 0) … body(context, count - 1) on the pool, the caller included; returns when all are done.
/// Which thread runs which index is not defined. A call from inside a task, or while another thread uses the pool,
/// runs its tasks one after another on the caller.
void ctp_parallel_for(int64_t count, void (*body)(void *context, int64_t index), void *context);
/// Threads in use, the caller included. Default: the processors this process may run on; `VLA_THREADS` overrides.
int ctp_thread_count(void);
/// Changes the number of threads; must not be called from inside a task.
void ctp_set_thread_count(int count);

#ifdef __cplusplus
}
#endif
