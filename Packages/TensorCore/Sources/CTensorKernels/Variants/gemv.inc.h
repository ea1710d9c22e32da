// Matrix times vector for int8 weights: four rows at a time, each with its own partial sums, so that x is read once for
// four rows and the loop waits for memory rather than for the adders. Sums here have another order than in gemm.inc.h.

#define CTK_STEP (CTK_WIDTH * 2)
typedef float wide __attribute__((ext_vector_type(CTK_STEP)));
typedef float wide_floats __attribute__((ext_vector_type(CTK_STEP), aligned(4), may_alias));
typedef int8_t wide_bytes __attribute__((ext_vector_type(CTK_STEP), aligned(1), may_alias));

#define CTK_WIDE_FLOATS(address) (*(const wide_floats *)(address))
#define CTK_WIDE_BYTES(address) __builtin_convertvector(*(const wide_bytes *)(address), wide)

CTK_INLINE float sum_of_wide(const wide *v) {
    float lane[CTK_STEP];
    memcpy(lane, v, sizeof lane);
    for (size_t half = CTK_STEP / 2; half > 0; half /= 2) {
        for (size_t j = 0; j < half; j++) lane[j] += lane[j + half];
    }
    return lane[0];
}

CTK_INLINE float byte_to_float(int8_t x) { return (float)x; }

// One row, then rows by four. WIDE loads CTK_STEP weights as floats, ONE converts a single weight.
#define CTK_GEMV(name, Weight, WIDE, ONE)                                                                              \
    CTK_INLINE float name##_row(const Weight *w, const float *x, size_t columns) {                                     \
        wide total = 0;                                                                                                \
        size_t c = 0;                                                                                                  \
        for (; c + CTK_STEP <= columns; c += CTK_STEP) total += WIDE(w + c) * CTK_WIDE_FLOATS(x + c);                  \
        float sum = sum_of_wide(&total);                                                                               \
        for (; c < columns; c++) sum += ONE(w[c]) * x[c];                                                              \
        return sum;                                                                                                    \
    }                                                                                                                  \
    CTK_INLINE void name##_rows(const Weight *w, const float *x, float *y, size_t rows, size_t columns) {              \
        size_t r = 0;                                                                                                  \
        for (; r + 4 <= rows; r += 4) {                                                                                \
            const Weight *w0 = w + r * columns, *w1 = w0 + columns, *w2 = w1 + columns, *w3 = w2 + columns;            \
            wide total0 = 0, total1 = 0, total2 = 0, total3 = 0;                                                       \
            size_t c = 0;                                                                                              \
            for (; c + CTK_STEP <= columns; c += CTK_STEP) {                                                           \
                wide v = CTK_WIDE_FLOATS(x + c);                                                                       \
                total0 += WIDE(w0 + c) * v;                                                                            \
                total1 += WIDE(w1 + c) * v;                                                                            \
                total2 += WIDE(w2 + c) * v;                                                                            \
                total3 += WIDE(w3 + c) * v;                                                                            \
            }                                                                                                          \
            float sum0 = sum_of_wide(&total0), sum1 = sum_of_wide(&total1);                                            \
            float sum2 = sum_of_wide(&total2), sum3 = sum_of_wide(&total3);                                            \
            for (; c < columns; c++) {                                                                                 \
                sum0 += ONE(w0[c]) * x[c];                                                                             \
                sum1 += ONE(w1[c]) * x[c];                                                                             \
                sum2 += ONE(w2[c]) * x[c];                                                                             \
                sum3 += ONE(w3[c]) * x[c];                                                                             \
            }                                                                                                          \
            y[r] = sum0;                                                                                               \
            y[r + 1] = sum1;                                                                                           \
            y[r + 2] = sum2;                                                                                           \
            y[r + 3] = sum3;                                                                                           \
        }                                                                                                              \
        for (; r < rows; r++) y[r] = name##_row(w + r * columns, x, columns);                                          \
    }

CTK_GEMV(int8, int8_t, CTK_WIDE_BYTES, byte_to_float)
#undef CTK_GEMV

// The scale of a row multiplies its sum, not its weights.
static void gemv_int8(const int8_t *w, const float *scale, const float *x, float *y, size_t rows, size_t columns) {
    int8_rows(w, x, y, rows, columns);
    for (size_t r = 0; r < rows; r++) y[r] *= scale[r];
}
