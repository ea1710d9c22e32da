// Resizing: the weights of each peer's filters, and the two passes.
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "kernels.h"

static _Atomic(const cik_kernels *) selected = &cik_kernels_base;

static const cik_kernels *kernels_named(const char *name) {
    if (strcmp(name, "base") == 0) return &cik_kernels_base;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (strcmp(name, "avx2") == 0 && __builtin_cpu_supports("avx2")) return &cik_kernels_avx2;
#endif
    return NULL;
}

int cik_select_variant(const char *name) {
    const cik_kernels *kernels = kernels_named(name);
    if (kernels != NULL) atomic_store_explicit(&selected, kernels, memory_order_release);
    return kernels != NULL;
}

__attribute__((constructor)) static void select_at_start(void) {
    // VLA_KERNELS names TensorCore's variants; those that are wider than any here take the widest
    const char *wanted = getenv("VLA_KERNELS");
    if (wanted == NULL || strcmp(wanted, "base") != 0) cik_select_variant("avx2");
}

// MARK: Filters

static double triangle(double x) {
    x = fabs(x);
    return x < 1 ? 1 - x : 0;
}

/// Keys' cubic with a = −1/2.
static double cubic(double x) {
    const double a = -0.5;
    x = fabs(x);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
    return 0;
}

static double sinc(double x) {
    if (x == 0) return 1;
    x *= M_PI;
    return sin(x) / x;
}

static double lanczos(double x) { return -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0; }

/// TensorFlow's, in float.
static float tensorflow_lanczos(float x) {
    const float pi = 3.14159265359f, radius = 3;
    x = fabsf(x);
    if (x > radius) return 0;
    if (x <= 1e-3f) return 1;
    return radius * sinf(pi * x) * sinf(pi * x / radius) / (pi * pi * x * x);
}

static float tensorflow_triangle(float x) {
    x = fabsf(x);
    return x < 1 ? 1 - x : 0;
}

// MARK: Taps

static bool allocate(cik_taps *taps, size_t out, size_t stride, bool is_fixed) {
    taps->stride = stride;
    taps->first = calloc(out, sizeof *taps->first);
    taps->count = calloc(out, sizeof *taps->count);
    if (is_fixed) {
        taps->fixed = calloc(out * stride, sizeof *taps->fixed);
    } else {
        taps->weights = calloc(out * stride, sizeof *taps->weights);
    }
    return taps->first != NULL && taps->count != NULL && (taps->fixed != NULL || taps->weights != NULL);
}

static void release(cik_taps *taps) {
    free(taps->first);
    free(taps->count);
    free(taps->fixed);
    free(taps->weights);
}

/// Pillow's, and PyTorch's with antialias: weights in double, cut off at the image's edge, normalized, then in fixed
/// point of 22 bits, or of as many as keep the largest weight within 16 bits.
///
/// `bits`: 22, 16, or 0 for float.
static bool antialiased_taps(
    cik_taps *taps, size_t in, size_t out, double (*filter)(double), double radius, int bits) {
    double scale = (double)in / (double)out, width = scale < 1 ? 1 : scale, support = radius * width;
    size_t stride = (size_t)ceil(support) * 2 + 1;
    double *weights = malloc(out * stride * sizeof *weights);
    if (!allocate(taps, out, stride, bits != 0) || weights == NULL) {
        free(weights);
        return false;
    }
    double largest = 0;
    for (size_t o = 0; o < out; o++) {
        double center = ((double)o + 0.5) * scale, sum = 0, *weight = weights + o * stride;
        long first = (long)(center - support + 0.5), end = (long)(center + support + 0.5);
        if (first < 0) first = 0;
        if (end > (long)in) end = (long)in;
        for (long k = 0; k < end - first; k++) {
            weight[k] = filter(((double)(k + first) - center + 0.5) * (1 / width));
            sum += weight[k];
        }
        for (long k = 0; k < end - first; k++) {
            if (sum != 0) weight[k] /= sum;
            if (weight[k] > largest) largest = weight[k];
        }
        taps->first[o] = (int32_t)first;
        taps->count[o] = (int32_t)(end - first);
    }
    taps->shift = 22;
    if (bits == 16) {
        taps->shift = 0;
        while (taps->shift < 22 && (int)(0.5 + largest * (double)(1 << (taps->shift + 1))) < 1 << 15) taps->shift++;
    }
    for (size_t o = 0; o < out; o++) {
        for (int32_t k = 0; k < taps->count[o]; k++) {
            if (bits == 0) {
                taps->weights[o * stride + (size_t)k] = (float)weights[o * stride + (size_t)k];
                continue;
            }
            double weight = weights[o * stride + (size_t)k] * (double)(1 << taps->shift);
            taps->fixed[o * stride + (size_t)k] = (int32_t)(weight + (weight < 0 ? -0.5 : 0.5));
        }
    }
    free(weights);
    return true;
}

