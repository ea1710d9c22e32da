// A k-d tree without nodes: the points' order, the middle of each range being its splitter.
#include "CGraspKernels.h"

#pragma STDC FP_CONTRACT OFF

enum { leaf_size = 8 };

static double coordinate(const double *points, int32_t i, int axis) { return points[3 * (size_t)i + axis]; }

/// Whether point a goes before b; by index where they are level, so that the tree does not depend on the machine.
static int before(const double *points, int32_t a, int32_t b, int axis) {
    double x = coordinate(points, a, axis), y = coordinate(points, b, axis);
    return x < y || (x == y && a < b);
}

/// Moves the element of rank `middle` to its place, smaller ones before it.
static void select_middle(const double *points, int32_t *order, int32_t low, int32_t high, int32_t middle, int axis) {
    high -= 1;
    while (low < high) {
        int32_t pivot = order[low + (high - low) / 2];
        int32_t i = low, j = high;
        while (i <= j) {
            while (before(points, order[i], pivot, axis)) i++;
            while (before(points, pivot, order[j], axis)) j--;
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

static void build(const double *points, int32_t *order, uint8_t *axes, int32_t low, int32_t high) {
    while (high - low > leaf_size) {
        double lower[3], upper[3];
        for (int a = 0; a < 3; a++) lower[a] = upper[a] = coordinate(points, order[low], a);
        for (int32_t i = low + 1; i < high; i++)
            for (int a = 0; a < 3; a++) {
                double x = coordinate(points, order[i], a);
                if (x < lower[a]) lower[a] = x;
                if (x > upper[a]) upper[a] = x;
            }
        int axis = 0;
        for (int a = 1; a < 3; a++)
            if (upper[a] - lower[a] > upper[axis] - lower[axis]) axis = a;
        int32_t middle = low + (high - low) / 2;
        select_middle(points, order, low, high, middle, axis);
        axes[middle] = (uint8_t)axis;
        build(points, order, axes, low, middle);
        low = middle + 1;
    }
}

void cgk_tree_build(const double *points, int32_t n, int32_t *order, uint8_t *axes) {
    for (int32_t i = 0; i < n; i++) {
        order[i] = i;
        axes[i] = 0;
    }
    build(points, order, axes, 0, n);
}

typedef struct search {
    const double *points;
    const int32_t *order;
    const uint8_t *axes;
    const double *query;
    int32_t k, count;
    int32_t *indices;
    double *squares;
} search;

static double square_to(const search *s, int32_t i) {
    double x = coordinate(s->points, i, 0) - s->query[0], y = coordinate(s->points, i, 1) - s->query[1],
           z = coordinate(s->points, i, 2) - s->query[2];
    return x * x + y * y + z * z;
}

static void offer(search *s, int32_t i) {
    double d = square_to(s, i);
    int32_t place = s->count;
    if (place == s->k) {
        double last = s->squares[place - 1];
        if (d > last || (d == last && i > s->indices[place - 1])) return;
        place--;
    } else {
        s->count++;
    }
    while (place > 0 && (s->squares[place - 1] > d || (s->squares[place - 1] == d && s->indices[place - 1] > i))) {
        s->squares[place] = s->squares[place - 1];
        s->indices[place] = s->indices[place - 1];
        place--;
    }
    s->squares[place] = d;
    s->indices[place] = i;
}

static void nearest(search *s, int32_t low, int32_t high) {
    if (high - low <= leaf_size) {
        for (int32_t i = low; i < high; i++) offer(s, s->order[i]);
        return;
    }
    int32_t middle = low + (high - low) / 2;
    int axis = s->axes[middle];
    double side = s->query[axis] - coordinate(s->points, s->order[middle], axis);
    if (side <= 0) nearest(s, low, middle);
    else nearest(s, middle + 1, high);
    offer(s, s->order[middle]);
    if (s->count < s->k || side * side <= s->squares[s->count - 1]) {
        if (side <= 0) nearest(s, middle + 1, high);
        else nearest(s, low, middle);
    }
}

int32_t cgk_tree_nearest(
    const double *points, const int32_t *order, const uint8_t *axes, int32_t n, const double *query, int32_t k,
    int32_t *indices, double *squares) {
    if (k <= 0 || n <= 0) return 0;
    search s = {points, order, axes, query, k, 0, indices, squares};
    nearest(&s, 0, n);
    return s.count;
}

static void within(search *s, double square, int32_t low, int32_t high) {
    if (high - low <= leaf_size) {
        for (int32_t i = low; i < high; i++)
            if (square_to(s, s->order[i]) < square) {
                if (s->count < s->k) s->indices[s->count] = s->order[i];
                s->count++;
            }
        return;
    }
    int32_t middle = low + (high - low) / 2;
    int axis = s->axes[middle];
    double side = s->query[axis] - coordinate(s->points, s->order[middle], axis);
    int near_too = side * side < square;
    if (side <= 0 || near_too) within(s, square, low, middle);
    if (square_to(s, s->order[middle]) < square) {
        if (s->count < s->k) s->indices[s->count] = s->order[middle];
        s->count++;
    }
    if (side >= 0 || near_too) within(s, square, middle + 1, high);
}

int32_t cgk_tree_within(
    const double *points, const int32_t *order, const uint8_t *axes, int32_t n, const double *query, double square,
    int32_t *indices, int32_t capacity) {
    double unused = 0;
    search s = {points, order, axes, query, capacity, 0, indices, &unused};
    if (n > 0) within(&s, square, 0, n);
    return s.count;
}
