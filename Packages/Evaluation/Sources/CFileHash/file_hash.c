#include "file_hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint32_t state[5];
    uint64_t length;
    uint8_t block[64];
} Sha1;

static uint32_t rotated(uint32_t x, int n) { return x << n | x >> (32 - n); }

static void add_block(uint32_t state[5], const uint8_t *p) {
    uint32_t w[80];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 | (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 80; i++) w[i] = rotated(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);

    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int i = 0; i < 80; i++) {
        uint32_t f, k;
        if (i < 20) {
            f = (b & c) | (~b & d);
            k = 0x5a827999;
        } else if (i < 40) {
            f = b ^ c ^ d;
            k = 0x6ed9eba1;
        } else if (i < 60) {
            f = (b & c) | (b & d) | (c & d);
            k = 0x8f1bbcdc;
        } else {
            f = b ^ c ^ d;
            k = 0xca62c1d6;
        }
        uint32_t t = rotated(a, 5) + f + e + k + w[i];
        e = d;
        d = c;
        c = rotated(b, 30);
        b = a;
        a = t;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

static void sha1_begin(Sha1 *s) {
    static const uint32_t start[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    memcpy(s->state, start, sizeof start);
    s->length = 0;
}

static void sha1_add(Sha1 *s, const uint8_t *bytes, size_t count) {
    size_t used = s->length % 64;
    s->length += count;
    if (used > 0) {
        size_t taken = count < 64 - used ? count : 64 - used;
        memcpy(s->block + used, bytes, taken);
        bytes += taken;
        count -= taken;
        if (used + taken < 64) return;
        add_block(s->state, s->block);
    }
    for (; count >= 64; bytes += 64, count -= 64) add_block(s->state, bytes);
    memcpy(s->block, bytes, count);
}

static void sha1_end(Sha1 *s, uint8_t digest[20]) {
    uint64_t bits = s->length * 8;
    uint8_t tail[72] = {0x80};
    size_t zeros = (119 - s->length % 64) % 64;
    for (int i = 0; i < 8; i++) tail[1 + zeros + i] = (uint8_t)(bits >> (56 - 8 * i));
    sha1_add(s, tail, 9 + zeros);
    for (int i = 0; i < 20; i++) digest[i] = (uint8_t)(s->state[i / 4] >> (24 - 8 * (i % 4)));
}

int file_hash_git_blob(const char *path, uint8_t digest[20]) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) return -1;
    enum { chunk = 1 << 17 };
    uint8_t *buffer = malloc(chunk);
    long size = -1;
    if (buffer != NULL && fseek(file, 0, SEEK_END) == 0) size = ftell(file);
    if (size < 0 || fseek(file, 0, SEEK_SET) != 0) {
        free(buffer);
        fclose(file);
        return -1;
    }
    Sha1 hash;
    sha1_begin(&hash);
    char header[32];
    int length = snprintf(header, sizeof header, "blob %ld", size);
    sha1_add(&hash, (const uint8_t *)header, (size_t)length + 1);
    long total = 0;
    for (size_t count; (count = fread(buffer, 1, chunk, file)) > 0;) {
        sha1_add(&hash, buffer, count);
        total += (long)count;
    }
    int failed = ferror(file) || total != size;
    free(buffer);
    fclose(file);
    if (failed) return -1;
    sha1_end(&hash, digest);
    return 0;
}
