// The PNG files of data sets, without libpng.
#pragma once
#include "bytes.h"

/// A file of 8-bit RGB without interlacing, its chunks found and whole.
typedef struct cik_png_plain {
    const uint8_t *data;
    uint32_t width, height;
    /// The first IDAT chunk; others follow it without gap. `packed` bytes lie in all of them.
    size_t start, packed;
} cik_png_plain;

/// False for every other file, and for one with something wrong in it: those are libpng's to judge.
bool cik_png_find_plain(const uint8_t *data, size_t count, size_t pixel_limit, cik_png_plain *plain);

/// Fills width · height RGB triples; false, with `pixels` in any state, when the data are damaged.
bool cik_png_read_plain(const cik_png_plain *plain, uint8_t *pixels);
