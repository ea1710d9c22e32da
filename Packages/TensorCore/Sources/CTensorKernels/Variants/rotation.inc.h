// Rotary position embedding, first half of a head against its second.

static void rotate_half(
    const float *x, const float *cosine, const float *sine, float direction, float *y, size_t tokens, size_t heads,
    size_t size) {
    size_t half = size / 2;
    for (size_t t = 0; t < tokens; t++) {
        const float *cosines = cosine + t * half;
        const float *sines = sine + t * half;
        for (size_t h = 0; h < heads; h++) {
            const float *from = x + (t * heads + h) * size;
            float *to = y + (t * heads + h) * size;
            CTK_LOOP for (size_t i = 0; i < half; i++) {
                float first = from[i];
                float second = from[i + half];
                float s = sines[i] * direction;
                to[i] = first * cosines[i] - second * s;
                to[i + half] = second * cosines[i] + first * s;
            }
        }
    }
}
