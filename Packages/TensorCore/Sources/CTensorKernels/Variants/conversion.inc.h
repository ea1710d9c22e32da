// Storage formats. Conversions to fewer bits round to nearest even; NaN stays NaN.

#if CTK_HAS_HALF
CTK_INLINE float half_to_float(uint16_t x) {
    _Float16 half;
    memcpy(&half, &x, sizeof half);
    return (float)half;
}

CTK_INLINE uint16_t float_to_half(float x) {
    _Float16 half = (_Float16)x;
    uint16_t bits;
    memcpy(&bits, &half, sizeof bits);
    return bits;
}
#else
CTK_INLINE float half_to_float(uint16_t x) {
    // a product with 2¹¹² moves the exponent's offset, and makes subnormal numbers normal
    uint32_t magnitude = (uint32_t)(x & 0x7fffu) << 13;
    uint32_t bits = to_bits(from_bits(magnitude) * 0x1p112f);
    bits |= magnitude >= 0x0f800000u ? 0x7f800000u : 0; // infinity, NaN
    bits |= magnitude > 0x0f800000u ? 0x00400000u : 0;  // NaN is quiet
    return from_bits(bits | (uint32_t)(x & 0x8000u) << 16);
}

CTK_INLINE uint16_t float_to_half(float x) {
    uint32_t bits = to_bits(x);
    uint32_t sign = bits >> 16 & 0x8000u;
    uint32_t magnitude = bits & 0x7fffffffu;

    // normal numbers: move the exponent's offset, round half to even; a carry goes into the exponent, up to infinity
    uint32_t normal = (magnitude - (112u << 23) + 0xfffu + (magnitude >> 13 & 1)) >> 13;
    // below 2⁻¹⁴: adding ½ leaves the rounded significand in the low bits
    uint32_t subnormal = to_bits(from_bits(magnitude) + 0.5f) - 0x3f000000u;
    uint32_t half = magnitude < 0x38800000u ? subnormal : normal;
    half = magnitude >= 0x47800000u ? 0x7c00u : half;                        // 65536 and above
    half = magnitude > 0x7f800000u ? 0x7e00u | (magnitude >> 13 & 0x1ffu) : half; // NaN
    return (uint16_t)(sign | half);
}
#endif

CTK_INLINE float bfloat_to_float(uint16_t x) { return from_bits((uint32_t)x << 16); }

CTK_INLINE uint16_t float_to_bfloat(float x) {
    uint32_t bits = to_bits(x);
    uint32_t rounded = (bits + 0x7fffu + (bits >> 16 & 1)) >> 16;
    uint32_t quiet = bits >> 16 | 0x40u;
    return (uint16_t)((bits & 0x7fffffffu) > 0x7f800000u ? quiet : rounded);
}

#define CTK_CONVERSION(name, From, To, function)                                                                       \
    static void name(const From *x, To *y, size_t n) {                                                                 \
        CTK_LOOP for (size_t i = 0; i < n; i++) y[i] = function(x[i]);                                                 \
    }

CTK_CONVERSION(float16_to_float, uint16_t, float, half_to_float)
CTK_CONVERSION(float_to_float16, float, uint16_t, float_to_half)
CTK_CONVERSION(bfloat16_to_float, uint16_t, float, bfloat_to_float)
CTK_CONVERSION(float_to_bfloat16, float, uint16_t, float_to_bfloat)
#undef CTK_CONVERSION

static void quantize_rows(const float *x, int8_t *q, float *scale, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * columns;
        int8_t *to = q + r * columns;
        uint32_t most = 0;
        for (size_t c = 0; c < columns; c++) {
            uint32_t magnitude = to_bits(from[c]) & 0x7fffffffu;
            most = magnitude > most ? magnitude : most;
        }
        scale[r] = from_bits(most) / 127;
        float divisor = scale[r] > 0 ? scale[r] : 1;
        CTK_LOOP for (size_t c = 0; c < columns; c++) {
            // adding 1.5 · 2²³ rounds to nearest even
            float rounded = clamp(from[c] / divisor, -127, 127) + 12582912.f;
            to[c] = (int8_t)(to_bits(rounded) & 0xffu);
        }
    }
}

static void dequantize_rows(const int8_t *q, const float *scale, float *y, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const int8_t *from = q + r * columns;
        float *to = y + r * columns;
        float factor = scale[r];
        CTK_LOOP for (size_t c = 0; c < columns; c++) to[c] = (float)from[c] * factor;
    }
}
