// Bias and normalizations over rows. Sums over a row are in double.

static void add_bias(const float *x, const float *bias, float *y, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * columns;
        float *to = y + r * columns;
        CTK_LOOP for (size_t c = 0; c < columns; c++) to[c] = from[c] + bias[c];
    }
}

static void rms_norm(
    const float *x, const float *gamma, float epsilon, float *y, float *rstd, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * columns;
        float *to = y + r * columns;
        double mean_square = row_dot(from, from, columns) / (double)columns;
        float scale = (float)(1 / __builtin_elementwise_sqrt(mean_square + (double)epsilon));
        rstd[r] = scale;
        CTK_LOOP for (size_t c = 0; c < columns; c++) to[c] = from[c] * scale * gamma[c];
    }
}

// dx = rstd (γ dy − x rstd² Σ(γ dy x) / columns); dγ += Σ_r dy x rstd
static void rms_norm_backward(
    const float *x, const float *gamma, const float *rstd, const float *dy, float *dx, float *dgamma, size_t rows,
    size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * columns;
        const float *upstream = dy + r * columns;
        float scale = rstd[r];
        if (dgamma != NULL) {
            CTK_LOOP for (size_t c = 0; c < columns; c++) dgamma[c] += upstream[c] * (from[c] * scale);
        }
        if (dx == NULL) continue;

        double sum = 0;
        {
#pragma clang fp reassociate(on)
            for (size_t c = 0; c < columns; c++) sum += (double)(gamma[c] * upstream[c]) * (double)from[c];
        }
        float shared = (float)(sum * (double)scale * (double)scale / (double)columns);
        float *to = dx + r * columns;
        CTK_LOOP for (size_t c = 0; c < columns; c++) to[c] = scale * (gamma[c] * upstream[c] - from[c] * shared);
    }
}

static void layer_norm(
    const float *x, const float *gamma, const float *beta, float epsilon, float *y, float *mean, float *rstd,
    size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * columns;
        float *to = y + r * columns;
        double center = row_sum(from, columns) / (double)columns;
        double variance = row_squared_deviation(from, center, columns) / (double)columns;
        float average = (float)center;
        float scale = (float)(1 / __builtin_elementwise_sqrt(variance + (double)epsilon));
        mean[r] = average;
        rstd[r] = scale;

        if (gamma != NULL && beta != NULL) {
            CTK_LOOP for (size_t c = 0; c < columns; c++) to[c] = (from[c] - average) * scale * gamma[c] + beta[c];
        } else if (gamma != NULL) {
            CTK_LOOP for (size_t c = 0; c < columns; c++) to[c] = (from[c] - average) * scale * gamma[c];
        } else if (beta != NULL) {
            CTK_LOOP for (size_t c = 0; c < columns; c++) to[c] = (from[c] - average) * scale + beta[c];
        } else {
            CTK_LOOP for (size_t c = 0; c < columns; c++) to[c] = (from[c] - average) * scale;
        }
    }
}

// With x̂ = (x − mean) rstd and g = γ dy: dx = rstd (g − mean_c(g) − x̂ mean_c(g x̂)); dγ += Σ_r dy x̂; dβ += Σ_r dy
static void layer_norm_backward(
    const float *x, const float *gamma, const float *mean, const float *rstd, const float *dy, float *dx, float *dgamma,
    float *dbeta, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * columns;
        const float *upstream = dy + r * columns;
        float average = mean[r];
        float scale = rstd[r];
        if (dgamma != NULL) {
            CTK_LOOP for (size_t c = 0; c < columns; c++) dgamma[c] += upstream[c] * ((from[c] - average) * scale);
        }
        if (dbeta != NULL) {
            CTK_LOOP for (size_t c = 0; c < columns; c++) dbeta[c] += upstream[c];
        }
        if (dx == NULL) continue;

        double sum = 0, product = 0;
        if (gamma != NULL) {
#pragma clang fp reassociate(on)
            for (size_t c = 0; c < columns; c++) {
                float g = gamma[c] * upstream[c];
                sum += (double)g;
                product += (double)g * (double)(from[c] - average);
            }
        } else {
#pragma clang fp reassociate(on)
            for (size_t c = 0; c < columns; c++) {
                sum += (double)upstream[c];
                product += (double)upstream[c] * (double)(from[c] - average);
            }
        }
        float mean_g = (float)(sum / (double)columns);
        float shared = (float)(product * (double)scale * (double)scale / (double)columns);
        float *to = dx + r * columns;
        if (gamma != NULL) {
            CTK_LOOP for (size_t c = 0; c < columns; c++) {
                to[c] = scale * (gamma[c] * upstream[c] - mean_g - (from[c] - average) * shared);
            }
        } else {
            CTK_LOOP for (size_t c = 0; c < columns; c++) {
                to[c] = scale * (upstream[c] - mean_g - (from[c] - average) * shared);
            }
        }
    }
}
