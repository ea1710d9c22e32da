// Moving pixels.
#include <string.h>

#include "include/CImageKernels.h"

void cik_reorder(
    const uint8_t *source, uint8_t *target, size_t width, size_t height, int reverse_rows, int reverse_columns) {
    for (size_t y = 0; y < height; y++) {
        const uint8_t *from = source + y * width * 3;
        uint8_t *to = target + (reverse_rows ? height - 1 - y : y) * width * 3;
        if (!reverse_columns) {
            memcpy(to, from, width * 3);
            continue;
        }
        for (size_t x = 0; x < width; x++) {
            for (size_t c = 0; c < 3; c++) to[3 * (width - 1 - x) + c] = from[3 * x + c];
        }
    }
}
