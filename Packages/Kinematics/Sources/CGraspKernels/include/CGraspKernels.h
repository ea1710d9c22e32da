// Inner loops over point clouds: sampling, neighbours, and points between a gripper's fingers.
//
// Each works on one thread and on what it is given. Points are finite; `n` is a number of points. Sums of squares are
// added x, y, z without fused operations, so that equal inputs give equal indices on every machine.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

// MARK: k-d tree of double points [n, 3]

/// Fills `order` with 0…n-1 so that the middle of every range splits it along `axes[middle]`.
void cgk_tree_build(const double *points, int32_t n, int32_t *order, uint8_t *axes);

/// The `k` nearest points to a query, nearest first, ties by lower index; returns how many, at most min(k, n).
/// `indices` and `squares` hold `k` values.
int32_t cgk_tree_nearest(
    const double *points, const int32_t *order, const uint8_t *axes, int32_t n, const double *query, int32_t k,
    int32_t *indices, double *squares);

/// The number of points with squared distance below `square`; the first `capacity` found are written, in tree order.
int32_t cgk_tree_within(
    const double *points, const int32_t *order, const uint8_t *axes, int32_t n, const double *query, double square,
    int32_t *indices, int32_t capacity);

// MARK: rays on triangles; double corners [n, 9]

/// A box of a tree and what it holds.
typedef struct cgk_node {
    double lower[3], upper[3];
    /// Of a leaf the first triangle in `order`, else the second child; the first child follows at once.
    int32_t index;
    /// Triangles of a leaf, else 0.
    int32_t count;
} cgk_node;

/// Builds a tree over n > 0 triangles; `nodes` holds 2 n. Returns the number of nodes.
int32_t cgk_mesh_build(const double *triangles, int32_t n, int32_t *order, cgk_node *nodes);

/// The nearest hit of a ray at a parameter in (minimum, maximum); returns the parameter, or infinity without a hit.
double cgk_mesh_ray(
    const double *triangles, const int32_t *order, const cgk_node *nodes, const double *origin,
    const double *direction, double minimum, double maximum, int32_t *triangle);

// MARK: float points [n, 3]

/// Farthest point sampling from index 0: each next point is the one farthest from those taken, ties to the lower index;
/// points with |p|² ≤ `minimum_square` are never taken. Pass -1 for no such rule.
void cgk_farthest_points(
    const float *points, int32_t n, int32_t sample_count, float minimum_square, int32_t *indices);

/// Cells of a uniform grid over the points.
typedef struct cgk_grid {
    float origin[3];
    float inverse_cell;
    int32_t size[3];
    /// Cell c holds `entries[starts[c]..<starts[c + 1]]`, ascending.
    int32_t *_Nullable starts;
    int32_t *_Nullable entries;
    int32_t n;
} cgk_grid;

/// Returns 0, or -1 without memory. The cell is made larger where the grid would have more than about 2²⁰ cells.
int cgk_grid_make(cgk_grid *grid, const float *points, int32_t n, float cell);
void cgk_grid_free(cgk_grid *grid);

/// For each center the first `limit` points, in storage order, with |p - c|² < radius². `counts[i]` of them are written
/// to `indices[i * limit ...]`.
/// Returns 0, or -1 without memory.
int cgk_ball_query(
    const cgk_grid *grid, const float *points, const float *centers, int32_t center_count, float radius, int32_t limit,
    int32_t *indices, int32_t *counts);

/// For each center and each height h of `heights` (ascending) the first `limit` points, in storage order, with
/// y² + z² < radius² and minimum < x < h in the center's frame, x = Rᵀ (p - c).
///
/// Writes each point once, in storage order, with a bit for each height: at most height_count · limit a center.
/// `rotations` [center_count, 9] are row-major. `local` holds 3 floats an entry. Returns 0, or -1 without memory.
int cgk_cylinder_query(
    const cgk_grid *grid, const float *points, const float *centers, const float *rotations, int32_t center_count,
    float radius, float minimum, const float *heights, int32_t height_count, int32_t limit, int32_t *indices,
    uint8_t *masks, float *local, int32_t *counts);

/// The three nearest of `known` points to each query with their distances, nearest first.
void cgk_three_nearest(
    const float *queries, int32_t query_count, const float *known, int32_t known_count, int32_t *indices,
    float *distances);

// MARK: rows of features

/// y[r, :] = (points[index[r], :] - centers[s, :]) / scale for the rows r of segment s, starts[s]..<starts[s + 1].
void cgk_gather_relative(
    const float *points, const int32_t *index, const float *centers, const int32_t *starts, int32_t segments,
    float scale, float *y);
/// y[q, c] = the features of three rows, weighted by 1 / (distance + 1e-8), normalised; y has `stride` columns.
void cgk_interpolate(
    const float *features, const int32_t *indices, const float *distances, int32_t rows, int32_t columns,
    int32_t stride, float *y);
/// The column of each row's largest value, the first of equal ones.
void cgk_row_argmax(const float *x, int32_t rows, int32_t columns, int32_t stride, int32_t *result);
/// x[r, c] = max(x[r, c] + bias[c], 0).
void cgk_bias_relu(float *x, const float *bias, int64_t rows, int32_t columns);
/// y[s, c] = max(max of x[r, c] over rows starts[s]..<starts[s + 1] + bias[c], 0).
void cgk_segment_max_bias_relu(
    const float *x, const int32_t *starts, const float *bias, int32_t segments, int32_t columns, float *y);
/// The same for several sets of rows a segment: row r belongs to set b where bit b of masks[r] is set; y [s, sets, c].
void cgk_masked_max_bias_relu(
    const float *x, const uint8_t *masks, const int32_t *starts, const float *bias, int32_t segments, int32_t sets,
    int32_t columns, float *y);
/// y[r, c] = max(a[index[r], c] - b[c], 0): a first layer that was computed for points, moved to a center.
void cgk_gather_subtract_relu(
    const float *a, const int32_t *index, const float *b, int32_t rows, int32_t columns, float *y);

// MARK: gripper frames; rotation [9] row-major, its columns the gripper's axes; double points

/// Points of the zones of a gripper, see `cgk_free_zones` and `cgk_benchmark_zones`.
typedef struct cgk_zones {
    int32_t left, right, bottom, sweep, inner;
} cgk_zones;

/// The zones of the check after inference: fingers, the bar behind them, the space swept on the approach, and between.
cgk_zones cgk_free_zones(
    const double *points, int64_t n, const double *rotation, const double *translation, double height, double width,
    double depth, double finger_width, double finger_length, double approach);

/// The zones of the benchmark: fingers of thickness `finger`, reaching `base` back from the grasp point, and the palm.
cgk_zones cgk_benchmark_zones(
    const double *points, int64_t n, const double *rotation, const double *translation, double height, double width,
    double depth, double base, double finger);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
