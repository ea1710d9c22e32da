// Colour arithmetic as TensorFlow, PyTorch (torchvision) and Pillow do it.
#include <math.h>
#include <string.h>

#include "include/CImageKernels.h"

static float limited(float x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

static float largest(const float *p) { return fmaxf(p[0], fmaxf(p[1], p[2])); }
static float smallest(const float *p) { return fminf(p[0], fminf(p[1], p[2])); }

typedef struct hsv {
    float hue, saturation, value;
} hsv;

/// Hue in 0…1; 0 for grey.
static hsv from_rgb(const float *p) {
    float value = largest(p), range = value - smallest(p), hue = 0;
    if (range > 0) {
        float norm = 1 / (6 * range);
        if (p[0] == value) {
            hue = norm * (p[1] - p[2]);
        } else if (p[1] == value) {
            hue = norm * (p[2] - p[0]) + 2.0f / 6;
        } else {
            hue = norm * (p[0] - p[1]) + 4.0f / 6;
        }
        if (hue < 0) hue += 1;
    }
    return (hsv){hue, value > 0 ? range / value : 0, value};
}

static void to_rgb(hsv color, float *p) {
    float turned = color.hue * 6, sector = floorf(turned), part = turned - sector, v = color.value;
    float low = v * (1 - color.saturation), falling = v * (1 - color.saturation * part);
    float rising = v * (1 - color.saturation * (1 - part));
    switch ((int)sector % 6) {
    case 0: p[0] = v, p[1] = rising, p[2] = low; break;
    case 1: p[0] = falling, p[1] = v, p[2] = low; break;
    case 2: p[0] = low, p[1] = v, p[2] = rising; break;
    case 3: p[0] = low, p[1] = falling, p[2] = v; break;
    case 4: p[0] = rising, p[1] = low, p[2] = v; break;
    default: p[0] = v, p[1] = low, p[2] = falling; break;
    }
}

static void turn_hues(float *pixels, size_t count, float turns) {
    for (size_t i = 0; i < count; i++) {
        hsv color = from_rgb(pixels + 3 * i);
        color.hue += turns;
        color.hue -= floorf(color.hue);
        if (color.hue >= 1) color.hue = 0;
        to_rgb(color, pixels + 3 * i);
    }
}

void cik_color_tensorflow(float *pixels, size_t count, cik_color_operation operation, float amount) {
    switch (operation) {
    case cik_brightness:
        for (size_t i = 0; i < 3 * count; i++) pixels[i] += amount;
        break;
    case cik_contrast: {
        double sum[3] = {0};
        for (size_t i = 0; i < count; i++) {
            for (size_t c = 0; c < 3; c++) sum[c] += (double)pixels[3 * i + c];
        }
        float mean[3];
        for (size_t c = 0; c < 3; c++) mean[c] = (float)(sum[c] / (double)count);
        for (size_t i = 0; i < count; i++) {
            for (size_t c = 0; c < 3; c++) pixels[3 * i + c] = (pixels[3 * i + c] - mean[c]) * amount + mean[c];
        }
        break;
    }
    case cik_saturation:
        for (size_t i = 0; i < count; i++) {
            hsv color = from_rgb(pixels + 3 * i);
            color.saturation = limited(color.saturation * amount);
            to_rgb(color, pixels + 3 * i);
        }
        break;
    case cik_hue: turn_hues(pixels, count, amount); break;
    }
}

void cik_limit_to_unit(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = limited(values[i]);
}

static float grey(const float *p) { return 0.2989f * p[0] + 0.587f * p[1] + 0.114f * p[2]; }

void cik_color_torch(float *pixels, size_t count, cik_color_operation operation, float amount) {
    switch (operation) {
    case cik_brightness:
        for (size_t i = 0; i < 3 * count; i++) pixels[i] = limited(pixels[i] * amount);
        break;
    case cik_contrast: {
        double sum = 0;
        for (size_t i = 0; i < count; i++) sum += (double)grey(pixels + 3 * i);
        float mean = (float)(sum / (double)count);
        for (size_t i = 0; i < 3 * count; i++) pixels[i] = limited(amount * pixels[i] + (1 - amount) * mean);
        break;
    }
    case cik_saturation:
        for (size_t i = 0; i < count; i++) {
            float other = (1 - amount) * grey(pixels + 3 * i);
            for (size_t c = 0; c < 3; c++) pixels[3 * i + c] = limited(amount * pixels[3 * i + c] + other);
        }
        break;
    case cik_hue: turn_hues(pixels, count, amount); break;
    }
}

// MARK: Pillow, in 8 bits

static uint8_t luma(const uint8_t *p) {
    return (uint8_t)((p[0] * 19595u + p[1] * 38470u + p[2] * 7471u + 0x8000u) >> 16);
}

/// base + amount · (value − base), cut to a whole number.
static uint8_t blended(uint8_t base, uint8_t value, float amount) {
    float result = (float)base + amount * (float)((int)value - (int)base);
    return (uint8_t)(result <= 0 ? 0 : result >= 255 ? 255 : result);
}

static uint8_t limited_byte(int value) { return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value); }

