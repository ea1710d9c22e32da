// Matrix products C = alpha · A · B + beta · C, whose every element is summed in one order: over the inner axis in
// blocks of CTK_GEMM_DEPTH, within a block one fused product after another, then block after block. The order depends
// neither on the number of rows or columns nor on where the product is cut, so that a row computed alone, in a batch, or
// on another thread has the same bits. Trailing zeros of the inner axis change nothing.
//
// B is packed into panels of CTK_GEMM_COLUMNS columns, A into panels of CTK_GEMM_ROWS rows, both with the inner axis
// outermost; a tile of C is held in registers. (The scheme of Goto & van de Geijn 2008, "Anatomy of high-performance
// matrix multiplication".) Few rows take another path: B as it lies, transposed in registers where need be.

#define CTK_GEMM_DEPTH 512
#define CTK_GEMM_COLUMNS (2 * CTK_WIDTH)
#if CTK_WIDTH == 16
#define CTK_GEMM_ROWS 14
#elif CTK_WIDTH == 8
#define CTK_GEMM_ROWS 6
#elif defined(__aarch64__)
#define CTK_GEMM_ROWS 8
#else
#define CTK_GEMM_ROWS 4
#endif
// Row panels of A that are packed at a time.
#define CTK_GEMM_PANELS 10

typedef float row_of_tile __attribute__((ext_vector_type(CTK_GEMM_COLUMNS)));
typedef float row_in_memory __attribute__((ext_vector_type(CTK_GEMM_COLUMNS), aligned(4), may_alias));
typedef float reg __attribute__((ext_vector_type(CTK_WIDTH)));
typedef float reg_in_memory __attribute__((ext_vector_type(CTK_WIDTH), aligned(4), may_alias));

#if CTK_WIDTH == 16
#define CTK_ZIP_LOW(a, b)                                                                                              \
    __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define CTK_ZIP_HIGH(a, b)                                                                                             \
    __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define CTK_LOG_WIDTH 4
#elif CTK_WIDTH == 8
#define CTK_ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define CTK_ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define CTK_LOG_WIDTH 3
#else
#define CTK_ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define CTK_ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define CTK_LOG_WIDTH 2
#endif

// Transposes a square of registers: each round zips register i with register i + half.
CTK_INLINE void transpose_registers(reg *r) {
#pragma clang loop unroll(full)
    for (int round = 0; round < CTK_LOG_WIDTH; round++) {
        reg t[CTK_WIDTH];
#pragma clang loop unroll(full)
        for (int i = 0; i < CTK_WIDTH / 2; i++) {
            t[2 * i] = CTK_ZIP_LOW(r[i], r[i + CTK_WIDTH / 2]);
            t[2 * i + 1] = CTK_ZIP_HIGH(r[i], r[i + CTK_WIDTH / 2]);
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < CTK_WIDTH; i++) r[i] = t[i];
    }
}

// How the numbers of a matrix are stored; a constant wherever it is passed on.
enum stored { STORED_FLOAT32, STORED_FLOAT16, STORED_BFLOAT16 };

#define CTK_STORED_SIZE(stored) ((stored) == STORED_FLOAT32 ? sizeof(float) : sizeof(uint16_t))

CTK_INLINE const void *stored_at(const void *x, size_t index, enum stored stored) {
    return (const char *)x + index * CTK_STORED_SIZE(stored);
}

// A register of CTK_WIDTH stored numbers.
CTK_INLINE reg load_stored(const void *x, enum stored stored) {
    reg r;
    if (stored == STORED_FLOAT32) return *(const reg_in_memory *)x;
    const uint16_t *bits = x;
#if CTK_HAS_HALF
    if (stored == STORED_FLOAT16) {
        typedef _Float16 halves __attribute__((ext_vector_type(CTK_WIDTH)));
        halves half;
        memcpy(&half, bits, sizeof half);
        return __builtin_convertvector(half, reg);
    }
#endif
    for (int i = 0; i < CTK_WIDTH; i++) {
        r[i] = stored == STORED_FLOAT16 ? half_to_float(bits[i]) : bfloat_to_float(bits[i]);
    }
    return r;
}

