// Element-wise arithmetic.

#define CTK_BINARY(name, expression)                                                                                   \
    static void name(const float *a, const float *b, float *y, size_t n) {                                             \
        CTK_LOOP for (size_t i = 0; i < n; i++) y[i] = expression;                                                     \
    }

CTK_BINARY(add, a[i] + b[i])
CTK_BINARY(subtract, a[i] - b[i])
CTK_BINARY(multiply, a[i] * b[i])
CTK_BINARY(divide, a[i] / b[i])
// NaN when either is: the comparison picks a NaN in b, the second condition one in a
CTK_BINARY(minimum, ((a[i] < b[i]) | (a[i] != a[i])) ? a[i] : b[i])
CTK_BINARY(maximum, ((a[i] > b[i]) | (a[i] != a[i])) ? a[i] : b[i])
#undef CTK_BINARY

static void scale_shift(const float *a, float scale, float shift, float *y, size_t n) {
    CTK_LOOP for (size_t i = 0; i < n; i++) y[i] = a[i] * scale + shift;
}

static void add_scaled(const float *x, float scale, float *y, size_t n) {
    CTK_LOOP for (size_t i = 0; i < n; i++) y[i] += scale * x[i];
}

static void add_product(const float *a, const float *b, float *y, size_t n) {
    CTK_LOOP for (size_t i = 0; i < n; i++) y[i] += a[i] * b[i];
}

#define CTK_UNARY(name, expression)                                                                                    \
    static void name(const float *x, float *y, size_t n) {                                                             \
        CTK_LONG_LOOP for (size_t i = 0; i < n; i++) y[i] = expression;                                                \
    }

CTK_UNARY(exponential, exponential_of(x[i]))
CTK_UNARY(logarithm, logarithm_of(x[i]))
CTK_UNARY(square_root, __builtin_elementwise_sqrt(x[i]))
CTK_UNARY(hyperbolic_tangent, hyperbolic_tangent_of(x[i]))
CTK_UNARY(sigmoid, sigmoid_of(x[i]))