static void hsv_bytes_from_rgb(const uint8_t *p, uint8_t *hsv_bytes) {
    uint8_t r = p[0], g = p[1], b = p[2];
    uint8_t most = r > g ? (r > b ? r : b) : (g > b ? g : b), least = r < g ? (r < b ? r : b) : (g < b ? g : b);
    hsv_bytes[0] = hsv_bytes[1] = 0;
    hsv_bytes[2] = most;
    if (most == least) return;
    float range = (float)(most - least), saturation = range / (float)most, hue;
    float red = (float)(most - r) / range, green = (float)(most - g) / range, blue = (float)(most - b) / range;
    if (r == most) {
        hue = blue - green;
    } else if (g == most) {
        hue = (float)(2.0 + (double)red - (double)blue);
    } else {
        hue = (float)(4.0 + (double)green - (double)red);
    }
    hue = (float)fmod((double)hue / 6.0 + 1.0, 1.0);
    hsv_bytes[0] = limited_byte((int)((double)hue * 255.0));
    hsv_bytes[1] = limited_byte((int)((double)saturation * 255.0));
}

static void rgb_from_hsv_bytes(const uint8_t *hsv_bytes, uint8_t *p) {
    uint8_t v = hsv_bytes[2];
    if (hsv_bytes[1] == 0) {
        p[0] = p[1] = p[2] = v;
        return;
    }
    double turned = (double)(float)hsv_bytes[0] * 6.0 / 255.0;
    int sector = (int)floor(turned);
    float part = (float)(turned - (double)(float)sector), saturation = (float)((double)(float)hsv_bytes[1] / 255.0);
    double value = (double)v, s = (double)saturation, f = (double)part;
    uint8_t low = limited_byte((int)round(value * (1.0 - s)));
    uint8_t falling = limited_byte((int)round(value * (1.0 - (double)(saturation * part))));
    uint8_t rising = limited_byte((int)round(value * (1.0 - s * (1.0 - f))));
    switch (sector % 6) {
    case 0: p[0] = v, p[1] = rising, p[2] = low; break;
    case 1: p[0] = falling, p[1] = v, p[2] = low; break;
    case 2: p[0] = low, p[1] = v, p[2] = rising; break;
    case 3: p[0] = low, p[1] = falling, p[2] = v; break;
    case 4: p[0] = rising, p[1] = low, p[2] = v; break;
    default: p[0] = v, p[1] = low, p[2] = falling; break;
    }
}

void cik_color_pillow(uint8_t *pixels, size_t count, cik_color_operation operation, float amount) {
    switch (operation) {
    case cik_brightness:
        for (size_t i = 0; i < 3 * count; i++) pixels[i] = blended(0, pixels[i], amount);
        break;
    case cik_contrast: {
        uint64_t sum = 0;
        for (size_t i = 0; i < count; i++) sum += luma(pixels + 3 * i);
        uint8_t mean = (uint8_t)((double)sum / (double)count + 0.5);
        for (size_t i = 0; i < 3 * count; i++) pixels[i] = blended(mean, pixels[i], amount);
        break;
    }
    case cik_saturation:
        for (size_t i = 0; i < count; i++) {
            uint8_t base = luma(pixels + 3 * i);
            for (size_t c = 0; c < 3; c++) pixels[3 * i + c] = blended(base, pixels[3 * i + c], amount);
        }
        break;
    case cik_hue: {
        uint8_t shift = (uint8_t)(int)((double)amount * 255.0);
        for (size_t i = 0; i < count; i++) {
            uint8_t color[3];
            hsv_bytes_from_rgb(pixels + 3 * i, color);
            color[0] = (uint8_t)(color[0] + shift);
            rgb_from_hsv_bytes(color, pixels + 3 * i);
        }
        break;
    }
    }
}

void cik_lookup_planes(const uint8_t *pixels, size_t count, const float *table, float *planes) {
    float *red = planes, *green = planes + count, *blue = planes + 2 * count;
    for (size_t i = 0; i < count; i++) {
        red[i] = table[pixels[3 * i]];
        green[i] = table[256 + pixels[3 * i + 1]];
        blue[i] = table[512 + pixels[3 * i + 2]];
    }
}

void cik_unit_floats(const uint8_t *bytes, size_t count, float *targets) {
    for (size_t i = 0; i < count; i++) targets[i] = (float)bytes[i] / 255.0f;
}

void cik_unit_bytes(const float *values, size_t count, uint8_t *targets) {
    for (size_t i = 0; i < count; i++) {
        float value = values[i] * 255.5f;
        targets[i] = (uint8_t)(value > 0 ? value < 255 ? value : 255 : 0);
    }
}
