// The inner loops for any processor of the build's architecture.
#include "kernels.h"

#include "kernels.inc.h"

const cik_kernels cik_kernels_base = CIK_TABLE;
