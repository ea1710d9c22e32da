// Vectors of a fixed number of lanes: a reduction adds in the same order, whatever the register width.
#define CTK_LANES 16
typedef float lanes __attribute__((ext_vector_type(CTK_LANES)));
typedef float lanes_in_memory __attribute__((ext_vector_type(CTK_LANES), aligned(4), may_alias));
typedef int32_t lane_flags __attribute__((ext_vector_type(CTK_LANES)));
typedef double double_lanes __attribute__((ext_vector_type(CTK_LANES)));

#define CTK_LOAD(address) (*(const lanes_in_memory *)(address))
#define CTK_WIDEN(vector) __builtin_convertvector((vector), double_lanes)

// Sum of CTK_LANES numbers, halves first.
CTK_INLINE double sum_of_lanes(double *lane) {
    for (size_t half = CTK_LANES / 2; half > 0; half /= 2) {
        for (size_t j = 0; j < half; j++) lane[j] += lane[j + half];
    }
    return lane[0];
}

// Σ x in double.
CTK_INLINE double row_sum(const float *x, size_t n) {
    double_lanes total = 0;
    size_t i = 0;
    for (; i + CTK_LANES <= n; i += CTK_LANES) total += CTK_WIDEN(CTK_LOAD(x + i));
    double lane[CTK_LANES];
    memcpy(lane, &total, sizeof lane);
    for (size_t j = 0; i + j < n; j++) lane[j] += (double)x[i + j];
    return sum_of_lanes(lane);
}

// Σ a b in double, where the products are exact.
CTK_INLINE double row_dot(const float *a, const float *b, size_t n) {
    double_lanes total = 0;
    size_t i = 0;
    for (; i + CTK_LANES <= n; i += CTK_LANES) total += CTK_WIDEN(CTK_LOAD(a + i)) * CTK_WIDEN(CTK_LOAD(b + i));
    double lane[CTK_LANES];
    memcpy(lane, &total, sizeof lane);
    for (size_t j = 0; i + j < n; j++) lane[j] += (double)a[i + j] * (double)b[i + j];
    return sum_of_lanes(lane);
}

// Σ (x − center)² in double.
CTK_INLINE double row_squared_deviation(const float *x, double center, size_t n) {
    double_lanes total = 0;
    size_t i = 0;
    for (; i + CTK_LANES <= n; i += CTK_LANES) {
        double_lanes deviation = CTK_WIDEN(CTK_LOAD(x + i)) - center;
        total += deviation * deviation;
    }
    double lane[CTK_LANES];
    memcpy(lane, &total, sizeof lane);
    for (size_t j = 0; i + j < n; j++) lane[j] += ((double)x[i + j] - center) * ((double)x[i + j] - center);
    return sum_of_lanes(lane);
}

// Largest of the numbers in x, NaN left out; −∞ when there is none.
CTK_INLINE float row_maximum(const float *x, size_t n) {
    lanes most = -INFINITY;
    size_t i = 0;
    for (; i + CTK_LANES <= n; i += CTK_LANES) {
        lanes v = CTK_LOAD(x + i);
        most = v > most ? v : most;
    }
    float lane[CTK_LANES];
    memcpy(lane, &most, sizeof lane);
    for (size_t j = 0; i + j < n; j++) lane[j] = x[i + j] > lane[j] ? x[i + j] : lane[j];
    for (size_t half = CTK_LANES / 2; half > 0; half /= 2) {
        for (size_t j = 0; j < half; j++) lane[j] = lane[j] > lane[j + half] ? lane[j] : lane[j + half];
    }
    return lane[0];
}

CTK_INLINE bool row_has_nan(const float *x, size_t n) {
    int32_t found = 0;
    for (size_t i = 0; i < n; i++) found |= x[i] != x[i];
    return found != 0;
}
