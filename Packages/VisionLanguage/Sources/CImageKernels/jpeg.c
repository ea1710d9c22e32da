// JPEG files through libjpeg.
#include <setjmp.h>

#include "../CJPEG/shim.h"
#include "bytes.h"

/// Scans of a progressive file: more only slow a reader down.
#define SCAN_LIMIT 200

typedef struct error_handler {
    struct jpeg_error_mgr manager;
    jmp_buf jump;
    cik_failure *failure;
    /// Of the input, null while writing.
    const struct jpeg_source_mgr *source;
    size_t count;
} error_handler;

struct cik_jpeg_reader {
    struct jpeg_decompress_struct info;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    error_handler handler;
};

static size_t position(const error_handler *handler) {
    return handler->source == NULL ? 0 : handler->count - handler->source->bytes_in_buffer;
}

static void jump_with(error_handler *handler, cik_status status, const char *message) {
    cik_fail(handler->failure, status, position(handler), message);
    longjmp(handler->jump, 1);
}

static void fail_and_jump(j_common_ptr info) {
    error_handler *handler = (error_handler *)info->err;
    char message[JMSG_LENGTH_MAX];
    handler->manager.format_message(info, message);
    switch (handler->manager.msg_code) {
    case JERR_NO_SOI: jump_with(handler, cik_wrong_format, "it does not begin as a JPEG file");
    case JERR_OUT_OF_MEMORY: jump_with(handler, cik_out_of_memory, message);
    case JERR_CONVERSION_NOTIMPL: jump_with(handler, cik_unsupported, "its colours are neither RGB, YCbCr nor grey");
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
    case JERR_CCIR601_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL: jump_with(handler, cik_unsupported, message);
    case JERR_INPUT_EMPTY:
    case JERR_INPUT_EOF: jump_with(handler, cik_truncated, message);
    default: jump_with(handler, cik_damaged, message);
    }
}

/// Level −1 is data the library would guess on with; some of it says nothing about the pixels.
static void fail_on_warning(j_common_ptr info, int level) {
    if (level >= 0) return;
    error_handler *handler = (error_handler *)info->err;
    switch (handler->manager.msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_TOO_MUCH_DATA: return;
    default: break;
    }
    char message[JMSG_LENGTH_MAX];
    handler->manager.format_message(info, message);
    jump_with(handler, cik_damaged, message);
}

static void print_nothing(j_common_ptr info) { (void)info; }

static void install(error_handler *handler, cik_failure *failure) {
    jpeg_std_error(&handler->manager);
    handler->manager.error_exit = fail_and_jump;
    handler->manager.emit_message = fail_on_warning;
    handler->manager.output_message = print_nothing;
    handler->failure = failure;
}

// MARK: Reading

static void start_source(j_decompress_ptr info) { (void)info; }

static boolean refill_source(j_decompress_ptr info) {
    jump_with((error_handler *)info->err, cik_truncated, "the file ends early");
    return FALSE;
}

static void skip_source(j_decompress_ptr info, long count) {
    if (count <= 0) return;
    if ((size_t)count > info->src->bytes_in_buffer) {
        info->src->bytes_in_buffer = 0;
        refill_source(info);
    }
    info->src->next_input_byte += count;
    info->src->bytes_in_buffer -= (size_t)count;
}

static void end_source(j_decompress_ptr info) { (void)info; }

static void watch_scans(j_common_ptr info) {
    if (info->is_decompressor && ((j_decompress_ptr)info)->input_scan_number > SCAN_LIMIT) {
        jump_with((error_handler *)info->err, cik_limit, "more scans than are read");
    }
}

static bool read_header(cik_jpeg_reader *reader, size_t pixel_limit, int fast_transform) {
    j_decompress_ptr info = &reader->info;
    if (setjmp(reader->handler.jump)) return false;
    jpeg_create_decompress(info);
    info->src = &reader->source;
    info->progress = &reader->progress;
    jpeg_read_header(info, TRUE);
    if ((uint64_t)info->image_width * info->image_height > pixel_limit) {
        jump_with(&reader->handler, cik_limit, "more pixels than are read");
    }
    info->out_color_space = JCS_RGB;
    info->dct_method = fast_transform ? JDCT_IFAST : JDCT_ISLOW;
    return true;
}

