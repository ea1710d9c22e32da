// The inner loops, as plain code over vectors. Each variant includes this once, under its own target attribute.
//
// A pass computes, for each output position o, Σ_k weight[o][k] · source[first[o] + k]; `taps` holds both.

typedef uint8_t bytes4 __attribute__((ext_vector_type(4)));
typedef uint8_t bytes32 __attribute__((ext_vector_type(32)));
typedef int32_t ints4 __attribute__((ext_vector_type(4)));
typedef int32_t ints32 __attribute__((ext_vector_type(32)));
typedef float floats4 __attribute__((ext_vector_type(4)));
typedef float floats16 __attribute__((ext_vector_type(16)));

#define CIK_INLINE static inline __attribute__((always_inline))

CIK_INLINE bytes4 load_pixel(const uint8_t *address) {
    bytes4 value;
    memcpy(&value, address, 4);
    return value;
}

CIK_INLINE bytes4 clamp4(ints4 sum, int shift) {
    sum >>= shift;
    sum = __builtin_elementwise_max(__builtin_elementwise_min(sum, (ints4)255), (ints4)0);
    return __builtin_convertvector(sum, bytes4);
}

// Output pixel x of up to four rows; each source row is read up to one byte past its end.
CIK_INLINE void filter_pixel_u8(
    const uint8_t *const source[4], int rows, const cik_taps *taps, size_t x, bytes4 result[4]) {
    const int32_t *weight = taps->fixed + x * taps->stride;
    size_t first = (size_t)taps->first[x] * 3, count = (size_t)taps->count[x];
    ints4 sum[4];
    for (int r = 0; r < rows; r++) sum[r] = (ints4)(1 << (taps->shift - 1));
    for (size_t k = 0; k < count; k++) {
        for (int r = 0; r < rows; r++) {
            sum[r] += __builtin_convertvector(load_pixel(source[r] + first + 3 * k), ints4) * weight[k];
        }
    }
    for (int r = 0; r < rows; r++) result[r] = clamp4(sum[r], taps->shift);
}

CIK_INLINE void filter_block_u8(
    const uint8_t *const source[4], uint8_t *const target[4], int rows, const cik_taps *taps, size_t out) {
    bytes4 value[4];
    // a pixel's fourth byte is the next one's first, written again with it
    for (size_t x = 0; x + 1 < out; x++) {
        filter_pixel_u8(source, rows, taps, x, value);
        for (int r = 0; r < rows; r++) memcpy(target[r] + 3 * x, &value[r], 4);
    }
    filter_pixel_u8(source, rows, taps, out - 1, value);
    for (int r = 0; r < rows; r++) memcpy(target[r] + 3 * (out - 1), &value[r], 3);
}

// [rows, width] → [rows, out], RGB. `padded`: room for a row and one byte.
static void filter_rows_u8(
    const uint8_t *source, size_t width, size_t rows, uint8_t *target, size_t out, const cik_taps *taps,
    uint8_t *padded) {
    size_t y = 0;
    // four rows at once while a row follows them
    for (; y + 5 <= rows; y += 4) {
        const uint8_t *from[4];
        uint8_t *to[4];
        for (size_t r = 0; r < 4; r++) {
            from[r] = source + (y + r) * width * 3;
            to[r] = target + (y + r) * out * 3;
        }
        filter_block_u8(from, to, 4, taps, out);
    }
    for (; y < rows; y++) {
        memcpy(padded, source + y * width * 3, width * 3);
        const uint8_t *from[4] = {padded};
        uint8_t *to[4] = {target + y * out * 3};
        filter_block_u8(from, to, 1, taps, out);
    }
}

CIK_INLINE void filter_bytes32(
    const uint8_t *source, size_t stride, uint8_t *target, const int32_t *weight, size_t count, int shift) {
    ints32 sum = (ints32)(1 << (shift - 1));
    for (size_t k = 0; k < count; k++) {
        bytes32 value;
        memcpy(&value, source + k * stride, 32);
        sum += __builtin_convertvector(value, ints32) * weight[k];
    }
    sum >>= shift;
    sum = __builtin_elementwise_max(__builtin_elementwise_min(sum, (ints32)255), (ints32)0);
    bytes32 value = __builtin_convertvector(sum, bytes32);
    memcpy(target, &value, 32);
}

// [rows, n] → [out, n], n values a row.
static void filter_columns_u8(const uint8_t *source, size_t n, uint8_t *target, size_t out, const cik_taps *taps) {
    int shift = taps->shift;
    for (size_t y = 0; y < out; y++) {
        const int32_t *weight = taps->fixed + y * taps->stride;
        const uint8_t *from = source + (size_t)taps->first[y] * n;
        size_t count = (size_t)taps->count[y], x = 0;
        for (; x + 32 <= n; x += 32) filter_bytes32(from + x, n, target + y * n + x, weight, count, shift);
        // the last 32 once more, or one by one
        if (x < n && n >= 32) {
            filter_bytes32(from + n - 32, n, target + y * n + n - 32, weight, count, shift);
            x = n;
        }
        for (; x < n; x++) {
            int32_t sum = 1 << (shift - 1);
            for (size_t k = 0; k < count; k++) sum += from[k * n + x] * weight[k];
            sum >>= shift;
            target[y * n + x] = (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
        }
    }
}

// [rows, width] → [rows, out], RGB in float.
static void filter_rows_float(
    const float *source, size_t width, size_t rows, float *target, size_t out, const cik_taps *taps) {
    for (size_t y = 0; y < rows; y++) {
        const float *from = source + y * width * 3;
        float *to = target + y * out * 3;
        for (size_t x = 0; x < out; x++) {
            const float *weight = taps->weights + x * taps->stride;
            const float *pixel = from + (size_t)taps->first[x] * 3;
            size_t count = (size_t)taps->count[x];
            floats4 sum = 0;
            for (size_t k = 0; k < count; k++) {
                floats4 value = {pixel[3 * k], pixel[3 * k + 1], pixel[3 * k + 2], 0};
                sum += value * weight[k];
            }
            to[3 * x] = sum.x;
            to[3 * x + 1] = sum.y;
            to[3 * x + 2] = sum.z;
        }
    }
}

// [rows, n] → [out, n] in float.
static void filter_columns_float(const float *source, size_t n, float *target, size_t out, const cik_taps *taps) {
    for (size_t y = 0; y < out; y++) {
        const float *weight = taps->weights + y * taps->stride;
        const float *from = source + (size_t)taps->first[y] * n;
        size_t count = (size_t)taps->count[y], x = 0;
        for (; x + 16 <= n; x += 16) {
            floats16 sum = 0;
            for (size_t k = 0; k < count; k++) {
                floats16 value;
                memcpy(&value, from + k * n + x, sizeof value);
                sum += value * weight[k];
            }
            memcpy(target + y * n + x, &sum, sizeof sum);
        }
        for (; x < n; x++) {
            float sum = 0;
            for (size_t k = 0; k < count; k++) sum += from[k * n + x] * weight[k];
            target[y * n + x] = sum;
        }
    }
}

#define CIK_TABLE                                                                                                      \
    {                                                                                                                  \
        filter_rows_u8, filter_columns_u8, filter_rows_float, filter_columns_float                                     \
    }
