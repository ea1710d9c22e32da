// Activations and their derivatives.
//
// At −∞ the product x · 0 would be NaN; bounding x by ±FLT_MAX (±30 for derivatives that are constant beyond) makes the
// functions take their limits: −0 at −∞, slopes 0 and 1.
#define CTK_LARGEST 3.40282347e38f

CTK_INLINE float above_negative_infinity(float x) { return x < -CTK_LARGEST ? -CTK_LARGEST : x; }

CTK_INLINE float silu_of(float x) {
    x = above_negative_infinity(x);
    return x * sigmoid_of(x);
}

// s (1 + x (1 − s)), s = σ(x)
CTK_INLINE float silu_slope(float x) {
    x = clamp(x, -CTK_LARGEST, CTK_LARGEST);
    float s = sigmoid_of(x);
    return s * (1 + x * (1 - s));
}

// x Φ(x)
CTK_INLINE float gelu_of(float x) {
    x = above_negative_infinity(x);
    float density;
    return x * normal_probability(x, &density);
}

// Φ(x) + x φ(x)
CTK_INLINE float gelu_slope(float x) {
    x = clamp(x, -30, 30);
    float density;
    float probability = normal_probability(x, &density);
    return probability + x * density;
}

// x · ½ (1 + tanh u) = x σ(2u), u = √(2/π) (x + 0.044715 x³)
CTK_INLINE float gelu_tanh_of(float x) {
    x = above_negative_infinity(x);
    float twice_u = 1.59576912160573071f * (x + 0.044715f * x * x * x);
    return x * sigmoid_of(twice_u);
}

// s + x s (1 − s) (2u)'
CTK_INLINE float gelu_tanh_slope(float x) {
    x = clamp(x, -30, 30);
    float twice_u = 1.59576912160573071f * (x + 0.044715f * x * x * x);
    float derivative = 1.59576912160573071f * (1 + 0.134145f * x * x);
    float s = sigmoid_of(twice_u);
    return s + x * s * (1 - s) * derivative;
}

// x σ(1.702 x)
CTK_INLINE float quick_gelu_of(float x) {
    x = above_negative_infinity(x);
    return x * sigmoid_of(1.702f * x);
}

CTK_INLINE float quick_gelu_slope(float x) {
    x = clamp(x, -100, 100);
    float s = sigmoid_of(1.702f * x);
    return s * (1 + 1.702f * x * (1 - s));
}

CTK_UNARY(relu, x[i] < 0 ? 0 : x[i])
CTK_UNARY(silu, silu_of(x[i]))
CTK_UNARY(gelu, gelu_of(x[i]))
CTK_UNARY(gelu_tanh, gelu_tanh_of(x[i]))
CTK_UNARY(quick_gelu, quick_gelu_of(x[i]))
#undef CTK_UNARY

#define CTK_DERIVATIVE(name, expression)                                                                               \
    static void name(const float *x, const float *dy, float *dx, size_t n) {                                           \
        CTK_LONG_LOOP for (size_t i = 0; i < n; i++) dx[i] = expression;                                               \
    }

CTK_DERIVATIVE(relu_backward, x[i] <= 0 ? 0 : dy[i])
CTK_DERIVATIVE(silu_backward, dy[i] * silu_slope(x[i]))
CTK_DERIVATIVE(gelu_backward, dy[i] * gelu_slope(x[i]))
CTK_DERIVATIVE(gelu_tanh_backward, dy[i] * gelu_tanh_slope(x[i]))
CTK_DERIVATIVE(quick_gelu_backward, dy[i] * quick_gelu_slope(x[i]))
#undef CTK_DERIVATIVE

static void silu_multiply(const float *gate, const float *up, float *y, size_t n) {
    CTK_LONG_LOOP for (size_t i = 0; i < n; i++) y[i] = silu_of(gate[i]) * up[i];
}

static void silu_multiply_backward(
    const float *gate, const float *up, const float *dy, float *dgate, float *dup, size_t n) {
    CTK_LONG_LOOP for (size_t i = 0; i < n; i++) {
        float gate_value = gate[i];
        float x = clamp(gate_value, -CTK_LARGEST, CTK_LARGEST);
        float s = sigmoid_of(x);
        float upstream = dy[i];
        float factor = up[i];
        dgate[i] = upstream * factor * (s * (1 + x * (1 - s)));
        dup[i] = upstream * (above_negative_infinity(gate_value) * s);
    }
}
