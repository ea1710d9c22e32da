// libhdf5: what Swift cannot import because it is a macro, and errors as text.
#pragma once
#include <errno.h>
#include <hdf5.h>
#include <linux/falloc.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <stdio.h>
#include <string.h>

// Files are opened without the library's locks: what is read is never written in place, and a lock would live on in
// every process that is started meanwhile, and fail on network file systems.
static inline hid_t chdf5_access(void) {
    hid_t list = H5Pcreate(H5P_FILE_ACCESS);
#if H5_VERSION_GE(1, 10, 7)
    H5Pset_file_locking(list, 0, 1);
#endif
    return list;
}

static inline hid_t chdf5_open(const char *path, int is_writable) {
    hid_t list = chdf5_access();
    hid_t file = H5Fopen(path, is_writable ? H5F_ACC_RDWR : H5F_ACC_RDONLY, list);
    // every call clears the messages of the one before, also this one
    hid_t messages = H5Eget_current_stack();
    H5Pclose(list);
    H5Eset_current_stack(messages);
    return file;
}

/// Fails when the file exists.
static inline hid_t chdf5_create(const char *path) {
    hid_t list = chdf5_access();
    hid_t file = H5Fcreate(path, H5F_ACC_EXCL, H5P_DEFAULT, list);
    H5Pclose(list);
    return file;
}

// Makes the disk keep room for the bytes at an offset of an open file, whose size stays. 0, or -1 and errno; a file system
// that cannot do this is no failure.
static inline int chdf5_reserve(int descriptor, int64_t offset, int64_t count) {
    while (syscall(SYS_fallocate, descriptor, FALLOC_FL_KEEP_SIZE, offset, count) != 0) {
        if (errno != EINTR) return errno == ENOSPC || errno == EDQUOT ? -1 : 0;
    }
    return 0;
}

static inline hid_t chdf5_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t chdf5_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t chdf5_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t chdf5_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t chdf5_file_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t chdf5_file_int64(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_file_float(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_file_double(void) { return H5T_IEEE_F64LE; }

/// A variable-length UTF-8 string.
static inline hid_t chdf5_string(void) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

/// A fixed-length string of `size` bytes that need no terminator.
static inline hid_t chdf5_fixed_string(size_t size) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, size);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    return type;
}

/// What kind of link it is: H5L_TYPE_HARD, _SOFT, _EXTERNAL; H5L_TYPE_ERROR when there is none.
static inline int chdf5_link_type(hid_t group, const char *name) {
    H5L_info_t info;
    if (H5Lget_info(group, name, &info, H5P_DEFAULT) < 0) return H5L_TYPE_ERROR;
    return info.type;
}

static inline void chdf5_silence(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

struct chdf5_text {
    char *buffer;
    size_t size;
};

static inline herr_t chdf5_append_error(unsigned depth, const H5E_error2_t *error, void *context) {
    struct chdf5_text *text = (struct chdf5_text *)context;
    size_t used = strlen(text->buffer);
    if (error->desc != NULL && used + 3 < text->size)
        snprintf(text->buffer + used, text->size - used, "%s%s", depth > 0 ? ": " : "", error->desc);
    return 0;
}

/// The messages of the last failed call of this thread, outermost first; cleared afterwards.
static inline void chdf5_error_text(char *buffer, size_t size) {
    struct chdf5_text text = {buffer, size};
    buffer[0] = 0;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, chdf5_append_error, &text);
    H5Eclear2(H5E_DEFAULT);
}
