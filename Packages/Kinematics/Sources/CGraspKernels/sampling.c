// Farthest point sampling, ball and cylinder queries.
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "CGraspKernels.h"

#pragma STDC FP_CONTRACT OFF

// MARK: Farthest points

enum { block_size = 64 };

/// Points that lie near one another: nothing in a block changes where its box is farther from the new point than its
/// farthest point is from those taken.
typedef struct block {
    float lower[3], upper[3];
    float farthest;
    int32_t index;
} block;

static uint32_t spread(uint32_t v) {
    v &= 0x3ff;
    v = (v | v << 16) & 0x030000ff;
    v = (v | v << 8) & 0x0300f00f;
    v = (v | v << 4) & 0x030c30c3;
    return (v | v << 2) & 0x09249249;
}

/// Sorts 30-bit codes with their indices, 10 bits at a time, keeping the order of equal codes.
static void sort_codes(uint64_t *items, uint64_t *scratch, int32_t n) {
    for (int pass = 0; pass < 3; pass++) {
        int32_t starts[1025] = {0};
        int shift = 32 + 10 * pass;
        for (int32_t i = 0; i < n; i++) starts[(items[i] >> shift & 0x3ff) + 1]++;
        for (int k = 0; k < 1024; k++) starts[k + 1] += starts[k];
        for (int32_t i = 0; i < n; i++) scratch[starts[items[i] >> shift & 0x3ff]++] = items[i];
        uint64_t *t = items;
        items = scratch;
        scratch = t;
    }
    // three passes end in what was the scratch memory
    memcpy(scratch, items, (size_t)n * sizeof *items);
}

