// Scalar functions that the compiler vectorises. NaN passes through all of them.

CTK_INLINE float from_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

CTK_INLINE uint32_t to_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

// The comparisons are written so that NaN, for which they are false, stays.
CTK_INLINE float clamp(float x, float low, float high) {
    x = x < low ? low : x;
    return x > high ? high : x;
}

// eˣ for x ≤ 89 to a relative error of 1e-7: +∞ above ln(FLT_MAX), 0 below −86.99.
//
// x = n ln 2 + r with |r| ≤ ln 2 / 2; the polynomial (Cephes, doubled) gives 2 eʳ, the exponent field 2ⁿ⁻¹, so that
// n = 128 still overflows in the product alone, and n = −126 has the bits of 0.
CTK_INLINE float exponential_below_89(float x) {
    x = x < -87.5f ? -87.5f : x;
    float shifted = x * 1.44269504088896341f + 12582912.f; // low bits: n
    float n = shifted - 12582912.f;
    float r = x - n * 0.693359375f;
    r = r - n * -2.12194440e-4f;
    float p = 2 * 1.9875691500e-4f;
    p = p * r + 2 * 1.3981999507e-3f;
    p = p * r + 2 * 8.3334519073e-3f;
    p = p * r + 2 * 4.1665795894e-2f;
    p = p * r + 2 * 1.6666665459e-1f;
    p = p * r + 2 * 5.0000001201e-1f;
    p = p * (r * r) + (2 * r + 2);
    return p * from_bits((to_bits(shifted) << 23) + 0x3f000000u);
}

// The same for any x.
CTK_INLINE float exponential_of(float x) { return exponential_below_89(x > 89 ? 89 : x); }

// ln x to a relative error of 1e-7 (Cephes): −∞ at 0, NaN below.
CTK_INLINE float logarithm_of(float x) {
    // subnormal numbers are scaled to normal ones
    bool small = x < 1.17549435e-38f;
    float scaled = small ? x * 8388608.f : x;
    uint32_t bits = to_bits(scaled);

    // x = 2ᵉ m with m in [√½, √2)
    uint32_t offset = bits - 0x3f3504f3u;
    float e = (float)((int32_t)offset >> 23) - (small ? 23.f : 0.f);
    float m = from_bits((offset & 0x007fffffu) + 0x3f3504f3u) - 1;

    float z = m * m;
    float p = 7.0376836292e-2f;
    p = p * m - 1.1514610310e-1f;
    p = p * m + 1.1676998740e-1f;
    p = p * m - 1.2420140846e-1f;
    p = p * m + 1.4249322787e-1f;
    p = p * m - 1.6668057665e-1f;
    p = p * m + 2.0000714765e-1f;
    p = p * m - 2.4999993993e-1f;
    p = p * m + 3.3333331174e-1f;
    float y = p * m * z - 2.12194440e-4f * e - 0.5f * z;
    y = m + y + 0.693359375f * e;

    y = x == 0 ? -INFINITY : y;
    y = x < 0 ? NAN : y;
    return x < INFINITY ? y : x; // +∞ and NaN
}

// 1 / (1 + e⁻ˣ).
CTK_INLINE float sigmoid_of(float x) { return 1 / (1 + exponential_of(-x)); }

// tanh x: an odd polynomial (Cephes) below 0.625, 1 − 2 / (e²ˣ + 1) above.
CTK_INLINE float hyperbolic_tangent_of(float x) {
    float z = x * x;
    float p = -5.70498872745e-3f;
    p = p * z + 2.06390887954e-2f;
    p = p * z - 5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z - 3.33332819422e-1f;
    float near = p * z * x + x;
    float far = 1 - 2 / (exponential_of(2 * x) + 1);
    return z < 0.390625f ? near : far;
}

// The normal distribution: its density φ(x) = e^(−x²/2) / √(2π) and cumulative probability Φ(x).
//
// Φ(−a) = e^(−a²/2) t P(t), t = 1 / (1 + 0.26 a), for a ≥ 0; P of degree 8 fitted to a relative error of 4e-8, so that
// the tail keeps its digits where 1 + erf(x / √2) loses them.
CTK_INLINE float normal_probability(float x, float *density) {
    float a = x < 0 ? -x : x;
    float e = exponential_below_89(-0.5f * a * a);
    float t = 1 / (1 + 0.26f * a);
    float p = 0.03023277f;
    p = p * t - 0.15150647f;
    p = p * t + 0.24875817f;
    p = p * t - 0.14781803f;
    p = p * t + 0.1587787f;
    p = p * t + 0.051956262f;
    p = p * t + 0.10279089f;
    p = p * t + 0.103050664f;
    p = p * t + 0.10375704f;
    float tail = e * t * p;
    *density = e * 0.398942280401432678f;
    return x < 0 ? tail : 1 - tail;
}
