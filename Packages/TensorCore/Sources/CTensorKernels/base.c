// Kernels for any processor of the build's architecture.
#define CTK_WIDTH 4
#define CTK_HAS_HALF 0
#include "Variants/kernels.inc.h"

const ctk_table ctk_table_base = CTK_TABLE("base");