void cgk_farthest_points(
    const float *points, int32_t n, int32_t sample_count, float minimum_square, int32_t *indices) {
    if (sample_count <= 0 || n <= 0) return;
    int32_t padded = (n + block_size - 1) / block_size * block_size, block_count = padded / block_size;
    uint64_t *items = malloc(2 * (size_t)n * sizeof *items);
    float *memory = malloc(4 * (size_t)padded * sizeof *memory);
    int32_t *names = malloc((size_t)padded * sizeof *names);
    block *blocks = malloc((size_t)block_count * sizeof *blocks);
    if (items == NULL || memory == NULL || names == NULL || blocks == NULL) abort();

    // points in the order of a space-filling curve
    float lower[3] = {FLT_MAX, FLT_MAX, FLT_MAX}, upper[3] = {-FLT_MAX, -FLT_MAX, -FLT_MAX};
    for (int32_t i = 0; i < n; i++)
        for (int a = 0; a < 3; a++) {
            lower[a] = fminf(lower[a], points[3 * (size_t)i + a]);
            upper[a] = fmaxf(upper[a], points[3 * (size_t)i + a]);
        }
    float extent = fmaxf(fmaxf(upper[0] - lower[0], upper[1] - lower[1]), upper[2] - lower[2]);
    float scale = extent > 0 ? 1023 / extent : 0;
    for (int32_t i = 0; i < n; i++) {
        uint32_t code = 0;
        for (int a = 0; a < 3; a++) {
            float cell = (points[3 * (size_t)i + a] - lower[a]) * scale;
            code |= spread((uint32_t)fminf(fmaxf(cell, 0), 1023)) << a;
        }
        items[i] = (uint64_t)code << 32 | (uint32_t)i;
    }
    sort_codes(items, items + n, n);

    float *x = memory, *y = x + padded, *z = y + padded, *distance = z + padded;
    for (int32_t k = 0; k < padded; k++) {
        int32_t i = (int32_t)(uint32_t)items[k < n ? k : n - 1];
        names[k] = i;
        x[k] = points[3 * (size_t)i];
        y[k] = points[3 * (size_t)i + 1];
        z[k] = points[3 * (size_t)i + 2];
        float square = x[k] * x[k] + y[k] * y[k] + z[k] * z[k];
        // -1 stays the smallest: such a point is never the farthest. The last block is filled up with these.
        distance[k] = k < n && square > minimum_square ? 1e10f : -1;
    }
    for (int32_t b = 0; b < block_count; b++) {
        block *it = &blocks[b];
        for (int a = 0; a < 3; a++) it->lower[a] = FLT_MAX, it->upper[a] = -FLT_MAX;
        it->farthest = FLT_MAX;
        for (int32_t k = b * block_size; k < (b + 1) * block_size; k++) {
            float p[3] = {x[k], y[k], z[k]};
            for (int a = 0; a < 3; a++) {
                it->lower[a] = fminf(it->lower[a], p[a]);
                it->upper[a] = fmaxf(it->upper[a], p[a]);
            }
        }
    }

    int32_t current = 0;
    for (int32_t s = 0; s < sample_count; s++) {
        indices[s] = current;
        if (s + 1 == sample_count) break;
        float cx = points[3 * (size_t)current], cy = points[3 * (size_t)current + 1],
              cz = points[3 * (size_t)current + 2];
        float best = -1;
        int32_t next = 0;
        for (int32_t b = 0; b < block_count; b++) {
            block *it = &blocks[b];
            float dx = fmaxf(fmaxf(it->lower[0] - cx, cx - it->upper[0]), 0);
            float dy = fmaxf(fmaxf(it->lower[1] - cy, cy - it->upper[1]), 0);
            float dz = fmaxf(fmaxf(it->lower[2] - cz, cz - it->upper[2]), 0);
            // the margin covers the rounding of both sides
            if ((dx * dx + dy * dy + dz * dz) * 0.9999f < it->farthest) {
                int32_t first = b * block_size;
                for (int32_t k = first; k < first + block_size; k++) {
                    float ex = x[k] - cx, ey = y[k] - cy, ez = z[k] - cz;
                    float d = ex * ex + ey * ey + ez * ez;
                    distance[k] = d < distance[k] ? d : distance[k];
                }
                float farthest = -1;
                int32_t index = 0;
                for (int32_t k = first; k < first + block_size; k++) {
                    if (distance[k] > farthest || (distance[k] == farthest && farthest >= 0 && names[k] < index)) {
                        farthest = distance[k];
                        index = names[k];
                    }
                }
                it->farthest = farthest;
                it->index = index;
            }
            if (it->farthest > best || (it->farthest == best && best >= 0 && it->index < next)) {
                best = it->farthest;
                next = it->index;
            }
        }
        current = next;
    }
    free(items);
    free(memory);
    free(names);
    free(blocks);
}

// MARK: Grid

int cgk_grid_make(cgk_grid *grid, const float *points, int32_t n, float cell) {
    *grid = (cgk_grid){.n = n};
    float lower[3] = {0, 0, 0}, upper[3] = {0, 0, 0};
    for (int32_t i = 0; i < n; i++)
        for (int a = 0; a < 3; a++) {
            float v = points[3 * (size_t)i + a];
            if (i == 0 || v < lower[a]) lower[a] = v;
            if (i == 0 || v > upper[a]) upper[a] = v;
        }
    double cells;
    for (;;) {
        cells = 1;
        for (int a = 0; a < 3; a++) cells *= floor((double)(upper[a] - lower[a]) / cell) + 1;
        if (cells <= 1 << 20) break;
        cell *= 1.5f;
    }
    grid->inverse_cell = 1 / cell;
    for (int a = 0; a < 3; a++) {
        grid->origin[a] = lower[a];
        grid->size[a] = (int32_t)floorf((upper[a] - lower[a]) * grid->inverse_cell) + 1;
    }
    int64_t count = (int64_t)grid->size[0] * grid->size[1] * grid->size[2];
    grid->starts = calloc((size_t)count + 2, sizeof *grid->starts);
    grid->entries = malloc(((size_t)n + 1) * sizeof *grid->entries);
    int32_t *cell_of = malloc(((size_t)n + 1) * sizeof *cell_of);
    if (grid->starts == NULL || grid->entries == NULL || cell_of == NULL) {
        free(cell_of);
        cgk_grid_free(grid);
        return -1;
    }
    for (int32_t i = 0; i < n; i++) {
        int32_t c[3];
        for (int a = 0; a < 3; a++) {
            c[a] = (int32_t)floorf((points[3 * (size_t)i + a] - lower[a]) * grid->inverse_cell);
            if (c[a] < 0) c[a] = 0;
            if (c[a] >= grid->size[a]) c[a] = grid->size[a] - 1;
        }
        cell_of[i] = (c[2] * grid->size[1] + c[1]) * grid->size[0] + c[0];
        grid->starts[cell_of[i] + 2]++;
    }
    for (int64_t c = 0; c < count; c++) grid->starts[c + 2] += grid->starts[c + 1];
    for (int32_t i = 0; i < n; i++) grid->entries[grid->starts[cell_of[i] + 1]++] = i;
    free(cell_of);
    return 0;
}

