// libdeflate: whole zlib streams in memory, three times as fast as zlib. Only CImageKernels/png_plain.c includes it.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include <libdeflate.h>
