// Kernels for x86-64 with AVX-512 F, BW, VL and DQ.
#if defined(__x86_64__)
#define CTK_WIDTH 16
#define CTK_HAS_HALF 1
#include "Variants/includes.h"
#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"))), apply_to = function)
#include "Variants/kernels.inc.h"
#pragma clang attribute pop

const ctk_table ctk_table_avx512 = CTK_TABLE("avx512");
#endif