void cgk_grid_free(cgk_grid *grid) {
    free(grid->starts);
    free(grid->entries);
    grid->starts = NULL;
    grid->entries = NULL;
}

/// The cells that a box of half the side `reach` about a center meets, one more on each side for rounding.
static void cell_range(const cgk_grid *grid, const float *center, float reach, int32_t *low, int32_t *high) {
    for (int a = 0; a < 3; a++) {
        float l = (center[a] - reach - grid->origin[a]) * grid->inverse_cell;
        float h = (center[a] + reach - grid->origin[a]) * grid->inverse_cell;
        float last = (float)(grid->size[a] - 1);
        low[a] = (int32_t)fminf(fmaxf(floorf(l - 1e-3f), 0), last);
        high[a] = (int32_t)fminf(fmaxf(floorf(h + 1e-3f), 0), last);
    }
}

int cgk_ball_query(
    const cgk_grid *grid, const float *points, const float *centers, int32_t center_count, float radius, int32_t limit,
    int32_t *indices, int32_t *counts) {
    size_t word_count = (size_t)grid->n / 64 + 1;
    uint64_t *hits = calloc(word_count, sizeof *hits);
    if (hits == NULL) return -1;
    float square = radius * radius;
    for (int32_t i = 0; i < center_count; i++) {
        const float *c = centers + 3 * (size_t)i;
        int32_t low[3], high[3];
        cell_range(grid, c, radius, low, high);
        for (int32_t cz = low[2]; cz <= high[2]; cz++)
            for (int32_t cy = low[1]; cy <= high[1]; cy++) {
                int32_t row = (cz * grid->size[1] + cy) * grid->size[0];
                for (int32_t e = grid->starts[row + low[0]]; e < grid->starts[row + high[0] + 1]; e++) {
                    int32_t k = grid->entries[e];
                    const float *p = points + 3 * (size_t)k;
                    float x = c[0] - p[0], y = c[1] - p[1], z = c[2] - p[2];
                    if (x * x + y * y + z * z < square) hits[k >> 6] |= (uint64_t)1 << (k & 63);
                }
            }
        int32_t count = 0;
        for (size_t w = 0; w < word_count; w++) {
            uint64_t bits = hits[w];
            hits[w] = 0;
            while (bits != 0 && count < limit) {
                indices[(size_t)i * limit + count++] = (int32_t)(64 * w) + __builtin_ctzll(bits);
                bits &= bits - 1;
            }
        }
        counts[i] = count;
    }
    free(hits);
    return 0;
}

