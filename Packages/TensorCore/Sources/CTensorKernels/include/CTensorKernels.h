// Fast kernels on contiguous float32 rows, with run-time dispatch.
//
// Every kernel works on one thread and on what it is given; splitting work among threads is the caller's part
// (see `parallelFor` of the module Parallel). Each has a readable reference in Sources/TensorCore/Kernels with which tests compare it.
// `n`: elements; `rows`, `columns`: a row-major matrix. Output may be the same array as an input of equal shape only
// where a kernel says "in place".
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "KernelList.h"

#define CTK_DECLARE(name, parameters, arguments) void ctk_##name parameters;
CTK_KERNELS(CTK_DECLARE)
#undef CTK_DECLARE

/// One variant of every kernel.
typedef struct ctk_table {
    /// "base", "avx2", "avx512" or "neon".
    const char *variant;
#define CTK_FIELD(name, parameters, arguments) void(*name) parameters;
    CTK_KERNELS(CTK_FIELD)
#undef CTK_FIELD
} ctk_table;

/// The kernels of a variant, whichever is selected; null when this machine or build does not have it. For tests.
const ctk_table *ctk_variant_table(const char *name);

/// Name of the selected kernel variant: "base", "avx2", "avx512" or "neon".
const char *ctk_variant(void);
/// Selects a variant by name; false when this machine or build does not have it. For tests; the environment variable
/// `VLA_KERNELS` does the same at start.
bool ctk_select_variant(const char *name);
/// Writes up to `capacity` names of the usable variants, returns how many there are.
int ctk_available_variants(const char **names, int capacity);

#ifdef __cplusplus
}
#endif
