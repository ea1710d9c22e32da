// PNG files through libpng, the common ones without it.
#include "../CPNG/shim.h"
#include "png_plain.h"

/// libpng tells its errors as text only; those of reading past the end are ours.
typedef struct source {
    const uint8_t *data;
    size_t count, position;
    cik_status status;
    cik_failure *failure;
} source;

struct cik_png_reader {
    png_structp png;
    png_infop info;
    png_bytep *rows;
    source source;
    uint32_t width, height;
    /// Values of a pixel: 3, or 4 with alpha.
    uint32_t channels;
    /// A file that is read without libpng, which then is not set up.
    bool is_plain;
    cik_png_plain plain;
};

static void fail_and_jump(png_structp png, png_const_charp message) {
    source *input = png_get_error_ptr(png);
    cik_status status = input->status == cik_ok ? cik_damaged : input->status;
    cik_fail(input->failure, status, input->position, message);
    png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp message) { (void)png, (void)message; }

static void read_bytes(png_structp png, png_bytep target, size_t count) {
    source *input = png_get_io_ptr(png);
    if (input->count - input->position < count) {
        input->status = cik_truncated;
        input->position = input->count;
        png_error(png, "the file ends early");
    }
    memcpy(target, input->data + input->position, count);
    input->position += count;
}

static bool read_header(cik_png_reader *reader, size_t pixel_limit) {
    png_structp png = reader->png;
    if (setjmp(png_jmpbuf(png))) return false;
    png_set_read_fn(png, &reader->source, read_bytes);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    // chunks that say nothing about the pixels are not even unpacked
    png_set_chunk_malloc_max(png, 1 << 20);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(png, reader->info);
    reader->width = png_get_image_width(png, reader->info);
    reader->height = png_get_image_height(png, reader->info);

    // deflate expands at most 1032 times: a larger image cannot be in the file
    uint64_t packed = ((uint64_t)png_get_rowbytes(png, reader->info) + 1) * reader->height;
    if ((uint64_t)reader->width * reader->height > pixel_limit) {
        reader->source.status = cik_limit;
        png_error(png, "more pixels than are read");
    }
    if (packed / 1040 > reader->source.count) png_error(png, "more pixels announced than the file can hold");

    png_set_expand(png);
    png_set_strip_16(png);
    png_set_gray_to_rgb(png);
    if (reader->channels == 4)
        png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
    else
        png_set_strip_alpha(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, reader->info);
    if (png_get_rowbytes(png, reader->info) != (size_t)reader->width * reader->channels)
        png_error(png, "rows of an unknown layout");
    return true;
}

/// Makes libpng ready to read the image.
static bool set_up(cik_png_reader *reader, size_t pixel_limit) {
    reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader->source, fail_and_jump, ignore_warning);
    if (reader->png != NULL) reader->info = png_create_info_struct(reader->png);
    if (reader->info == NULL) {
        cik_fail(reader->source.failure, cik_out_of_memory, 0, "no memory");
        return false;
    }
    return read_header(reader, pixel_limit);
}

static cik_png_reader *open_reader(
    const uint8_t *data, size_t count, size_t pixel_limit, uint32_t channels, uint32_t *width, uint32_t *height,
    cik_failure *failure) {
    if (count < 8 || png_sig_cmp(data, 0, 8) != 0) {
        cik_fail(failure, cik_wrong_format, 0, "it does not begin as a PNG file");
        return NULL;
    }
    cik_png_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        cik_fail(failure, cik_out_of_memory, 0, "no memory");
        return NULL;
    }
    reader->source = (source){.data = data, .count = count, .failure = failure};
    reader->channels = channels;
    reader->is_plain = channels == 3 && cik_png_find_plain(data, count, pixel_limit, &reader->plain);
    if (reader->is_plain) {
        reader->width = reader->plain.width;
        reader->height = reader->plain.height;
    } else if (!set_up(reader, pixel_limit)) {
        cik_png_close(reader);
        return NULL;
    }
    *width = reader->width;
    *height = reader->height;
    return reader;
}

cik_png_reader *cik_png_open(
    const uint8_t *data, size_t count, size_t pixel_limit, uint32_t *width, uint32_t *height, cik_failure *failure) {
    return open_reader(data, count, pixel_limit, 3, width, height, failure);
}

