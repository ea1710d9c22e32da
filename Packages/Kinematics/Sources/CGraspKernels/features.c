// Rows of features: biases, maxima over groups of rows.
#include <math.h>
#include <stddef.h>

#include "CGraspKernels.h"

void cgk_bias_relu(float *x, const float *bias, int64_t rows, int32_t columns) {
    for (int64_t r = 0; r < rows; r++) {
        float *row = x + r * columns;
        for (int32_t c = 0; c < columns; c++) {
            float v = row[c] + bias[c];
            row[c] = v > 0 ? v : 0;
        }
    }
}

static void finish(float *restrict y, const float *restrict bias, int32_t columns) {
    for (int32_t c = 0; c < columns; c++) {
        float v = y[c] + bias[c];
        y[c] = v > 0 ? v : 0;
    }
}

static void take_larger(float *restrict y, const float *restrict x, int32_t columns) {
    for (int32_t c = 0; c < columns; c++) y[c] = x[c] > y[c] ? x[c] : y[c];
}

void cgk_segment_max_bias_relu(
    const float *x, const int32_t *starts, const float *bias, int32_t segments, int32_t columns, float *y) {
    for (int32_t s = 0; s < segments; s++) {
        float *out = y + (ptrdiff_t)s * columns;
        for (int32_t c = 0; c < columns; c++) out[c] = -INFINITY;
        for (int32_t r = starts[s]; r < starts[s + 1]; r++) take_larger(out, x + (ptrdiff_t)r * columns, columns);
        finish(out, bias, columns);
    }
}

void cgk_masked_max_bias_relu(
    const float *x, const uint8_t *masks, const int32_t *starts, const float *bias, int32_t segments, int32_t sets,
    int32_t columns, float *y) {
    for (int32_t s = 0; s < segments; s++) {
        float *out = y + (ptrdiff_t)s * sets * columns;
        for (ptrdiff_t c = 0; c < (ptrdiff_t)sets * columns; c++) out[c] = -INFINITY;
        for (int32_t r = starts[s]; r < starts[s + 1]; r++)
            for (int32_t b = 0; b < sets; b++)
                if (masks[r] >> b & 1)
                    take_larger(out + (ptrdiff_t)b * columns, x + (ptrdiff_t)r * columns, columns);
        for (int32_t b = 0; b < sets; b++) finish(out + (ptrdiff_t)b * columns, bias, columns);
    }
}

void cgk_gather_subtract_relu(
    const float *a, const int32_t *index, const float *b, int32_t rows, int32_t columns, float *y) {
    for (int32_t r = 0; r < rows; r++) {
        const float *restrict from = a + (ptrdiff_t)index[r] * columns;
        float *restrict to = y + (ptrdiff_t)r * columns;
        for (int32_t c = 0; c < columns; c++) {
            float v = from[c] - b[c];
            to[c] = v > 0 ? v : 0;
        }
    }
}

void cgk_gather_relative(
    const float *points, const int32_t *index, const float *centers, const int32_t *starts, int32_t segments,
    float scale, float *y) {
    for (int32_t s = 0; s < segments; s++)
        for (int32_t r = starts[s]; r < starts[s + 1]; r++)
            for (int a = 0; a < 3; a++)
                y[3 * (ptrdiff_t)r + a] =
                    (points[3 * (ptrdiff_t)index[r] + a] - centers[3 * (ptrdiff_t)s + a]) / scale;
}

void cgk_interpolate(
    const float *features, const int32_t *indices, const float *distances, int32_t rows, int32_t columns,
    int32_t stride, float *y) {
    for (int32_t r = 0; r < rows; r++) {
        float weight[3], sum = 0;
        for (int m = 0; m < 3; m++) sum += weight[m] = 1 / (distances[3 * (ptrdiff_t)r + m] + 1e-8f);
        const float *a = features + (ptrdiff_t)indices[3 * (ptrdiff_t)r] * columns;
        const float *b = features + (ptrdiff_t)indices[3 * (ptrdiff_t)r + 1] * columns;
        const float *d = features + (ptrdiff_t)indices[3 * (ptrdiff_t)r + 2] * columns;
        float wa = weight[0] / sum, wb = weight[1] / sum, wd = weight[2] / sum;
        float *restrict out = y + (ptrdiff_t)r * stride;
        for (int32_t c = 0; c < columns; c++) out[c] = wa * a[c] + wb * b[c] + wd * d[c];
    }
}

void cgk_row_argmax(const float *x, int32_t rows, int32_t columns, int32_t stride, int32_t *result) {
    for (int32_t r = 0; r < rows; r++) {
        const float *row = x + (ptrdiff_t)r * stride;
        int32_t best = 0;
        for (int32_t c = 1; c < columns; c++)
            if (row[c] > row[best]) best = c;
        result[r] = best;
    }
}
