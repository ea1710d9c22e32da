// Kernels for x86-64 with AVX2, FMA and F16C.
#if defined(__x86_64__)
#define CTK_WIDTH 8
#define CTK_HAS_HALF 1
#include "Variants/includes.h"
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#include "Variants/kernels.inc.h"
#pragma clang attribute pop

const ctk_table ctk_table_avx2 = CTK_TABLE("avx2");
#endif
