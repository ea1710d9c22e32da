// Softmax of rows, its derivatives, and the cross-entropy built on it.

// y = exp(x − offset), returns the sum in double. y may be x.
//
// The sum is taken from pieces that have just been written: one loop for both would compute in vectors of doubles, half
// as many at a time. Meanwhile the memory `ahead` floats further on is fetched, the next row's, if that is not 0.
CTK_INLINE double exponentials(const float *x, float offset, float *y, size_t columns, size_t ahead) {
    enum { piece = 256 };
    double total = 0;
    for (size_t start = 0; start < columns; start += piece) {
        size_t count = columns - start < piece ? columns - start : piece;
        const float *from = x + start;
        float *to = y + start;
        for (size_t c = 0; c < count && ahead > 0; c += 16) {
            __builtin_prefetch(from + ahead + c, 0);
            __builtin_prefetch(to + ahead + c, 1);
        }
        CTK_LONG_LOOP for (size_t c = 0; c < count; c++) to[c] = exponential_of(from[c] - offset);
        total += row_sum(to, count);
    }
    return total;
}

static void softmax(const float *x, float *y, float *log_sum, size_t rows, size_t columns, size_t stride) {
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * stride;
        float *to = y + r * stride;
        float most = row_maximum(from, columns);

        // nothing to choose from: zeros, unless a NaN hides among the −∞
        if (most == -INFINITY) {
            float value = row_has_nan(from, columns) ? NAN : 0;
            for (size_t c = 0; c < columns; c++) to[c] = value;
            if (log_sum != NULL) log_sum[r] = value == 0 ? -INFINITY : NAN;
            continue;
        }

        double total = exponentials(from, most, to, columns, r + 1 < rows ? stride : 0);
        float factor = (float)(1 / total);
        CTK_LOOP for (size_t c = 0; c < columns; c++) to[c] *= factor;
        if (log_sum != NULL) log_sum[r] = (float)((double)most + log(total));
    }
}

static void softmax_backward(const float *y, const float *dy, float *dx, size_t rows, size_t columns, size_t stride) {
    for (size_t r = 0; r < rows; r++) {
        const float *value = y + r * stride;
        const float *upstream = dy + r * stride;
        float *to = dx + r * stride;
        float total = (float)row_dot(value, upstream, columns);
        CTK_LOOP for (size_t c = 0; c < columns; c++) to[c] = value[c] * (upstream[c] - total);
    }
}

static void exponential_of_rows(
    const float *x, float scale, const float *log_sum, float *y, size_t rows, size_t columns, size_t stride) {
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * stride;
        float *to = y + r * stride;
        float offset = log_sum[r];
        if (offset == -INFINITY) {
            memset(to, 0, columns * sizeof *to);
            continue;
        }
        CTK_LONG_LOOP for (size_t c = 0; c < columns; c++) to[c] = exponential_of(from[c] * scale - offset);
    }
}

static void attention_softmax_backward(
    const float *y, const float *dy, const float *delta, float scale, float *dx, size_t rows, size_t columns,
    size_t stride) {
    for (size_t r = 0; r < rows; r++) {
        const float *value = y + r * stride;
        const float *upstream = dy + r * stride;
        float *to = dx + r * stride;
        float offset = delta[r];
        CTK_LOOP for (size_t c = 0; c < columns; c++) to[c] = value[c] * (upstream[c] - offset) * scale;
    }
}

static void cross_entropy(
    const float *x, const int32_t *target, float scale, float *loss, float *dx, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * columns;
        float most = row_maximum(from, columns);
        float chosen = from[target[r]];

        double total = 0;
        if (dx == NULL) {
#pragma clang fp reassociate(on)
            for (size_t c = 0; c < columns; c++) total += (double)exponential_of(from[c] - most);
        } else {
            float *to = dx + r * columns;
            total = exponentials(from, most, to, columns, 0);
            float factor = (float)((double)scale / total);
            CTK_LOOP for (size_t c = 0; c < columns; c++) to[c] *= factor;
            to[target[r]] -= scale;
        }
        loss[r] = (float)(log(total) + ((double)most - (double)chosen));
    }
}
