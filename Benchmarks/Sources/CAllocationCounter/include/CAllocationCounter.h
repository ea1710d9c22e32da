#ifndef C_ALLOCATION_COUNTER_H
#define C_ALLOCATION_COUNTER_H

/// Allocations of the calling thread so far. Counts where the C library is glibc; -1 elsewhere.
long counted_allocations(void);

#endif
