// A tree of boxes over triangles, for rays.
#include <math.h>
#include <stdlib.h>

#include "CGraspKernels.h"

typedef struct builder {
    const double *triangles;
    int32_t *order;
    cgk_node *nodes;
    int32_t count;
} builder;

static double center(const builder *b, int32_t t, int axis) {
    const double *c = b->triangles + 9 * (size_t)t;
    return c[axis] + c[3 + axis] + c[6 + axis];
}

static void select_middle(const builder *b, int32_t low, int32_t high, int32_t middle, int axis) {
    int32_t *order = b->order;
    high -= 1;
    while (low < high) {
        double pivot = center(b, order[low + (high - low) / 2], axis);
        int32_t i = low, j = high;
        while (i <= j) {
            while (center(b, order[i], axis) < pivot) i++;
            while (pivot < center(b, order[j], axis)) j--;
            if (i <= j) {
                int32_t t = order[i];
                order[i++] = order[j];
                order[j--] = t;
            }
        }
        if (middle <= j) high = j;
        else if (middle >= i) low = i;
        else return;
    }
}

static void split(builder *b, int32_t low, int32_t high) {
    cgk_node *node = &b->nodes[b->count++];
    double lower[3], upper[3], first[3], last[3];
    for (int a = 0; a < 3; a++) lower[a] = first[a] = INFINITY, upper[a] = last[a] = -INFINITY;
    for (int32_t i = low; i < high; i++)
        for (int a = 0; a < 3; a++) {
            for (int k = 0; k < 3; k++) {
                double v = b->triangles[9 * (size_t)b->order[i] + 3 * k + a];
                lower[a] = fmin(lower[a], v);
                upper[a] = fmax(upper[a], v);
            }
            double m = center(b, b->order[i], a);
            first[a] = fmin(first[a], m);
            last[a] = fmax(last[a], m);
        }
    for (int a = 0; a < 3; a++) node->lower[a] = lower[a], node->upper[a] = upper[a];
    node->index = low;
    node->count = high - low;
    if (high - low <= 4) return;
    int axis = 0;
    for (int a = 1; a < 3; a++)
        if (last[a] - first[a] > last[axis] - first[axis]) axis = a;
    int32_t middle = low + (high - low) / 2;
    select_middle(b, low, high, middle, axis);
    node->count = 0;
    split(b, low, middle);
    node->index = b->count;
    split(b, middle, high);
}

int32_t cgk_mesh_build(const double *triangles, int32_t n, int32_t *order, cgk_node *nodes) {
    for (int32_t i = 0; i < n; i++) order[i] = i;
    builder b = {triangles, order, nodes, 0};
    split(&b, 0, n);
    return b.count;
}

/// Where a ray meets a triangle; source: Möller & Trumbore 1997.
static double hit(const double *t, const double *o, const double *d) {
    double e1[3], e2[3], p[3], s[3], q[3];
    for (int a = 0; a < 3; a++) e1[a] = t[3 + a] - t[a], e2[a] = t[6 + a] - t[a], s[a] = o[a] - t[a];
    p[0] = d[1] * e2[2] - d[2] * e2[1], p[1] = d[2] * e2[0] - d[0] * e2[2], p[2] = d[0] * e2[1] - d[1] * e2[0];
    double determinant = e1[0] * p[0] + e1[1] * p[1] + e1[2] * p[2];
    if (determinant == 0) return INFINITY;
    double u = (s[0] * p[0] + s[1] * p[1] + s[2] * p[2]) / determinant;
    if (!(u >= -1e-12 && u <= 1 + 1e-12)) return INFINITY;
    q[0] = s[1] * e1[2] - s[2] * e1[1], q[1] = s[2] * e1[0] - s[0] * e1[2], q[2] = s[0] * e1[1] - s[1] * e1[0];
    double v = (d[0] * q[0] + d[1] * q[1] + d[2] * q[2]) / determinant;
    if (!(v >= -1e-12 && u + v <= 1 + 1e-12)) return INFINITY;
    return (e2[0] * q[0] + e2[1] * q[1] + e2[2] * q[2]) / determinant;
}

/// Whether a ray meets a box at a parameter in minimum…maximum.
static int meets(const cgk_node *node, const double *o, const double *inverse, double minimum, double maximum) {
    for (int a = 0; a < 3; a++) {
        double t1 = (node->lower[a] - o[a]) * inverse[a], t2 = (node->upper[a] - o[a]) * inverse[a];
        // 0 · ∞ where the ray runs within a side is no limit
        minimum = fmax(minimum, fmin(t1, t2));
        maximum = fmin(maximum, fmax(t1, t2));
    }
    return minimum <= maximum * (1 + 1e-12) + 1e-12;
}

double cgk_mesh_ray(
    const double *triangles, const int32_t *order, const cgk_node *nodes, const double *origin,
    const double *direction, double minimum, double maximum, int32_t *triangle) {
    double inverse[3] = {1 / direction[0], 1 / direction[1], 1 / direction[2]}, best = INFINITY;
    int32_t stack[128], depth = 0;
    stack[depth++] = 0;
    while (depth > 0) {
        const cgk_node *node = &nodes[stack[--depth]];
        if (!meets(node, origin, inverse, minimum, fmin(maximum, best))) continue;
        if (node->count == 0) {
            stack[depth++] = node->index;
            stack[depth++] = (int32_t)(node - nodes) + 1;
            continue;
        }
        for (int32_t i = node->index; i < node->index + node->count; i++) {
            double t = hit(triangles + 9 * (size_t)order[i], origin, direction);
            if (t > minimum && t < maximum && t < best) {
                best = t;
                *triangle = order[i];
            }
        }
    }
    return best;
}
