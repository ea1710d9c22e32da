// The dispatch table's instances; each lies in the file of its variant.
#pragma once
#include "include/CTensorKernels.h"

extern const ctk_table ctk_table_base;
#if defined(__x86_64__)
extern const ctk_table ctk_table_avx2;
extern const ctk_table ctk_table_avx512;
#elif defined(__aarch64__)
extern const ctk_table ctk_table_neon;
#endif
