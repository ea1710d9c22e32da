// zlib: raw inflate and deflate of zip members.
#pragma once
#include <zlib.h>

// The init functions are macros in zlib.h, which Swift does not import.
static inline int tensorcore_inflate_init_raw(z_stream *stream) { return inflateInit2(stream, -15); }
static inline int tensorcore_deflate_init_raw(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
}

// gzip members (RFC 1952).
static inline int tensorcore_inflate_init_gzip(z_stream *stream) { return inflateInit2(stream, 15 + 16); }

// zlib streams (RFC 1950).
static inline int tensorcore_inflate_init_zlib(z_stream *stream) { return inflateInit2(stream, 15); }