// Square of `rows` × `columns` ≤ CTK_WIDTH² numbers at `x`, transposed, zeros beyond: r[c] holds column c.
CTK_INLINE void load_transposed(
    const void *x, enum stored stored, size_t stride, size_t rows, size_t columns, reg *r) {
    if (rows == CTK_WIDTH && columns == CTK_WIDTH) {
#pragma clang loop unroll(full)
        for (int i = 0; i < CTK_WIDTH; i++) r[i] = load_stored(stored_at(x, i * stride, stored), stored);
    } else {
        float square[CTK_WIDTH * CTK_WIDTH] = {0}; // all bits zero is zero in the other forms as well
        size_t size = CTK_STORED_SIZE(stored);
        for (size_t i = 0; i < rows; i++) {
            memcpy((char *)square + i * CTK_WIDTH * size, stored_at(x, i * stride, stored), columns * size);
        }
        for (int i = 0; i < CTK_WIDTH; i++) r[i] = load_stored(stored_at(square, i * CTK_WIDTH, stored), stored);
    }
    transpose_registers(r);
}

static void gemm_sizes(size_t *rows, size_t *columns, size_t *depth, size_t *scratch) {
    *rows = CTK_GEMM_ROWS;
    *columns = CTK_GEMM_COLUMNS;
    *depth = CTK_GEMM_DEPTH;
    *scratch = CTK_GEMM_PANELS * CTK_GEMM_ROWS * CTK_GEMM_DEPTH + CTK_WIDTH;
}

// Columns [first, first + count) of panels of B, for every block of the inner axis. B is [k, n], or [n, k] where
// `transposed`; `packed` is the place of all panels.
static void gemm_pack(
    const float *b, size_t stride, bool transposed, size_t k, size_t n, size_t first, size_t count, float *packed) {
    size_t panels = (n + CTK_GEMM_COLUMNS - 1) / CTK_GEMM_COLUMNS;
    for (size_t start = 0; start < k; start += CTK_GEMM_DEPTH) {
        size_t depth = k - start < CTK_GEMM_DEPTH ? k - start : CTK_GEMM_DEPTH;
        for (size_t panel = first; panel < first + count; panel++) {
            float *to = packed + start * panels * CTK_GEMM_COLUMNS + panel * depth * CTK_GEMM_COLUMNS;
            size_t column = panel * CTK_GEMM_COLUMNS;
            size_t columns = n - column < CTK_GEMM_COLUMNS ? n - column : CTK_GEMM_COLUMNS;
            if (!transposed) {
                for (size_t p = 0; p < depth; p++) {
                    const float *from = b + (start + p) * stride + column;
                    if (columns == CTK_GEMM_COLUMNS) {
                        *(row_in_memory *)(to + p * CTK_GEMM_COLUMNS) = *(const row_in_memory *)from;
                    } else {
                        memcpy(to + p * CTK_GEMM_COLUMNS, from, columns * sizeof(float));
                        memset(to + p * CTK_GEMM_COLUMNS + columns, 0, (CTK_GEMM_COLUMNS - columns) * sizeof(float));
                    }
                }
                continue;
            }
            for (size_t half = 0; half < CTK_GEMM_COLUMNS; half += CTK_WIDTH) {
                size_t rows = columns > half ? columns - half : 0;
                rows = rows < CTK_WIDTH ? rows : CTK_WIDTH;
                for (size_t p = 0; p < depth; p += CTK_WIDTH) {
                    size_t width = depth - p < CTK_WIDTH ? depth - p : CTK_WIDTH;
                    reg r[CTK_WIDTH];
                    load_transposed(b + (column + half) * stride + start + p, STORED_FLOAT32, stride, rows, width, r);
                    float *place = to + p * CTK_GEMM_COLUMNS + half;
                    if (width == CTK_WIDTH) {
#pragma clang loop unroll(full)
                        for (int i = 0; i < CTK_WIDTH; i++) *(reg_in_memory *)(place + i * CTK_GEMM_COLUMNS) = r[i];
                    } else {
                        for (size_t i = 0; i < width; i++) *(reg_in_memory *)(place + i * CTK_GEMM_COLUMNS) = r[i];
                    }
                }
            }
        }
    }
}