cik_jpeg_reader *cik_jpeg_open(
    const uint8_t *data, size_t count, size_t pixel_limit, int fast_transform, uint32_t *width, uint32_t *height,
    cik_failure *failure) {
    cik_jpeg_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        cik_fail(failure, cik_out_of_memory, 0, "no memory");
        return NULL;
    }
    reader->source = (struct jpeg_source_mgr){
        .next_input_byte = data,
        .bytes_in_buffer = count,
        .init_source = start_source,
        .fill_input_buffer = refill_source,
        .skip_input_data = skip_source,
        .resync_to_restart = jpeg_resync_to_restart,
        .term_source = end_source,
    };
    reader->progress.progress_monitor = watch_scans;
    install(&reader->handler, failure);
    reader->handler.source = &reader->source;
    reader->handler.count = count;
    reader->info.err = &reader->handler.manager;
    if (!read_header(reader, pixel_limit, fast_transform)) {
        cik_jpeg_close(reader);
        return NULL;
    }
    *width = reader->info.image_width;
    *height = reader->info.image_height;
    return reader;
}

cik_status cik_jpeg_read(cik_jpeg_reader *reader, uint8_t *pixels, cik_failure *failure) {
    j_decompress_ptr info = &reader->info;
    reader->handler.failure = failure;
    if (setjmp(reader->handler.jump)) return failure->status;
    jpeg_start_decompress(info);
    while (info->output_scanline < info->output_height) {
        JSAMPROW row = pixels + (size_t)info->output_scanline * info->output_width * 3;
        jpeg_read_scanlines(info, &row, 1);
    }
    jpeg_finish_decompress(info);
    return cik_ok;
}

void cik_jpeg_close(cik_jpeg_reader *reader) {
    if (reader->info.mem != NULL) jpeg_destroy_decompress(&reader->info);
    free(reader);
}

// MARK: Writing

typedef struct writer {
    struct jpeg_compress_struct info;
    struct jpeg_destination_mgr destination;
    error_handler handler;
    cik_bytes *bytes;
    uint8_t buffer[1 << 14];
} writer;

static void start_destination(j_compress_ptr info) {
    writer *output = info->client_data;
    output->destination.next_output_byte = output->buffer;
    output->destination.free_in_buffer = sizeof output->buffer;
}

static void append_buffer(writer *output, size_t count) {
    if (!cik_append(output->bytes, output->buffer, count)) jump_with(&output->handler, cik_out_of_memory, "no memory");
}

static boolean empty_destination(j_compress_ptr info) {
    writer *output = info->client_data;
    append_buffer(output, sizeof output->buffer);
    start_destination(info);
    return TRUE;
}

static void end_destination(j_compress_ptr info) {
    writer *output = info->client_data;
    append_buffer(output, sizeof output->buffer - output->destination.free_in_buffer);
}

static bool write_image(
    writer *output, const uint8_t *pixels, uint32_t width, uint32_t height, int quality, int horizontal, int vertical) {
    j_compress_ptr info = &output->info;
    if (setjmp(output->handler.jump)) return false;
    jpeg_create_compress(info);
    info->client_data = output;
    info->dest = &output->destination;
    info->image_width = width;
    info->image_height = height;
    info->input_components = 3;
    info->in_color_space = JCS_RGB;
    jpeg_set_defaults(info);
    jpeg_set_quality(info, quality, TRUE);
    info->dct_method = JDCT_ISLOW;
    info->comp_info[0].h_samp_factor = horizontal;
    info->comp_info[0].v_samp_factor = vertical;
    jpeg_start_compress(info, TRUE);
    while (info->next_scanline < info->image_height) {
        JSAMPROW row = (JSAMPROW)(pixels + (size_t)info->next_scanline * width * 3);
        jpeg_write_scanlines(info, &row, 1);
    }
    jpeg_finish_compress(info);
    return true;
}

cik_status cik_jpeg_write(
    const uint8_t *pixels, uint32_t width, uint32_t height, int quality, int horizontal, int vertical, cik_bytes *bytes,
    cik_failure *failure) {
    writer *output = calloc(1, sizeof *output);
    if (output == NULL) {
        cik_fail(failure, cik_out_of_memory, 0, "no memory");
        return cik_out_of_memory;
    }
    output->bytes = bytes;
    output->destination = (struct jpeg_destination_mgr){
        .init_destination = start_destination,
        .empty_output_buffer = empty_destination,
        .term_destination = end_destination,
    };
    install(&output->handler, failure);
    output->info.err = &output->handler.manager;
    bool done = write_image(output, pixels, width, height, quality, horizontal, vertical);
    if (output->info.mem != NULL) jpeg_destroy_compress(&output->info);
    free(output);
    return done ? cik_ok : failure->status;
}
