#ifndef FILE_HASH_H
#define FILE_HASH_H

#include <stddef.h>
#include <stdint.h>

/// The name git gives a file's content: SHA-1 (RFC 3174) of "blob <size>\0" and the bytes, 20 bytes into `digest`.
///
/// Returns 0, or -1 when the file cannot be read or changes its size while it is read.
int file_hash_git_blob(const char *path, uint8_t digest[20]);

#endif
