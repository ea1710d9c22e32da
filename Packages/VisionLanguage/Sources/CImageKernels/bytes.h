// What both codecs share.
#pragma once
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "include/CImageKernels.h"

static inline void cik_fail(cik_failure *failure, cik_status status, size_t offset, const char *message) {
    failure->status = status;
    failure->offset = offset;
    snprintf(failure->message, sizeof failure->message, "%s", message);
}

/// False when there is no memory.
static inline bool cik_append(cik_bytes *bytes, const uint8_t *data, size_t count) {
    if (bytes->capacity - bytes->count < count) {
        size_t capacity = bytes->capacity * 2 + count + 4096;
        uint8_t *grown = realloc(bytes->data, capacity);
        if (grown == NULL) return false;
        bytes->data = grown;
        bytes->capacity = capacity;
    }
    memcpy(bytes->data + bytes->count, data, count);
    bytes->count += count;
    return true;
}
