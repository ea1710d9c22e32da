// libhdf5: what Swift cannot import because it is a macro, and errors as text.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <linux/falloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
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

/// The path or name that a soft link holds, at most `size` - 1 bytes of it; false when it cannot be read.
static inline int chdf5_soft_target(hid_t group, const char *name, char *buffer, size_t size) {
    H5L_info_t info;
    if (H5Lget_info(group, name, &info, H5P_DEFAULT) < 0 || info.type != H5L_TYPE_SOFT) return 0;
    if (info.u.val_size == 0 || info.u.val_size > size) return 0;
    if (H5Lget_val(group, name, buffer, size, H5P_DEFAULT) < 0) return 0;
    buffer[size - 1] = 0;
    return 1;
}

static inline void chdf5_silence(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

/// No call of this process follows a link to another file from now on.
static inline void chdf5_forget_external_links(void) {
    if (H5Lis_registered(H5L_TYPE_EXTERNAL) > 0) H5Lunregister(H5L_TYPE_EXTERNAL);
}

/// Objects are created without the times of their creation, so that equal content makes equal files.
static inline hid_t chdf5_timeless(int is_group) {
    hid_t list = H5Pcreate(is_group ? H5P_GROUP_CREATE : H5P_DATASET_CREATE);
    H5Pset_obj_track_times(list, 0);
    return list;
}

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

// MARK: Trial in a child process
//
// libhdf5 does not defend itself against every damaged structure. A copy of this process walks the file first: what
// crashes it, or keeps it busy without end, ends the copy alone.

struct chdf5_trial {
    size_t object_count, object_limit;
};

/// Reads what can be read of one attribute.
static inline herr_t chdf5_try_attribute(hid_t object, const char *name, const H5A_info_t *info, void *context) {
    (void)info;
    (void)context;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0) return 0;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    hssize_t count = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
    size_t size = type < 0 ? 0 : H5Tget_size(type);
    if (count > 0 && size > 0 && count <= (1 << 20) && size <= (1 << 24) && (size_t)count <= ((size_t)1 << 24) / size) {
        void *buffer = calloc((size_t)count, size);
        if (buffer != NULL && H5Aread(attribute, type, buffer) >= 0) H5Dvlen_reclaim(type, space, H5P_DEFAULT, buffer);
        free(buffer);
    }
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    H5Aclose(attribute);
    return 0;
}

/// Reads the first and last element of a dataset, and lists of strings, after its chunks were counted.
static inline void chdf5_try_dataset(hid_t dataset) {
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset), list = H5Dget_create_plist(dataset);
    if (type >= 0 && space >= 0 && list >= 0 && H5Pget_external_count(list) <= 0 &&
        H5Pget_layout(list) != H5D_VIRTUAL) {
        for (int i = 0, count = H5Pget_nfilters(list); i < count && i < 32; i++) {
            unsigned flags = 0;
            size_t values = 0;
            char name[256];
            H5Pget_filter2(list, (unsigned)i, &flags, &values, NULL, sizeof name, name, NULL);
        }
        H5Dget_storage_size(dataset);
        H5Dget_offset(dataset);
        hsize_t sizes[H5S_MAX_RANK] = {0}, start[H5S_MAX_RANK], one[H5S_MAX_RANK], chunk[H5S_MAX_RANK];
        int rank = H5Sget_simple_extent_dims(space, sizes, NULL);
        hssize_t count = H5Sget_simple_extent_npoints(space);
        size_t size = H5Tget_size(type);
        // a chunk is expanded whole for one element of it
        double chunk_size = (double)size;
        if (H5Pget_layout(list) == H5D_CHUNKED && H5Pget_chunk(list, H5S_MAX_RANK, chunk) == rank)
            for (int i = 0; i < rank; i++) chunk_size *= (double)chunk[i];
        if (count > 0 && size > 0 && size <= ((size_t)1 << 24) && chunk_size <= (double)(1 << 28)) {
            int is_list = H5Tget_class(type) == H5T_STRING && (size_t)count <= ((size_t)1 << 24) / size;
            void *buffer = calloc(is_list ? (size_t)count : 1, size);
            hid_t memory = H5Screate(H5S_SCALAR);
            if (buffer != NULL && is_list) {
                if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer) >= 0)
                    H5Dvlen_reclaim(type, space, H5P_DEFAULT, buffer);
            } else if (buffer != NULL) {
                for (int last = 0; last < 2; last++) {
                    for (int i = 0; i < rank; i++) {
                        start[i] = last ? sizes[i] - 1 : 0;
                        one[i] = 1;
                    }
                    if (rank > 0) H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, one, NULL);
                    if (H5Dread(dataset, type, memory, space, H5P_DEFAULT, buffer) >= 0)
                        H5Dvlen_reclaim(type, memory, H5P_DEFAULT, buffer);
                    memset(buffer, 0, size);
                }
            }
            H5Sclose(memory);
            free(buffer);
        }
    }
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    if (list >= 0) H5Pclose(list);
}

#if H5_VERSION_GE(1, 12, 0)
#define CHDF5_VISIT(file, callback, context) \
    H5Ovisit3(file, H5_INDEX_NAME, H5_ITER_NATIVE, callback, context, H5O_INFO_BASIC)
typedef H5O_info2_t chdf5_object_info;
#else
#define CHDF5_VISIT(file, callback, context) H5Ovisit1(file, H5_INDEX_NAME, H5_ITER_NATIVE, callback, context)
typedef H5O_info_t chdf5_object_info;
#endif

/// Called for each object once, however many paths lead to it.
static inline herr_t chdf5_try_object(hid_t root, const char *name, const chdf5_object_info *info, void *context) {
    struct chdf5_trial *trial = (struct chdf5_trial *)context;
    if (++trial->object_count > trial->object_limit) return 1;
    hid_t object = H5Oopen(root, name, H5P_DEFAULT);
    if (object < 0) return 0;
    hsize_t index = 0;
    H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, &index, chdf5_try_attribute, NULL);
    if (info->type == H5O_TYPE_DATASET) chdf5_try_dataset(object);
    H5Oclose(object);
    return 0;
}

/// Walks a file in a child process. 0 when it came to an end; the signal that ended it; -1 when there was no child.
///
/// Call it with no other thread inside libhdf5.
static inline int chdf5_try_file(const char *path, size_t object_limit, int seconds) {
    pid_t child = fork();
    if (child < 0) return -1;
    if (child == 0) {
        // locks and sockets of this process are not the child's to keep
        syscall(SYS_close_range, 3u, ~0u, 0u);
        static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP, SIGALRM, SIGXCPU};
        for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], SIG_DFL);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        int sink = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (sink >= 0) {
            dup2(sink, STDOUT_FILENO);
            dup2(sink, STDERR_FILENO);
        }
        // what the process has, and 4 GiB
        unsigned long pages = 0;
        FILE *size = fopen("/proc/self/statm", "r");
        if (size != NULL && fscanf(size, "%lu", &pages) == 1) {
            rlim_t limit = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + ((rlim_t)4 << 30);
            struct rlimit memory = {limit, limit};
            setrlimit(RLIMIT_AS, &memory);
        }
        alarm((unsigned)seconds);
        hid_t file = chdf5_open(path, 0);
        if (file >= 0) {
            struct chdf5_trial trial = {0, object_limit};
            CHDF5_VISIT(file, chdf5_try_object, &trial);
            H5Fclose(file);
        }
        _exit(0);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return -1;
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}