// `rows` ≤ CTK_GEMM_ROWS rows of A, zeros below them, as [depth][CTK_GEMM_ROWS]. Writes up to CTK_WIDTH floats further.
CTK_INLINE void pack_rows(const float *a, size_t stride, bool transposed, size_t rows, size_t depth, float *to) {
    if (transposed) {
        for (size_t p = 0; p < depth; p++) {
            float *place = to + p * CTK_GEMM_ROWS;
            memcpy(place, a + p * stride, rows * sizeof(float));
            if (rows < CTK_GEMM_ROWS) memset(place + rows, 0, (CTK_GEMM_ROWS - rows) * sizeof(float));
        }
        return;
    }
    for (size_t p = 0; p < depth; p += CTK_WIDTH) {
        size_t width = depth - p < CTK_WIDTH ? depth - p : CTK_WIDTH;
        // a register that reaches beyond its panel is overwritten by the next ones
        for (size_t first = 0; first < CTK_GEMM_ROWS; first += CTK_WIDTH) {
            size_t count = rows > first ? rows - first : 0;
            size_t full = CTK_GEMM_ROWS - first < CTK_WIDTH ? CTK_GEMM_ROWS - first : CTK_WIDTH;
            reg r[CTK_WIDTH];
            if (count >= full && width == CTK_WIDTH && full < CTK_WIDTH) {
#pragma clang loop unroll(full)
                for (int i = 0; i < CTK_WIDTH; i++) {
                    r[i] = i < CTK_GEMM_ROWS % CTK_WIDTH ? *(const reg_in_memory *)(a + (first + i) * stride + p)
                                                         : (reg)0;
                }
                transpose_registers(r);
            } else {
                load_transposed(
                    a + first * stride + p, STORED_FLOAT32, stride, count < CTK_WIDTH ? count : CTK_WIDTH, width, r);
            }
            for (size_t i = 0; i < width; i++) *(reg_in_memory *)(to + (p + i) * CTK_GEMM_ROWS + first) = r[i];
        }
    }
}

// acc[i] = Σ_p a[p][i] · b[p], one after another.
CTK_INLINE void multiply_panels(const float *a, const float *b, size_t depth, row_of_tile *acc) {
    row_of_tile sum[CTK_GEMM_ROWS];
#pragma clang loop unroll(full)
    for (int i = 0; i < CTK_GEMM_ROWS; i++) sum[i] = 0;
    for (size_t p = 0; p < depth; p++) {
        row_of_tile row = *(const row_in_memory *)(b + p * CTK_GEMM_COLUMNS);
#pragma clang loop unroll(full)
        for (int i = 0; i < CTK_GEMM_ROWS; i++) sum[i] += (row_of_tile)a[p * CTK_GEMM_ROWS + i] * row;
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < CTK_GEMM_ROWS; i++) acc[i] = sum[i];
}

// How a block's sums join C: the first block's C is scaled by beta, or not read where beta is 0.
CTK_INLINE void join(const row_of_tile *sum, row_of_tile *c, float alpha, float beta, bool is_first) {
    row_of_tile scaled = alpha == 1 ? *sum : *sum * alpha;
    if (!is_first || beta == 1) *c = *c + scaled;
    else *c = beta == 0 ? scaled : *c * beta + scaled;
}

