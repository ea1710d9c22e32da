// Every kernel, as plain loops. Each variant includes this once, under its own target attribute; all is static.
//
// CTK_WIDTH: floats in a register of the variant. CTK_HAS_HALF: whether the variant converts float16 in hardware.
#include "includes.h"

#pragma clang fp contract(fast)

// Marks a loop whose iterations touch only their own elements, so that output may be the same array as an input.
// (`restrict` would forbid that, and a run-time overlap check would take the scalar path.)
#define CTK_LOOP _Pragma("clang loop vectorize(assume_safety) interleave(enable)")
// The same for long chains of arithmetic: four vectors side by side, since one waits for itself most of the time.
#define CTK_LONG_LOOP _Pragma("clang loop vectorize(assume_safety) interleave_count(4)")
#define CTK_INLINE static inline __attribute__((always_inline))

#define CTK_TABLE_FIELD(name, parameters, arguments) .name = name,
#define CTK_TABLE(text) {.variant = text, CTK_KERNELS(CTK_TABLE_FIELD)}

#include "lanes.inc.h"
#include "mathematics.inc.h"
#include "elementwise.inc.h"
#include "activations.inc.h"
#include "reductions.inc.h"
#include "norms.inc.h"
#include "softmax.inc.h"
#include "rotation.inc.h"
#include "optimizer.inc.h"
#include "conversion.inc.h"
#include "gemv.inc.h"
#include "gemm.inc.h"