cik_png_reader *cik_png_open_rgba(
    const uint8_t *data, size_t count, size_t pixel_limit, uint32_t *width, uint32_t *height, cik_failure *failure) {
    return open_reader(data, count, pixel_limit, 4, width, height, failure);
}

cik_status cik_png_read(cik_png_reader *reader, uint8_t *pixels, cik_failure *failure) {
    reader->source.failure = failure;
    if (reader->is_plain) {
        if (cik_png_read_plain(&reader->plain, pixels)) return cik_ok;
        // libpng says what is wrong, and what can still be read
        if (!set_up(reader, SIZE_MAX)) return failure->status;
    }
    reader->rows = malloc(reader->height * sizeof *reader->rows);
    if (reader->rows == NULL) {
        cik_fail(failure, cik_out_of_memory, 0, "no memory");
        return cik_out_of_memory;
    }
    for (uint32_t y = 0; y < reader->height; y++) reader->rows[y] = pixels + (size_t)y * reader->width * reader->channels;
    if (setjmp(png_jmpbuf(reader->png))) return failure->status;
    png_read_image(reader->png, reader->rows);
    png_read_end(reader->png, NULL);
    return cik_ok;
}

void cik_png_close(cik_png_reader *reader) {
    png_destroy_read_struct(&reader->png, &reader->info, NULL);
    free(reader->rows);
    free(reader);
}

// MARK: Grey

/// What is read of a grey file; freed by the caller, also after a jump.
typedef struct grey {
    uint16_t *pixels;
    uint8_t *packed;
    png_bytep *rows;
    uint32_t width, height;
    int depth;
} grey;

static bool read_grey(png_structp png, png_infop info, source *input, size_t pixel_limit, grey *image) {
    if (setjmp(png_jmpbuf(png))) return false;
    png_set_read_fn(png, input, read_bytes);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_set_chunk_malloc_max(png, 1 << 20);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(png, info);
    image->width = png_get_image_width(png, info);
    image->height = png_get_image_height(png, info);
    image->depth = png_get_bit_depth(png, info);
    int type = png_get_color_type(png, info);
    if (type != PNG_COLOR_TYPE_GRAY && type != PNG_COLOR_TYPE_GRAY_ALPHA) {
        input->status = cik_unsupported;
        png_error(png, "the image is not grey");
    }
    if ((uint64_t)image->width * image->height > pixel_limit) {
        input->status = cik_limit;
        png_error(png, "more pixels than are read");
    }
    uint64_t stored = ((uint64_t)png_get_rowbytes(png, info) + 1) * image->height;
    if (stored / 1040 > input->count) png_error(png, "more pixels announced than the file can hold");
    png_set_packing(png);
    png_set_strip_alpha(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    size_t bytes = image->depth == 16 ? 2 : 1, stride = image->width * bytes;
    if (png_get_rowbytes(png, info) != stride) png_error(png, "rows of an unknown layout");
    image->packed = malloc(stride * image->height);
    image->rows = malloc(image->height * sizeof *image->rows);
    image->pixels = malloc((size_t)image->width * image->height * sizeof *image->pixels);
    if (image->packed == NULL || image->rows == NULL || image->pixels == NULL) {
        input->status = cik_out_of_memory;
        png_error(png, "no memory");
    }
    for (uint32_t y = 0; y < image->height; y++) image->rows[y] = image->packed + y * stride;
    png_read_image(png, image->rows);
    png_read_end(png, NULL);
    size_t count = (size_t)image->width * image->height;
    for (size_t i = 0; i < count; i++)
        image->pixels[i] = bytes == 1 ? image->packed[i]
                                      : (uint16_t)(image->packed[2 * i] << 8 | image->packed[2 * i + 1]);
    return true;
}

cik_status cik_png_read_grey(
    const uint8_t *data, size_t count, size_t pixel_limit, uint32_t *width, uint32_t *height, int *bit_depth,
    uint16_t **pixels, cik_failure *failure) {
    if (count < 8 || png_sig_cmp(data, 0, 8) != 0) {
        cik_fail(failure, cik_wrong_format, 0, "it does not begin as a PNG file");
        return cik_wrong_format;
    }
    source input = {.data = data, .count = count, .failure = failure};
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &input, fail_and_jump, ignore_warning);
    png_infop info = png == NULL ? NULL : png_create_info_struct(png);
    grey image = {0};
    bool done = info != NULL && read_grey(png, info, &input, pixel_limit, &image);
    if (info == NULL) cik_fail(failure, cik_out_of_memory, 0, "no memory");
    png_destroy_read_struct(&png, &info, NULL);
    free(image.packed);
    free(image.rows);
    if (!done) {
        free(image.pixels);
        return failure->status;
    }
    *width = image.width;
    *height = image.height;
    *bit_depth = image.depth;
    *pixels = image.pixels;
    return cik_ok;
}

