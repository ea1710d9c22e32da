#ifndef C_ALLOCATION_COUNTER_H
#define C_ALLOCATION_COUNTER_H

/// Allocations of this process so far, of all threads. Counts where the C library is glibc; -1 elsewhere.
long counted_allocations(void);

#endif
