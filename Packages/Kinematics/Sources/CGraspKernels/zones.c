// Points in the zones of a gripper.
#include "CGraspKernels.h"

#pragma STDC FP_CONTRACT OFF

/// The coordinates of a point in the gripper's frame, Rᵀ (p - t).
#define LOCAL(name, column)                                                                                            \
    double name = dx * rotation[column] + dy * rotation[3 + column] + dz * rotation[6 + column]

cgk_zones cgk_free_zones(
    const double *points, int64_t n, const double *rotation, const double *translation, double height, double width,
    double depth, double finger_width, double finger_length, double approach) {
    cgk_zones zones = {0};
    double half = height / 2, inside = width / 2, outside = width / 2 + finger_width;
    double back = depth - finger_length, bar = depth - finger_length - finger_width, sweep = bar - approach;
    for (int64_t i = 0; i < n; i++) {
        double dx = points[3 * i] - translation[0], dy = points[3 * i + 1] - translation[1],
               dz = points[3 * i + 2] - translation[2];
        LOCAL(z, 2);
        if (!(z > -half && z < half)) continue;
        LOCAL(x, 0);
        if (!(x > sweep && x < depth)) continue;
        LOCAL(y, 1);
        if (!(y > -outside && y < outside)) continue;
        if (x > back) {
            if (y < -inside) zones.left++;
            else if (y > inside) zones.right++;
            else zones.inner++;
        } else if (x > bar) {
            zones.bottom++;
        } else {
            zones.sweep++;
        }
    }
    return zones;
}

cgk_zones cgk_benchmark_zones(
    const double *points, int64_t n, const double *rotation, const double *translation, double height, double width,
    double depth, double base, double finger) {
    cgk_zones zones = {0};
    double half = height / 2, inside = width / 2, outside = width / 2 + finger;
    for (int64_t i = 0; i < n; i++) {
        double dx = points[3 * i] - translation[0], dy = points[3 * i + 1] - translation[1],
               dz = points[3 * i + 2] - translation[2];
        LOCAL(z, 2);
        if (!(z > -half && z < half)) continue;
        LOCAL(x, 0);
        LOCAL(y, 1);
        if (x > -base && x < depth) {
            if (y < -inside) zones.left += y > -outside;
            else if (y > inside) zones.right += y < outside;
            else zones.inner++;
        } else if (x > -(base + finger) && x < -base) {
            zones.bottom += y > -outside && y < outside;
        }
    }
    return zones;
}
