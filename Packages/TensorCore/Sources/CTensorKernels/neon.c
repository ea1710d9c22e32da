// Kernels for AArch64, whose half precision conversions are part of the base instruction set.
#if defined(__aarch64__)
#define CTK_WIDTH 4
#define CTK_HAS_HALF 1
#include "Variants/kernels.inc.h"

const ctk_table ctk_table_neon = CTK_TABLE("neon");
#endif
