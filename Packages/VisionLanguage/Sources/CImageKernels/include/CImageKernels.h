// Image files and the inner loops of image arithmetic.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// What a codec ended with.
typedef enum cik_status {
    cik_ok = 0,
    cik_wrong_format,
    cik_truncated,
    cik_damaged,
    cik_unsupported,
    cik_limit,
    cik_out_of_memory,
} cik_status;

/// A failure in words, and the input's byte where it was noticed.
typedef struct cik_failure {
    cik_status status;
    size_t offset;
    char message[160];
} cik_failure;

/// Bytes that a writer made; `cik_free_bytes` releases them.
typedef struct cik_bytes {
    uint8_t *_Nullable data;
    size_t count, capacity;
} cik_bytes;

void cik_free_bytes(cik_bytes *bytes);

/// A file that is being read; the bytes stay the caller's and must outlive it.
typedef struct cik_png_reader cik_png_reader;
typedef struct cik_jpeg_reader cik_jpeg_reader;

/// Reads the header. Null, with `failure` filled, when it is no PNG file or larger than `pixel_limit`.
cik_png_reader *_Nullable cik_png_open(
    const uint8_t *_Nullable data, size_t count, size_t pixel_limit, uint32_t *width,
    uint32_t *height, cik_failure *failure);
/// The same for a reader that keeps alpha.
cik_png_reader *_Nullable cik_png_open_rgba(
    const uint8_t *_Nullable data, size_t count, size_t pixel_limit, uint32_t *width,
    uint32_t *height, cik_failure *failure);
/// Fills width · height RGB triples: grey and palettes expanded, 16 bits cut to the high byte, alpha dropped; RGBA
/// quadruples if the reader keeps alpha, 255 where the file has none.
cik_status cik_png_read(cik_png_reader *reader, uint8_t *pixels, cik_failure *failure);
void cik_png_close(cik_png_reader *reader);
/// Writes 8-bit RGB. `filters`: 0 leaves the rows as they are, 1 takes the best of all filters by libpng's measure.
cik_status cik_png_write(
    const uint8_t *pixels, uint32_t width, uint32_t height, int level, int filters, cik_bytes *bytes,
    cik_failure *failure);

/// Reads a grey PNG file of any depth as it is stored: 16 bits, or 0…2ᵈ-1 for d bits; alpha is dropped. `pixels` gets
/// width · height values, to be released by `free`.
cik_status cik_png_read_grey(
    const uint8_t *_Nullable data, size_t count, size_t pixel_limit, uint32_t *width, uint32_t *height,
    int *bit_depth, uint16_t *_Nullable *_Nonnull pixels, cik_failure *failure);
/// Writes a grey PNG file of 8 or 16 bits.
cik_status cik_png_write_grey(
    const uint16_t *pixels, uint32_t width, uint32_t height, int bit_depth, cik_bytes *bytes, cik_failure *failure);

/// Reads the header. Null, with `failure` filled, when it is no JPEG file or larger than `pixel_limit`.
cik_jpeg_reader *_Nullable cik_jpeg_open(
    const uint8_t *_Nullable data, size_t count, size_t pixel_limit, int fast_transform, uint32_t *width,
    uint32_t *height, cik_failure *failure);
/// Fills width · height RGB triples.
cik_status cik_jpeg_read(cik_jpeg_reader *reader, uint8_t *pixels, cik_failure *failure);
void cik_jpeg_close(cik_jpeg_reader *reader);
/// Writes baseline JPEG. `horizontal`, `vertical`: pixels that share one colour value, 1 or 2.
cik_status cik_jpeg_write(
    const uint8_t *pixels, uint32_t width, uint32_t height, int quality, int horizontal, int vertical,
    cik_bytes *bytes, cik_failure *failure);

/// Copies a image with rows or columns, or both, in reverse order.
void cik_reorder(
    const uint8_t *source, uint8_t *target, size_t width, size_t height, int reverse_rows,
    int reverse_columns);

/// A peer's way of resizing; see `Resampler`.
typedef enum cik_filter {
    cik_pillow_bilinear,
    cik_pillow_bicubic,
    cik_pillow_lanczos,
    cik_torch_bilinear,
    cik_torch_bicubic,
    cik_torch_neighbours,
    cik_tensorflow_lanczos,
    cik_tensorflow_triangle,
} cik_filter;

/// Resizes RGB; 0 when there is no memory for it.
int cik_resize_u8(
    const uint8_t *source, size_t width, size_t height, uint8_t *target, size_t out_width, size_t out_height,
    cik_filter filter);
/// Resizes RGB in float, columns first, without rounding.
int cik_resize_float(
    const float *source, size_t width, size_t height, float *target, size_t out_width, size_t out_height,
    cik_filter filter);
/// TensorFlow's crop_and_resize: bilinear, no antialias, the corners of the box (in 0…1) at the corners of the result.
void cik_crop_and_resize(
    const float *source, size_t width, size_t height, float top, float left, float bottom, float right, float *target,
    size_t out_width, size_t out_height);
/// Selects "base" or "avx2" loops; 0 when this machine or build does not have them. For tests.
int cik_select_variant(const char *name);

/// planes[c][i] = table[c][pixels[3 i + c]]: interleaved bytes to three planes of floats.
void cik_lookup_planes(const uint8_t *pixels, size_t count, const float *table, float *planes);

/// targets[i] = bytes[i] / 255, and back: ⌊255.5 values[i]⌋ limited to 0…255.
void cik_unit_floats(const uint8_t *bytes, size_t count, float *targets);
void cik_unit_bytes(const float *values, size_t count, uint8_t *targets);

// Colour, on `count` RGB pixels in place. PyTorch's results are limited to 0…1, TensorFlow's are not.

/// Limits values to 0…1.
void cik_limit_to_unit(float *values, size_t count);

typedef enum cik_color_operation {
    /// Adds the amount; multiplies (PyTorch, Pillow).
    cik_brightness,
    /// Scales about each channel's mean (TensorFlow) or the grey image's (the others).
    cik_contrast,
    /// Scales HSV's saturation (TensorFlow), or away from grey (the others).
    cik_saturation,
    /// Turns the hue; 1 is once around.
    cik_hue,
} cik_color_operation;

void cik_color_tensorflow(float *pixels, size_t count, cik_color_operation operation, float amount);
void cik_color_torch(float *pixels, size_t count, cik_color_operation operation, float amount);
void cik_color_pillow(uint8_t *pixels, size_t count, cik_color_operation operation, float amount);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