// C [m, n] from A and packed panels of B: columns of panels [first_panel, first_panel + panel_count) of B's n.
// `scratch`: as many floats as gemm_sizes says.
static void gemm_panels(
    const float *a, size_t stride_a, bool transposed_a, const float *packed, size_t first_panel, size_t panel_count,
    float *c, size_t stride_c, size_t m, size_t n, size_t k, float alpha, float beta, float *scratch) {
    size_t panels = (n + CTK_GEMM_COLUMNS - 1) / CTK_GEMM_COLUMNS;
    for (size_t top = 0; top < m; top += CTK_GEMM_PANELS * CTK_GEMM_ROWS) {
        size_t height = m - top < CTK_GEMM_PANELS * CTK_GEMM_ROWS ? m - top : CTK_GEMM_PANELS * CTK_GEMM_ROWS;
        for (size_t start = 0; start < k || start == 0; start += CTK_GEMM_DEPTH) {
            size_t depth = k - start < CTK_GEMM_DEPTH ? k - start : CTK_GEMM_DEPTH;
            for (size_t row = 0; row < height; row += CTK_GEMM_ROWS) {
                size_t rows = height - row < CTK_GEMM_ROWS ? height - row : CTK_GEMM_ROWS;
                const float *from = transposed_a ? a + start * stride_a + top + row : a + (top + row) * stride_a + start;
                pack_rows(from, stride_a, transposed_a, rows, depth, scratch + row * depth);
            }
            for (size_t panel = first_panel; panel < first_panel + panel_count; panel++) {
                const float *b = packed + start * panels * CTK_GEMM_COLUMNS + panel * depth * CTK_GEMM_COLUMNS;
                size_t column = panel * CTK_GEMM_COLUMNS;
                size_t columns = n - column < CTK_GEMM_COLUMNS ? n - column : CTK_GEMM_COLUMNS;
                for (size_t row = 0; row < height; row += CTK_GEMM_ROWS) {
                    size_t rows = height - row < CTK_GEMM_ROWS ? height - row : CTK_GEMM_ROWS;
                    row_of_tile acc[CTK_GEMM_ROWS];
                    multiply_panels(scratch + row * depth, b, depth, acc);
                    float *to = c + (top + row) * stride_c + column;
                    bool reads = start > 0 || beta != 0;
                    if (rows == CTK_GEMM_ROWS && columns == CTK_GEMM_COLUMNS) {
#pragma clang loop unroll(full)
                        for (int i = 0; i < CTK_GEMM_ROWS; i++) {
                            row_of_tile old = 0;
                            if (reads) old = *(const row_in_memory *)(to + i * stride_c);
                            join(&acc[i], &old, alpha, beta, start == 0);
                            *(row_in_memory *)(to + i * stride_c) = old;
                        }
                        continue;
                    }
                    for (size_t i = 0; i < rows; i++) {
                        row_of_tile old = 0;
                        if (reads) memcpy(&old, to + i * stride_c, columns * sizeof(float));
                        join(&acc[i], &old, alpha, beta, start == 0);
                        memcpy(to + i * stride_c, &old, columns * sizeof(float));
                    }
                }
            }
        }
    }
}

