// Picture files and the inner loops of picture arithmetic.
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
/// Fills width · height RGB triples: grey and palettes expanded, 16 bits cut to the high byte, alpha dropped.
cik_status cik_png_read(cik_png_reader *reader, uint8_t *pixels, cik_failure *failure);
void cik_png_close(cik_png_reader *reader);
/// Writes 8-bit RGB. `filters`: 0 leaves the rows as they are, 1 takes the best of all filters by libpng's measure.
cik_status cik_png_write(
    const uint8_t *pixels, uint32_t width, uint32_t height, int level, int filters, cik_bytes *bytes,
    cik_failure *failure);

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

/// Copies a picture with rows or columns, or both, in reverse order.
void cik_reorder(
    const uint8_t *source, uint8_t *target, size_t width, size_t height, int reverse_rows,
    int reverse_columns);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
