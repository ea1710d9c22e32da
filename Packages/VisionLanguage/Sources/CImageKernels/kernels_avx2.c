// The inner loops for x86-64 with AVX2. No fused multiply-add: the variants agree bit for bit.
#if defined(__x86_64__)
#include "kernels.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#include "kernels.inc.h"
#pragma clang attribute pop

const cik_kernels cik_kernels_avx2 = CIK_TABLE;
#endif