// Few rows of A, not transposed, times B as it lies. ROWS is a constant.
#define CTK_FEW(ROWS)                                                                                                  \
    CTK_INLINE void few_##ROWS(                                                                                        \
        const float *a, size_t stride_a, const void *b, enum stored stored, size_t stride_b, bool transposed,          \
        float *c, size_t stride_c, size_t n, size_t k, float alpha, float beta) {                                      \
        for (size_t column = 0; column < n; column += CTK_GEMM_COLUMNS) {                                              \
            size_t columns = n - column < CTK_GEMM_COLUMNS ? n - column : CTK_GEMM_COLUMNS;                            \
            for (size_t start = 0; start < k || start == 0; start += CTK_GEMM_DEPTH) {                                 \
                size_t depth = k - start < CTK_GEMM_DEPTH ? k - start : CTK_GEMM_DEPTH;                                \
                row_of_tile sum[ROWS];                                                                                 \
                for (int i = 0; i < ROWS; i++) sum[i] = 0;                                                             \
                if (transposed) {                                                                                      \
                    few_transposed(a + start, stride_a, stored_at(b, column * stride_b + start, stored), stored,       \
                        stride_b, columns, depth, ROWS, sum);                                                          \
                } else {                                                                                               \
                    for (size_t p = 0; p < depth; p++) {                                                               \
                        const float *from = (const float *)b + (start + p) * stride_b + column;                        \
                        row_of_tile row = 0;                                                                           \
                        if (columns == CTK_GEMM_COLUMNS) row = *(const row_in_memory *)from;                           \
                        else memcpy(&row, from, columns * sizeof(float));                                              \
                        for (int i = 0; i < ROWS; i++) sum[i] += (row_of_tile)a[i * stride_a + start + p] * row;       \
                    }                                                                                                  \
                }                                                                                                      \
                for (int i = 0; i < ROWS; i++) {                                                                       \
                    row_of_tile old = 0;                                                                               \
                    float *to = c + i * stride_c + column;                                                             \
                    if (start > 0 || beta != 0) memcpy(&old, to, columns * sizeof(float));                             \
                    join(&sum[i], &old, alpha, beta, start == 0);                                                      \
                    memcpy(to, &old, columns * sizeof(float));                                                         \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }

// sum[i] += Σ_p a[i][p] · bᵀ[p] for rows of B [columns, depth]: a square of B at a time is transposed in registers.
CTK_INLINE void few_transposed(
    const float *a, size_t stride_a, const void *b, enum stored stored, size_t stride_b, size_t columns, size_t depth,
    int rows, row_of_tile *sum) {
    for (size_t half = 0; half < CTK_GEMM_COLUMNS && half < columns; half += CTK_WIDTH) {
        size_t count = columns - half < CTK_WIDTH ? columns - half : CTK_WIDTH;
        reg part[4];
        for (int i = 0; i < rows; i++) part[i] = 0;
        for (size_t p = 0; p < depth; p += CTK_WIDTH) {
            size_t width = depth - p < CTK_WIDTH ? depth - p : CTK_WIDTH;
            reg r[CTK_WIDTH];
            load_transposed(stored_at(b, half * stride_b + p, stored), stored, stride_b, count, width, r);
            // Short rows end before the processor foresees so many streams: ask for the rows that come next. Rows of
            // floats are long enough without.
            if (stored != STORED_FLOAT32 && p % (2 * CTK_WIDTH) == 0) {
                for (size_t i = 0; i < CTK_WIDTH; i++) {
                    __builtin_prefetch(stored_at(b, (half + CTK_WIDTH + i) * stride_b + p, stored));
                }
            }
            if (width == CTK_WIDTH) {
#pragma clang loop unroll(full)
                for (int q = 0; q < CTK_WIDTH; q++) {
                    for (int i = 0; i < rows; i++) part[i] += (reg)a[i * stride_a + p + q] * r[q];
                }
            } else {
                for (size_t q = 0; q < width; q++) {
                    for (int i = 0; i < rows; i++) part[i] += (reg)a[i * stride_a + p + q] * r[q];
                }
            }
        }
        for (int i = 0; i < rows; i++) memcpy((float *)&sum[i] + half, &part[i], sizeof(reg));
    }
}

CTK_FEW(1)
CTK_FEW(2)
CTK_FEW(4)
#undef CTK_FEW

CTK_INLINE void few(
    const float *a, size_t stride_a, const void *b, enum stored stored, size_t stride_b, bool transposed, float *c,
    size_t stride_c, size_t m, size_t n, size_t k, float alpha, float beta) {
    size_t row = 0;
#define CTK_FEW_ROWS(ROWS)                                                                                             \
    few_##ROWS(                                                                                                        \
        a + row * stride_a, stride_a, b, stored, stride_b, transposed, c + row * stride_c, stride_c, n, k, alpha, beta)
    for (; row + 4 <= m; row += 4) CTK_FEW_ROWS(4);
    if (row + 2 <= m) {
        CTK_FEW_ROWS(2);
        row += 2;
    }
    if (row < m) CTK_FEW_ROWS(1);
#undef CTK_FEW_ROWS
}

static void gemm_few(
    const float *a, size_t stride_a, const float *b, size_t stride_b, bool transposed_b, float *c, size_t stride_c,
    size_t m, size_t n, size_t k, float alpha, float beta) {
    few(a, stride_a, b, STORED_FLOAT32, stride_b, transposed_b, c, stride_c, m, n, k, alpha, beta);
}

static void gemm_few_float16(
    const float *a, size_t stride_a, const uint16_t *b, size_t stride_b, float *c, size_t stride_c, size_t m, size_t n,
    size_t k) {
    few(a, stride_a, b, STORED_FLOAT16, stride_b, true, c, stride_c, m, n, k, 1, 0);
}

static void gemm_few_bfloat16(
    const float *a, size_t stride_a, const uint16_t *b, size_t stride_b, float *c, size_t stride_c, size_t m, size_t n,
    size_t k) {
    few(a, stride_a, b, STORED_BFLOAT16, stride_b, true, c, stride_c, m, n, k, 1, 0);
}