int cgk_cylinder_query(
    const cgk_grid *grid, const float *points, const float *centers, const float *rotations, int32_t center_count,
    float radius, float minimum, const float *heights, int32_t height_count, int32_t limit, int32_t *indices,
    uint8_t *masks, float *local, int32_t *counts) {
    size_t word_count = (size_t)grid->n / 64 + 1;
    uint64_t *hits = calloc(word_count, sizeof *hits);
    if (hits == NULL) return -1;
    float square = radius * radius, highest = heights[height_count - 1];
    float reach = fmaxf(fabsf(minimum), fabsf(highest));
    reach = sqrtf(square + reach * reach) * 1.0001f;
    size_t capacity = (size_t)height_count * limit;
    for (int32_t i = 0; i < center_count; i++) {
        const float *c = centers + 3 * (size_t)i, *r = rotations + 9 * (size_t)i;
        int32_t low[3], high[3];
        cell_range(grid, c, reach, low, high);
        for (int32_t cz = low[2]; cz <= high[2]; cz++)
            for (int32_t cy = low[1]; cy <= high[1]; cy++) {
                int32_t row = (cz * grid->size[1] + cy) * grid->size[0];
                for (int32_t e = grid->starts[row + low[0]]; e < grid->starts[row + high[0] + 1]; e++) {
                    int32_t k = grid->entries[e];
                    const float *p = points + 3 * (size_t)k;
                    float dx = p[0] - c[0], dy = p[1] - c[1], dz = p[2] - c[2];
                    float x = r[0] * dx + r[3] * dy + r[6] * dz;
                    float y = r[1] * dx + r[4] * dy + r[7] * dz;
                    float z = r[2] * dx + r[5] * dy + r[8] * dz;
                    if (y * y + z * z < square && x > minimum && x < highest)
                        hits[k >> 6] |= (uint64_t)1 << (k & 63);
                }
            }
        int32_t count = 0, taken[8] = {0};
        for (size_t w = 0; w < word_count; w++) {
            uint64_t bits = hits[w];
            hits[w] = 0;
            while (bits != 0) {
                int32_t k = (int32_t)(64 * w) + __builtin_ctzll(bits);
                bits &= bits - 1;
                const float *p = points + 3 * (size_t)k;
                float dx = p[0] - c[0], dy = p[1] - c[1], dz = p[2] - c[2];
                float x = r[0] * dx + r[3] * dy + r[6] * dz;
                uint8_t mask = 0;
                for (int32_t h = 0; h < height_count; h++)
                    if (x < heights[h] && taken[h] < limit) {
                        taken[h]++;
                        mask |= (uint8_t)(1 << h);
                    }
                if (mask == 0) continue;
                size_t entry = (size_t)i * capacity + count++;
                indices[entry] = k;
                masks[entry] = mask;
                local[3 * entry] = x;
                local[3 * entry + 1] = r[1] * dx + r[4] * dy + r[7] * dz;
                local[3 * entry + 2] = r[2] * dx + r[5] * dy + r[8] * dz;
            }
        }
        counts[i] = count;
    }
    free(hits);
    return 0;
}

void cgk_three_nearest(
    const float *queries, int32_t query_count, const float *known, int32_t known_count, int32_t *indices,
    float *distances) {
    for (int32_t i = 0; i < query_count; i++) {
        const float *q = queries + 3 * (size_t)i;
        float best[3] = {INFINITY, INFINITY, INFINITY};
        int32_t name[3] = {0, 0, 0};
        for (int32_t k = 0; k < known_count; k++) {
            const float *p = known + 3 * (size_t)k;
            float x = q[0] - p[0], y = q[1] - p[1], z = q[2] - p[2];
            float d = x * x + y * y + z * z;
            if (!(d < best[2])) continue;
            int place = d < best[0] ? 0 : d < best[1] ? 1 : 2;
            for (int m = 2; m > place; m--) best[m] = best[m - 1], name[m] = name[m - 1];
            best[place] = d;
            name[place] = k;
        }
        for (int m = 0; m < 3; m++) {
            indices[3 * (size_t)i + m] = name[m];
            distances[3 * (size_t)i + m] = sqrtf(best[m]);
        }
    }
}
