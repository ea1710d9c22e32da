// 8-bit RGB PNG in one pass: chunks, libdeflate, filters undone four rows at a time.
//
// Format: PNG specification (third edition), sections 5 (chunks), 9 (filters) and 10 (compression).
#include "png_plain.h"

#include "../CDeflate/shim.h"

static uint32_t big_endian(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

bool cik_png_find_plain(const uint8_t *data, size_t count, size_t pixel_limit, cik_png_plain *plain) {
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    if (count < 8 + 25 + 12 || memcmp(data, signature, 8) != 0) return false;
    *plain = (cik_png_plain){.data = data};
    bool is_first = true, idat_ended = false;
    for (size_t position = 8; count - position >= 12;) {
        const uint8_t *chunk = data + position, *name = chunk + 4;
        uint32_t length = big_endian(chunk);
        if (length > count - position - 12) return false;
        bool is_data = memcmp(name, "IDAT", 4) == 0, is_end = memcmp(name, "IEND", 4) == 0;
        // chunks that can be ignored begin with a small letter
        bool is_critical = (name[0] & 0x20) == 0;
        if (is_critical && libdeflate_crc32(0, name, (size_t)length + 4) != big_endian(name + 4 + length)) return false;
        if (is_first) {
            static const uint8_t kind[5] = {8, 2, 0, 0, 0};
            if (memcmp(name, "IHDR", 4) != 0 || length != 13 || memcmp(name + 12, kind, 5) != 0) return false;
            plain->width = big_endian(name + 4);
            plain->height = big_endian(name + 8);
            uint64_t pixels = (uint64_t)plain->width * plain->height;
            // deflate expands at most 1032 times
            if (plain->width == 0 || plain->height == 0 || plain->width > 1 << 24 || plain->height > 1 << 24
                || pixels > pixel_limit || pixels * 3 / 1040 > count)
                return false;
            is_first = false;
        } else if (is_data) {
            if (idat_ended) return false;
            if (plain->start == 0) plain->start = position;
            plain->packed += length;
        } else if (is_end) {
            return plain->packed > 0;
        } else if (is_critical) {
            return false;
        } else {
            idat_ended = plain->start != 0;
        }
        position += (size_t)length + 12;
    }
    return false;
}

// MARK: Filters

/// a left, b above, c above left: the one nearest to a + b − c, in this order on ties.
static inline uint8_t paeth(int a, int b, int c) {
    int pa = abs(b - c), pb = abs(a - c), pc = abs(a + b - 2 * c);
    return (uint8_t)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

/// Undoes one row's filter; `above` is null for the first row.
static bool undo_row(const uint8_t *raw, const uint8_t *above, uint8_t *row, size_t count) {
    uint8_t filter = *raw++;
    if (above == NULL) {
        // what is above is 0: Paeth's choice is what is left, and nothing is added by Up
        if (filter == 4) filter = 1;
        if (filter == 2) filter = 0;
    }
    switch (filter) {
    case 0: memcpy(row, raw, count); return true;
    case 1:
        memcpy(row, raw, 3);
        for (size_t i = 3; i < count; i++) row[i] = (uint8_t)(raw[i] + row[i - 3]);
        return true;
    case 2:
        for (size_t i = 0; i < count; i++) row[i] = (uint8_t)(raw[i] + above[i]);
        return true;
    case 3:
        for (size_t i = 0; i < count; i++) {
            int left = i < 3 ? 0 : row[i - 3], up = above == NULL ? 0 : above[i];
            row[i] = (uint8_t)(raw[i] + (left + up) / 2);
        }
        return true;
    case 4:
        for (size_t i = 0; i < count; i++) {
            int left = i < 3 ? 0 : row[i - 3], corner = i < 3 ? 0 : above[i - 3];
            row[i] = (uint8_t)(raw[i] + paeth(left, above[i], corner));
        }
        return true;
    default: return false;
    }
}

#if defined(__SSE2__)
#include <emmintrin.h>

/// Four rows of Paeth at once, each one pixel behind the row above it: what a pixel needs of the row above was made in
/// the step before, so that four chains of dependent instructions run beside each other.
///
/// The vectors hold 16-bit lanes: the first one row 0 in its lower and row 1 in its upper half, the second rows 2 and 3.
typedef struct wave {
    __m128i left[2], above[2];
} wave;

static inline __m128i absolute(__m128i x) { return _mm_max_epi16(x, _mm_sub_epi16(_mm_setzero_si128(), x)); }

static inline __m128i predicted(__m128i a, __m128i b, __m128i c) {
    __m128i bc = _mm_sub_epi16(b, c), ac = _mm_sub_epi16(a, c);
    __m128i pa = absolute(bc), pb = absolute(ac), pc = absolute(_mm_add_epi16(bc, ac));
    __m128i least = _mm_min_epi16(pc, _mm_min_epi16(pa, pb));
    __m128i is_a = _mm_cmpeq_epi16(least, pa), is_b = _mm_cmpeq_epi16(least, pb);
    __m128i b_or_c = _mm_or_si128(_mm_and_si128(is_b, b), _mm_andnot_si128(is_b, c));
    return _mm_or_si128(_mm_and_si128(is_a, a), _mm_andnot_si128(is_a, b_or_c));
}

static inline __m128i four_bytes(const uint8_t *bytes) {
    int32_t word;
    memcpy(&word, bytes, 4);
    return _mm_cvtsi32_si128(word);
}

static inline void store_four(uint8_t *bytes, __m128i pixel) {
    int32_t word = _mm_cvtsi128_si32(pixel);
    memcpy(bytes, &word, 4);
}

/// One step: row r is at pixel x − r. With `is_guarded` some of them may lie outside their rows, and no byte outside a
/// pixel is touched; without, all lie inside and are not the last of their rows.
static inline __attribute__((always_inline)) void step(
    wave *w, const uint8_t *const raw[4], const uint8_t *above, uint8_t *const rows[4], ptrdiff_t x, ptrdiff_t width,
    bool is_guarded) {
    __m128i zero = _mm_setzero_si128(), filtered[4], top = zero;
    for (int r = 0; r < 4; r++) {
        ptrdiff_t place = x - r;
        if (!is_guarded) {
            filtered[r] = four_bytes(raw[r] + 3 * place);
        } else {
            uint8_t bytes[4] = {0};
            if (place >= 0 && place < width) memcpy(bytes, raw[r] + 3 * place, 3);
            filtered[r] = four_bytes(bytes);
        }
    }
    if (!is_guarded) {
        top = four_bytes(above + 3 * x);
    } else if (x < width) {
        uint8_t bytes[4] = {0};
        memcpy(bytes, above + 3 * x, 3);
        top = four_bytes(bytes);
    }

    // above row 0 the finished row, above the others what the step before made
    __m128i b[2] = {
        _mm_unpacklo_epi64(_mm_unpacklo_epi8(top, zero), w->left[0]),
        _mm_unpackhi_epi64(w->left[0], _mm_slli_si128(w->left[1], 8)),
    };
    for (int v = 0; v < 2; v++) {
        __m128i both = _mm_unpacklo_epi32(filtered[2 * v], filtered[2 * v + 1]);
        __m128i prediction = predicted(w->left[v], b[v], w->above[v]);
        w->above[v] = b[v];
        w->left[v] = _mm_add_epi8(_mm_unpacklo_epi8(both, zero), prediction);
    }

    __m128i pixels = _mm_packus_epi16(w->left[0], w->left[1]);
    for (int r = 0; r < 4; r++) {
        ptrdiff_t place = x - r;
        if (!is_guarded) {
            // a byte too much, which the next pixel overwrites
            store_four(rows[r] + 3 * place, pixels);
        } else if (place >= 0 && place < width) {
            int32_t word = _mm_cvtsi128_si32(pixels);
            memcpy(rows[r] + 3 * place, &word, 3);
        }
        pixels = _mm_srli_si128(pixels, 4);
    }
}

static void undo_four_paeth_rows(const uint8_t *raw, const uint8_t *above, uint8_t *row, size_t count) {
    const uint8_t *filtered[4];
    uint8_t *rows[4];
    for (size_t r = 0; r < 4; r++) {
        filtered[r] = raw + r * (count + 1) + 1;
        rows[r] = row + r * count;
    }
    ptrdiff_t width = (ptrdiff_t)(count / 3), x = 0;
    wave w = {{_mm_setzero_si128(), _mm_setzero_si128()}, {_mm_setzero_si128(), _mm_setzero_si128()}};
    for (; x < 3; x++) step(&w, filtered, above, rows, x, width, true);
    for (; x < width - 1; x++) step(&w, filtered, above, rows, x, width, false);
    for (; x < width + 3; x++) step(&w, filtered, above, rows, x, width, true);
}
#endif

static bool undo_filters(const uint8_t *raw, uint8_t *pixels, size_t width, size_t height) {
    size_t count = width * 3;
    for (size_t y = 0; y < height;) {
        const uint8_t *line = raw + y * (count + 1), *above = y == 0 ? NULL : pixels + (y - 1) * count;
        uint8_t *row = pixels + y * count;
#if defined(__SSE2__)
        if (y > 0 && height - y >= 4 && line[0] == 4 && line[count + 1] == 4 && line[2 * (count + 1)] == 4
            && line[3 * (count + 1)] == 4) {
            undo_four_paeth_rows(line, above, row, count);
            y += 4;
            continue;
        }
#endif
        if (!undo_row(line, above, row, count)) return false;
        y++;
    }
    return true;
}

bool cik_png_read_plain(const cik_png_plain *plain, uint8_t *pixels) {
    size_t expanded = ((size_t)plain->width * 3 + 1) * plain->height;
    uint8_t *memory = malloc(plain->packed + expanded);
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    bool is_read = memory != NULL && inflater != NULL;
    if (is_read) {
        // the chunks' data are one stream
        uint8_t *raw = memory, *packed = memory + expanded;
        size_t position = plain->start;
        for (size_t have = 0; have < plain->packed;) {
            uint32_t length = big_endian(plain->data + position);
            memcpy(packed + have, plain->data + position + 8, length);
            have += length;
            position += (size_t)length + 12;
        }
        is_read =
            libdeflate_zlib_decompress(inflater, packed, plain->packed, raw, expanded, NULL) == LIBDEFLATE_SUCCESS
            && undo_filters(raw, pixels, plain->width, plain->height);
    }
    if (inflater != NULL) libdeflate_free_decompressor(inflater);
    free(memory);
    return is_read;
}
