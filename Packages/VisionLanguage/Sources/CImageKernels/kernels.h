// The inner loops of each variant, and what they take.
#pragma once
#include <string.h>

#include "include/CImageKernels.h"

/// Which source values make an output value, and how much of each.
typedef struct cik_taps {
    /// For each output position the first source position and how many there are.
    int32_t *first, *count;
    /// Weights in fixed point or in float, `stride` for each output position.
    int32_t *fixed;
    float *weights;
    size_t stride;
    /// Bits behind the point of `fixed`.
    int shift;
} cik_taps;

typedef struct cik_kernels {
    void (*rows_u8)(const uint8_t *, size_t, size_t, uint8_t *, size_t, const cik_taps *, uint8_t *);
    void (*columns_u8)(const uint8_t *, size_t, uint8_t *, size_t, const cik_taps *);
    void (*rows_float)(const float *, size_t, size_t, float *, size_t, const cik_taps *);
    void (*columns_float)(const float *, size_t, float *, size_t, const cik_taps *);
} cik_kernels;

extern const cik_kernels cik_kernels_base;
#if defined(__x86_64__)
extern const cik_kernels cik_kernels_avx2;
#endif