/// TensorFlow's scale-and-translate with antialias, all in float.
static bool tensorflow_taps(cik_taps *taps, size_t in, size_t out, float (*filter)(float), float radius) {
    float scale = 1 / ((float)out / (float)in), width = scale < 1 ? 1 : scale, inverse = 1 / width;
    size_t stride = (size_t)ceilf(radius * width) * 2 + 1;
    if (!allocate(taps, out, stride, false)) return false;
    for (size_t o = 0; o < out; o++) {
        float center = ((float)o + 0.5f) * scale, sum = 0, *weight = taps->weights + o * stride;
        long first = (long)ceilf(center - radius * width - 0.5f), last = (long)floorf(center + radius * width - 0.5f);
        if (first < 0) first = 0;
        if (last > (long)in - 1) last = (long)in - 1;
        for (long k = 0; k <= last - first; k++) {
            weight[k] = filter(((float)(k + first) + 0.5f - center) * inverse);
            sum += weight[k];
        }
        float part = 1 / sum;
        for (long k = 0; k <= last - first; k++) weight[k] *= part;
        taps->first[o] = (int32_t)first;
        taps->count[o] = (int32_t)(last - first + 1);
    }
    return true;
}

/// PyTorch's bilinear interpolation without antialias, corners not aligned: the two neighbours.
static bool neighbour_taps(cik_taps *taps, size_t in, size_t out) {
    if (!allocate(taps, out, 2, false)) return false;
    float scale = (float)in / (float)out;
    for (size_t o = 0; o < out; o++) {
        float place = ((float)o + 0.5f) * scale - 0.5f;
        if (place < 0) place = 0;
        size_t first = (size_t)place;
        if (first > in - 1) first = in - 1;
        bool has_next = first + 1 < in;
        float part = has_next ? place - (float)first : 0;
        taps->first[o] = (int32_t)first;
        taps->count[o] = has_next ? 2 : 1;
        taps->weights[2 * o] = 1 - part;
        taps->weights[2 * o + 1] = part;
    }
    return true;
}

/// `is_fixed`: whether the weights are to be in fixed point, where the filter has such.
static bool make_taps(cik_taps *taps, size_t in, size_t out, cik_filter filter, bool is_fixed) {
    int pillow = is_fixed ? 22 : 0, torch = is_fixed ? 16 : 0;
    switch (filter) {
    case cik_pillow_bilinear: return antialiased_taps(taps, in, out, triangle, 1, pillow);
    case cik_pillow_bicubic: return antialiased_taps(taps, in, out, cubic, 2, pillow);
    case cik_pillow_lanczos: return antialiased_taps(taps, in, out, lanczos, 3, pillow);
    case cik_torch_bilinear: return antialiased_taps(taps, in, out, triangle, 1, torch);
    case cik_torch_bicubic: return antialiased_taps(taps, in, out, cubic, 2, 0);
    case cik_torch_neighbours: return neighbour_taps(taps, in, out);
    case cik_tensorflow_lanczos: return tensorflow_taps(taps, in, out, tensorflow_lanczos, 3);
    case cik_tensorflow_triangle: return tensorflow_taps(taps, in, out, tensorflow_triangle, 1);
    }
    return false;
}

// MARK: Passes

/// One pass in fixed point: across the rows or down the columns. False when there is no memory.
static bool pass_u8(
    const uint8_t *source, size_t width, size_t height, uint8_t *target, size_t out, bool is_across,
    cik_filter filter) {
    const cik_kernels *kernels = atomic_load_explicit(&selected, memory_order_acquire);
    cik_taps taps = {0};
    uint8_t *padded = calloc(width * 3 + 1, 1);
    bool done = padded != NULL && make_taps(&taps, is_across ? width : height, out, filter, true);
    if (done && is_across) kernels->rows_u8(source, width, height, target, out, &taps, padded);
    if (done && !is_across) kernels->columns_u8(source, width * 3, target, out, &taps);
    release(&taps);
    free(padded);
    return done;
}