// MARK: Writing

typedef struct sink {
    cik_bytes *bytes;
    cik_failure *failure;
} sink;

static void fail_writing(png_structp png, png_const_charp message) {
    sink *output = png_get_error_ptr(png);
    cik_fail(output->failure, cik_out_of_memory, output->bytes->count, message);
    png_longjmp(png, 1);
}

static void write_bytes(png_structp png, png_bytep data, size_t count) {
    sink *output = png_get_io_ptr(png);
    if (!cik_append(output->bytes, data, count)) png_error(png, "no memory");
}

static void flush_nothing(png_structp png) { (void)png; }

static bool write_image(
    png_structp png, png_infop info, sink *output, const uint8_t *pixels, uint32_t width, uint32_t height, int level,
    int filters) {
    if (setjmp(png_jmpbuf(png))) return false;
    png_set_write_fn(png, output, write_bytes, flush_nothing);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_set_compression_level(png, level);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, filters ? PNG_ALL_FILTERS : PNG_FILTER_NONE);
    png_set_IHDR(
        png, info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
        PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (uint32_t y = 0; y < height; y++) png_write_row(png, pixels + (size_t)y * width * 3);
    png_write_end(png, NULL);
    return true;
}

cik_status cik_png_write(
    const uint8_t *pixels, uint32_t width, uint32_t height, int level, int filters, cik_bytes *bytes,
    cik_failure *failure) {
    sink output = {bytes, failure};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &output, fail_writing, ignore_warning);
    png_infop info = png == NULL ? NULL : png_create_info_struct(png);
    bool done = info != NULL && write_image(png, info, &output, pixels, width, height, level, filters);
    if (info == NULL) cik_fail(failure, cik_out_of_memory, 0, "no memory");
    png_destroy_write_struct(&png, &info);
    return done ? cik_ok : failure->status;
}

void cik_free_bytes(cik_bytes *bytes) {
    free(bytes->data);
    *bytes = (cik_bytes){0};
}

static bool write_grey(
    png_structp png, png_infop info, sink *output, const uint16_t *pixels, uint32_t width, uint32_t height,
    int bit_depth, uint8_t *row) {
    if (setjmp(png_jmpbuf(png))) return false;
    png_set_write_fn(png, output, write_bytes, flush_nothing);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_set_IHDR(
        png, info, width, height, bit_depth, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
        PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++) {
            uint16_t value = pixels[(size_t)y * width + x];
            if (bit_depth == 16) {
                row[2 * x] = (uint8_t)(value >> 8);
                row[2 * x + 1] = (uint8_t)value;
            } else {
                row[x] = (uint8_t)value;
            }
        }
        png_write_row(png, row);
    }
    png_write_end(png, NULL);
    return true;
}

cik_status cik_png_write_grey(
    const uint16_t *pixels, uint32_t width, uint32_t height, int bit_depth, cik_bytes *bytes, cik_failure *failure) {
    sink output = {bytes, failure};
    uint8_t *row = malloc(2 * (size_t)width);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &output, fail_writing, ignore_warning);
    png_infop info = png == NULL ? NULL : png_create_info_struct(png);
    bool done = row != NULL && info != NULL
                && write_grey(png, info, &output, pixels, width, height, bit_depth, row);
    if (row == NULL || info == NULL) cik_fail(failure, cik_out_of_memory, 0, "no memory");
    png_destroy_write_struct(&png, &info);
    free(row);
    return done ? cik_ok : failure->status;
}
