// AdamW, in PyTorch's order of operations; factors are computed in double.

static void adamw(
    float *parameter, const float *gradient, float *first_moment, float *second_moment, float gradient_scale,
    double rate, double beta1, double beta2, double epsilon, double weight_decay, double correction1,
    double correction2, size_t n) {
    float keep = (float)(1 - rate * weight_decay);
    float step = (float)(rate / correction1);
    float root = (float)(1 / __builtin_elementwise_sqrt(correction2));
    float weight1 = (float)(1 - beta1);
    float decay2 = (float)beta2;
    float weight2 = (float)(1 - beta2);
    float small = (float)epsilon;
    CTK_LOOP for (size_t i = 0; i < n; i++) {
        float g = gradient[i] * gradient_scale;
        float m = first_moment[i] + weight1 * (g - first_moment[i]);
        float v = second_moment[i] * decay2 + weight2 * g * g;
        first_moment[i] = m;
        second_moment[i] = v;
        parameter[i] = parameter[i] * keep - step * (m / (__builtin_elementwise_sqrt(v) * root + small));
    }
}