/// Both passes, each rounded to 8 bits; one that changes no size is left out. Rows go first, and since Pillow 13 the
/// columns where that takes away more than twice as many pixels.
static bool resize_in_fixed_point(
    const uint8_t *source, size_t width, size_t height, uint8_t *target, size_t out_width, size_t out_height,
    cik_filter filter) {
    if (out_width == width && out_height == height) {
        memcpy(target, source, width * height * 3);
        return true;
    }
    if (out_height == height) return pass_u8(source, width, height, target, out_width, true, filter);
    if (out_width == width) return pass_u8(source, width, height, target, out_height, false, filter);
    bool is_down_first = out_height < height && (long)(height - out_height) > 2 * ((long)width - (long)out_width);
    uint8_t *between = malloc(3 * (is_down_first ? width * out_height : out_width * height));
    bool done = between != NULL;
    if (is_down_first) {
        done = done && pass_u8(source, width, height, between, out_height, false, filter)
            && pass_u8(between, width, out_height, target, out_width, true, filter);
    } else {
        done = done && pass_u8(source, width, height, between, out_width, true, filter)
            && pass_u8(between, out_width, height, target, out_height, false, filter);
    }
    free(between);
    return done;
}

int cik_resize_float(
    const float *source, size_t width, size_t height, float *target, size_t out_width, size_t out_height,
    cik_filter filter) {
    const cik_kernels *kernels = atomic_load_explicit(&selected, memory_order_acquire);
    cik_taps across = {0}, down = {0};
    float *between = malloc(out_height * width * 3 * sizeof *between);
    bool done = between != NULL && make_taps(&across, width, out_width, filter, false)
        && make_taps(&down, height, out_height, filter, false);
    if (done) {
        kernels->columns_float(source, width * 3, between, out_height, &down);
        kernels->rows_float(between, width, out_height, target, out_width, &across);
    }
    release(&across);
    release(&down);
    free(between);
    return done;
}

int cik_resize_u8(
    const uint8_t *source, size_t width, size_t height, uint8_t *target, size_t out_width, size_t out_height,
    cik_filter filter) {
    switch (filter) {
    case cik_pillow_bilinear:
    case cik_pillow_bicubic:
    case cik_pillow_lanczos:
    case cik_torch_bilinear:
        return resize_in_fixed_point(source, width, height, target, out_width, out_height, filter);
    default: break;
    }
    size_t count = width * height * 3, out_count = out_width * out_height * 3;
    float *values = malloc((count + out_count) * sizeof *values);
    if (values == NULL) return 0;
    for (size_t i = 0; i < count; i++) values[i] = source[i];
    int done = cik_resize_float(values, width, height, values + count, out_width, out_height, filter);
    for (size_t i = 0; done && i < out_count; i++) {
        float value = rintf(values[count + i]);
        target[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
    free(values);
    return done;
}

void cik_crop_and_resize(
    const float *source, size_t width, size_t height, float top, float left, float bottom, float right, float *target,
    size_t out_width, size_t out_height) {
    float down = out_height > 1 ? (bottom - top) * (float)(height - 1) / (float)(out_height - 1) : 0;
    float across = out_width > 1 ? (right - left) * (float)(width - 1) / (float)(out_width - 1) : 0;
    for (size_t y = 0; y < out_height; y++) {
        float row = out_height > 1 ? top * (float)(height - 1) + (float)y * down
                                   : 0.5f * (top + bottom) * (float)(height - 1);
        float *to = target + y * out_width * 3;
        if (!(row >= 0 && row <= (float)(height - 1))) {
            memset(to, 0, out_width * 3 * sizeof *to);
            continue;
        }
        size_t upper = (size_t)floorf(row), lower = (size_t)ceilf(row);
        float part_down = row - (float)upper;
        const float *above = source + upper * width * 3, *below = source + lower * width * 3;
        for (size_t x = 0; x < out_width; x++) {
            float column = out_width > 1 ? left * (float)(width - 1) + (float)x * across
                                         : 0.5f * (left + right) * (float)(width - 1);
            bool is_inside = column >= 0 && column <= (float)(width - 1);
            size_t before = is_inside ? (size_t)floorf(column) : 0, after = is_inside ? (size_t)ceilf(column) : 0;
            float part_across = column - (float)before;
            for (size_t c = 0; c < 3; c++) {
                float a = above[3 * before + c], b = below[3 * before + c];
                float first = a + (above[3 * after + c] - a) * part_across;
                float second = b + (below[3 * after + c] - b) * part_across;
                to[3 * x + c] = is_inside ? first + (second - first) * part_down : 0;
            }
        }
    }
}
