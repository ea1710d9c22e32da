// Reductions to one number, and of columns.

static void sum(const float *x, size_t n, double *result) { *result = row_sum(x, n); }

static void sum_of_squares(const float *x, size_t n, double *result) { *result = row_dot(x, x, n); }

static void dot(const float *a, const float *b, size_t n, double *result) { *result = row_dot(a, b, n); }

static void maximum_value(const float *x, size_t n, float *result) {
    // in pieces that stay in the first-level cache between the two looks at them
    float most = -INFINITY;
    for (size_t start = 0; start < n; start += 4096) {
        size_t count = n - start < 4096 ? n - start : 4096;
        if (row_has_nan(x + start, count)) {
            *result = NAN;
            return;
        }
        float candidate = row_maximum(x + start, count);
        most = candidate > most ? candidate : most;
    }
    *result = most;
}

static void all_finite(const float *x, size_t n, bool *result) {
    uint32_t found = 0;
    for (size_t start = 0; start < n && !found; start += 4096) {
        size_t end = n - start < 4096 ? n : start + 4096;
        for (size_t i = start; i < end; i++) found |= (to_bits(x[i]) & 0x7f800000u) == 0x7f800000u;
    }
    *result = !found;
}

static void add_column_sums(const float *x, size_t rows, size_t columns, float *y) {
    // four vectors of columns at a time, summed over all rows in registers
    size_t c = 0;
    for (; c + 2 * CTK_LANES <= columns; c += 2 * CTK_LANES) {
        double_lanes first = 0, second = 0;
        for (size_t r = 0; r < rows; r++) {
            first += CTK_WIDEN(CTK_LOAD(x + r * columns + c));
            second += CTK_WIDEN(CTK_LOAD(x + r * columns + c + CTK_LANES));
        }
        double total[2 * CTK_LANES];
        memcpy(total, &first, sizeof first);
        memcpy(total + CTK_LANES, &second, sizeof second);
        for (size_t j = 0; j < 2 * CTK_LANES; j++) y[c + j] += (float)total[j];
    }
    for (; c < columns; c++) {
        double total = 0;
        for (size_t r = 0; r < rows; r++) total += (double)x[r * columns + c];
        y[c] += (float)total;
    }
}
