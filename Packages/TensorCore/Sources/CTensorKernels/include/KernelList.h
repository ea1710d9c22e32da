// One line a kernel: X(name, parameters, arguments). Declarations, dispatch table and variants come from this list.
#pragma once

#define CTK_KERNELS(X)                                                                                                 \
    /* element-wise; y may be a or b */                                                                                \
    X(add, (const float *a, const float *b, float *y, size_t n), (a, b, y, n))                                         \
    X(subtract, (const float *a, const float *b, float *y, size_t n), (a, b, y, n))                                    \
    X(multiply, (const float *a, const float *b, float *y, size_t n), (a, b, y, n))                                    \
    X(divide, (const float *a, const float *b, float *y, size_t n), (a, b, y, n))                                      \
    X(minimum, (const float *a, const float *b, float *y, size_t n), (a, b, y, n))                                     \
    X(maximum, (const float *a, const float *b, float *y, size_t n), (a, b, y, n))                                     \
    /* y = a * scale + shift */                                                                                        \
    X(scale_shift, (const float *a, float scale, float shift, float *y, size_t n), (a, scale, shift, y, n))            \
    /* y += scale * x */                                                                                               \
    X(add_scaled, (const float *x, float scale, float *y, size_t n), (x, scale, y, n))                                 \
    /* y += a * b */                                                                                                   \
    X(add_product, (const float *a, const float *b, float *y, size_t n), (a, b, y, n))                                 \
    /* unary; y may be x */                                                                                            \
    X(exponential, (const float *x, float *y, size_t n), (x, y, n))                                                    \
    X(logarithm, (const float *x, float *y, size_t n), (x, y, n))                                                      \
    X(square_root, (const float *x, float *y, size_t n), (x, y, n))                                                    \
    X(hyperbolic_tangent, (const float *x, float *y, size_t n), (x, y, n))                                             \
    X(sigmoid, (const float *x, float *y, size_t n), (x, y, n))                                                        \
    X(relu, (const float *x, float *y, size_t n), (x, y, n))                                                           \
    X(silu, (const float *x, float *y, size_t n), (x, y, n))                                                           \
    X(gelu, (const float *x, float *y, size_t n), (x, y, n))             /* exact, by erf */                           \
    X(gelu_tanh, (const float *x, float *y, size_t n), (x, y, n))                                                      \
    X(quick_gelu, (const float *x, float *y, size_t n), (x, y, n))       /* x σ(1.702 x) */                            \
    /* derivatives at the input x: dx = dy · f'(x); dx may be dy */                                                    \
    X(relu_backward, (const float *x, const float *dy, float *dx, size_t n), (x, dy, dx, n))                           \
    X(silu_backward, (const float *x, const float *dy, float *dx, size_t n), (x, dy, dx, n))                           \
    X(gelu_backward, (const float *x, const float *dy, float *dx, size_t n), (x, dy, dx, n))                           \
    X(gelu_tanh_backward, (const float *x, const float *dy, float *dx, size_t n), (x, dy, dx, n))                      \
    X(quick_gelu_backward, (const float *x, const float *dy, float *dx, size_t n), (x, dy, dx, n))                     \
    /* y = silu(gate) * up */                                                                                          \
    X(silu_multiply, (const float *gate, const float *up, float *y, size_t n), (gate, up, y, n))                       \
    X(silu_multiply_backward,                                                                                          \
      (const float *gate, const float *up, const float *dy, float *dgate, float *dup, size_t n),                       \
      (gate, up, dy, dgate, dup, n))                                                                                   \
    /* reductions of n elements to one, in double, fixed order */                                                      \
    X(sum, (const float *x, size_t n, double *result), (x, n, result))                                                 \
    X(sum_of_squares, (const float *x, size_t n, double *result), (x, n, result))                                      \
    X(dot, (const float *a, const float *b, size_t n, double *result), (a, b, n, result))                              \
    X(maximum_value, (const float *x, size_t n, float *result), (x, n, result))   /* NaN if one is NaN; n > 0 */       \
    X(all_finite, (const float *x, size_t n, bool *result), (x, n, result))                                            \
    /* matrix x [rows, columns] */                                                                                     \
    /* y[c] += Σ_r x[r,c] */                                                                                           \
    X(add_column_sums, (const float *x, size_t rows, size_t columns, float *y), (x, rows, columns, y))                 \
    /* y[r,c] = x[r,c] + bias[c]; in place */                                                                          \
    X(add_bias, (const float *x, const float *bias, float *y, size_t rows, size_t columns),                            \
      (x, bias, y, rows, columns))                                                                                     \
    X(rms_norm,                                                                                                        \
      (const float *x, const float *gamma, float epsilon, float *y, float *rstd, size_t rows, size_t columns),         \
      (x, gamma, epsilon, y, rstd, rows, columns))                                                                     \
    /* dx may be null; dgamma is added to, or null */                                                                  \
    X(rms_norm_backward,                                                                                               \
      (const float *x, const float *gamma, const float *rstd, const float *dy, float *dx, float *dgamma, size_t rows,  \
       size_t columns),                                                                                                \
      (x, gamma, rstd, dy, dx, dgamma, rows, columns))                                                                 \
    /* gamma and beta may be null (1 and 0) */                                                                         \
    X(layer_norm,                                                                                                      \
      (const float *x, const float *gamma, const float *beta, float epsilon, float *y, float *mean, float *rstd,       \
       size_t rows, size_t columns),                                                                                   \
      (x, gamma, beta, epsilon, y, mean, rstd, rows, columns))                                                         \
    X(layer_norm_backward,                                                                                             \
      (const float *x, const float *gamma, const float *mean, const float *rstd, const float *dy, float *dx,           \
       float *dgamma, float *dbeta, size_t rows, size_t columns),                                                      \
      (x, gamma, mean, rstd, dy, dx, dgamma, dbeta, rows, columns))                                                    \
    /* softmax of each row of `stride` floats over its first `columns`; in place. A row whose maximum is -infinity     \
       becomes zeros. `log_sum` (may be null) gets max + log Σ exp(x - max) per row */                                 \
    X(softmax, (const float *x, float *y, float *log_sum, size_t rows, size_t columns, size_t stride),                 \
      (x, y, log_sum, rows, columns, stride))                                                                          \
    /* dx = y ⊙ (dy − Σ dy ⊙ y); dx may be dy */                                                                       \
    X(softmax_backward, (const float *y, const float *dy, float *dx, size_t rows, size_t columns, size_t stride),      \
      (y, dy, dx, rows, columns, stride))                                                                              \
    /* y = exp(x · scale − log_sum[r]); rows with log_sum −infinity become zeros; in place */                          \
    X(exponential_of_rows,                                                                                             \
      (const float *x, float scale, const float *log_sum, float *y, size_t rows, size_t columns, size_t stride),       \
      (x, scale, log_sum, y, rows, columns, stride))                                                                   \
    /* dx = y ⊙ (dy − delta[r]) · scale; dx may be dy */                                                               \
    X(attention_softmax_backward,                                                                                      \
      (const float *y, const float *dy, const float *delta, float scale, float *dx, size_t rows, size_t columns,       \
       size_t stride),                                                                                                 \
      (y, dy, delta, scale, dx, rows, columns, stride))                                                                \
    /* loss[r] = logsumexp(x[r]) − x[r, target[r]]; x becomes softmax(x) − onehot, times scale (in place, may be the   \
       gradient); targets are valid indices; dx may be null */                                                         \
    X(cross_entropy,                                                                                                   \
      (const float *x, const int32_t *target, float scale, float *loss, float *dx, size_t rows, size_t columns),       \
      (x, target, scale, loss, dx, rows, columns))                                                                     \
    /* half-split rotation of x [tokens, heads, size]: cosine and sine are [tokens, size / 2];                         \
       direction +1 forward, −1 inverse (the gradient); in place */                                                    \
    X(rotate_half,                                                                                                     \
      (const float *x, const float *cosine, const float *sine, float direction, float *y, size_t tokens, size_t heads, \
       size_t size),                                                                                                   \
      (x, cosine, sine, direction, y, tokens, heads, size))                                                            \
    /* one AdamW step; correction1 = 1 − β₁ᵗ, correction2 = 1 − β₂ᵗ. Rates are double: in float 1 − 0.999 is off by    \
       1e-5 */                                                                                                         \
    X(adamw,                                                                                                           \
      (float *parameter, const float *gradient, float *first_moment, float *second_moment, float gradient_scale,       \
       double rate, double beta1, double beta2, double epsilon, double weight_decay, double correction1,               \
       double correction2, size_t n),                                                                                  \
      (parameter, gradient, first_moment, second_moment, gradient_scale, rate, beta1, beta2, epsilon, weight_decay,    \
       correction1, correction2, n))                                                                                   \
    /* conversions; round to nearest even */                                                                           \
    X(float16_to_float, (const uint16_t *x, float *y, size_t n), (x, y, n))                                            \
    X(float_to_float16, (const float *x, uint16_t *y, size_t n), (x, y, n))                                            \
    X(bfloat16_to_float, (const uint16_t *x, float *y, size_t n), (x, y, n))                                           \
    X(float_to_bfloat16, (const float *x, uint16_t *y, size_t n), (x, y, n))                                           \
    /* int8 with one scale a row: x ≈ q · scale[r], scale = max|x| / 127 */                                            \
    X(quantize_rows, (const float *x, int8_t *q, float *scale, size_t rows, size_t columns),                           \
      (x, q, scale, rows, columns))                                                                                    \
    X(dequantize_rows, (const int8_t *q, const float *scale, float *y, size_t rows, size_t columns),                   \
      (q, scale, y, rows, columns))                                                                                    \
    /* y[r] = scale[r] · Σ_c w[r,c] x[c] */                                                                            \
    X(gemv_int8, (const int8_t *w, const float *scale, const float *x, float *y, size_t rows, size_t columns),         \
      (w, scale, x, y, rows, columns))                                                                                 \
    /* matrix products, see Variants/gemm.inc.h. Rows of a panel of A, columns of one of B, inner axis of a block, and  \
       floats of scratch memory */                                                                                     \
    X(gemm_sizes, (size_t *rows, size_t *columns, size_t *depth, size_t *scratch), (rows, columns, depth, scratch))    \
    /* packs some panels of B [k, n], or [n, k] where transposed, into the place of all: k × n rounded up to panels */ \
    X(gemm_pack,                                                                                                       \
      (const float *b, size_t stride, bool transposed, size_t k, size_t n, size_t first, size_t count, float *packed), \
      (b, stride, transposed, k, n, first, count, packed))                                                             \
    /* C = alpha A B + beta C for m rows and the columns of some panels of B */                                        \
    X(gemm_panels,                                                                                                     \
      (const float *a, size_t stride_a, bool transposed_a, const float *packed, size_t first_panel,                    \
       size_t panel_count, float *c, size_t stride_c, size_t m, size_t n, size_t k, float alpha, float beta,           \
       float *scratch),                                                                                                \
      (a, stride_a, transposed_a, packed, first_panel, panel_count, c, stride_c, m, n, k, alpha, beta, scratch))       \
    /* the same, to the bit, for few rows and B as it lies */                                                          \
    X(gemm_few,                                                                                                        \
      (const float *a, size_t stride_a, const float *b, size_t stride_b, bool transposed_b, float *c,                  \
       size_t stride_c, size_t m, size_t n, size_t k, float alpha, float beta),                                        \
      (a, stride_a, b, stride_b, transposed_b, c, stride_c, m, n, k, alpha, beta))                                     \
    /* the same for B stored as float16 or bfloat16 [n, k]: C = A Bᵀ */                                                \
    X(gemm_few_float16,                                                                                                \
      (const float *a, size_t stride_a, const uint16_t *b, size_t stride_b, float *c, size_t stride_c, size_t m,       \
       size_t n, size_t k),                                                                                            \
      (a, stride_a, b, stride_b, c, stride_c, m, n, k))                                                                \
    X(gemm_few_bfloat16,                                                                                               \
      (const float *a, size_t stride_a, const uint16_t *b, size_t stride_b, float *c, size_t stride_c, size_t m,       \
       size_t n, size_t k),                                                                                            \
      (a, stride_a, b, stride_b, c, stride_c, m, n, k))
