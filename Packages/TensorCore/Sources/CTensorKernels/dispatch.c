// Selects the kernel variant: the widest this machine has, or the one that VLA_KERNELS names.
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

static _Atomic(const ctk_table *) selected = &ctk_table_base;

const ctk_table *ctk_variant_table(const char *name) {
    if (strcmp(name, "base") == 0) return &ctk_table_base;
#if defined(__x86_64__)
    __builtin_cpu_init();
    bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    if (strcmp(name, "avx2") == 0 && has_avx2) return &ctk_table_avx2;
    if (strcmp(name, "avx512") == 0 && has_avx512) return &ctk_table_avx512;
#elif defined(__aarch64__)
    if (strcmp(name, "neon") == 0) return &ctk_table_neon;
#endif
    return NULL;
}

int ctk_available_variants(const char **names, int capacity) {
    static const char *const known[] = {"base", "avx2", "avx512", "neon"};
    int count = 0;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (ctk_variant_table(known[i]) == NULL) continue;
        if (count < capacity) names[count] = known[i];
        count++;
    }
    return count;
}

bool ctk_select_variant(const char *name) {
    const ctk_table *table = ctk_variant_table(name);
    if (table == NULL) return false;
    atomic_store_explicit(&selected, table, memory_order_release);
    return true;
}

const char *ctk_variant(void) { return atomic_load_explicit(&selected, memory_order_acquire)->variant; }

__attribute__((constructor)) static void select_at_start(void) {
    const char *names[4];
    int count = ctk_available_variants(names, 4);
    ctk_select_variant(names[count - 1]);

    const char *wanted = getenv("VLA_KERNELS");
    if (wanted == NULL || wanted[0] == 0 || ctk_select_variant(wanted)) return;
    fprintf(stderr, "VLA_KERNELS=%s is not available here; using %s. Available:", wanted, ctk_variant());
    for (int i = 0; i < count; i++) fprintf(stderr, " %s", names[i]);
    fprintf(stderr, "\n");
}

#define CTK_FORWARD(name, parameters, arguments)                                                                       \
    void ctk_##name parameters { atomic_load_explicit(&selected, memory_order_acquire)->name arguments; }
CTK_KERNELS(CTK_FORWARD)
