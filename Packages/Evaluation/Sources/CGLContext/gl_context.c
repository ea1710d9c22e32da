#define _GNU_SOURCE
#include "gl_context.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// MARK: - The parts of EGL and OSMesa that are used
// Their headers are not needed to build; the values are those of the Khronos registry and of GL/osmesa.h.

typedef void *handle;
typedef unsigned int egl_boolean;

enum {
    egl_alpha_size = 0x3021, egl_blue_size = 0x3022, egl_green_size = 0x3023, egl_red_size = 0x3024,
    egl_depth_size = 0x3025, egl_stencil_size = 0x3026, egl_surface_type = 0x3033, egl_none = 0x3038,
    egl_renderable_type = 0x3040, egl_pbuffer_bit = 0x0001, egl_opengl_bit = 0x0008, egl_opengl_api = 0x30A2,
    egl_extensions = 0x3055, egl_platform_device = 0x313F, egl_platform_surfaceless = 0x31DD,
    gl_renderer_name = 0x1F01, gl_version_name = 0x1F02, gl_unsigned_byte = 0x1401, gl_rgba = 0x1908,
};

static struct {
    handle (*GetProcAddress)(const char *);
    handle (*GetDisplay)(handle);
    egl_boolean (*Initialize)(handle, int *, int *);
    egl_boolean (*Terminate)(handle);
    const char *(*QueryString)(handle, int);
    int (*GetError)(void);
    egl_boolean (*ChooseConfig)(handle, const int *, handle *, int, int *);
    egl_boolean (*BindAPI)(unsigned int);
    handle (*CreateContext)(handle, handle, handle, const int *);
    egl_boolean (*DestroyContext)(handle, handle);
    egl_boolean (*MakeCurrent)(handle, handle, handle, handle);
    egl_boolean (*ReleaseThread)(void);
    // extensions, NULL where missing
    handle (*GetPlatformDisplay)(unsigned int, handle, const int *);
    egl_boolean (*QueryDevices)(int, handle *, int *);
} egl;

static struct {
    handle (*CreateContextExt)(unsigned int, int, int, int, handle);
    void (*DestroyContext)(handle);
    unsigned char (*MakeCurrent)(handle, void *, unsigned int, int, int);
    handle (*GetProcAddress)(const char *);
} osmesa;

// MARK: - The one library of the process

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static gl_library opened = GL_LIBRARY_ANY;
static handle display, config;

struct gl_context {
    handle context;
    unsigned char buffer[64 * 64 * 4];  // OSMesa draws somewhere; MuJoCo draws into its own framebuffers
    char renderer[128], version[128];
};

static void append(char *message, size_t size, const char *format, ...) {
    size_t used = strlen(message);
    if (used + 1 >= size) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message + used, size - used, format, arguments);
    va_end(arguments);
}

static handle open_any(const char *const *names, int flags) {
    for (; *names; names++) {
        handle library = dlopen(*names, flags);
        if (library) return library;
    }
    return NULL;
}

#define LOAD(table, prefix, name) \
    if (!(*(handle *)&table.name = dlsym(library, #prefix #name))) missing = #prefix #name

// Finds a display whose driver has OpenGL without a window: the devices in their order, else Mesa's surfaceless platform.
static int open_display(void) {
    const int attributes[] = {
        egl_red_size, 8, egl_green_size, 8, egl_blue_size, 8, egl_alpha_size, 8, egl_depth_size, 24,
        egl_stencil_size, 8, egl_surface_type, egl_pbuffer_bit, egl_renderable_type, egl_opengl_bit, egl_none,
    };
    handle candidates[18] = {0};
    int count = 0;
    const char *wanted = getenv("MUJOCO_EGL_DEVICE_ID");
    if (egl.GetPlatformDisplay && egl.QueryDevices) {
        handle devices[16];
        int device_count = 0;
        if (!egl.QueryDevices(16, devices, &device_count)) device_count = 0;
        for (int i = 0; i < device_count; i++) {
            if (wanted && *wanted && atoi(wanted) != i) continue;
            candidates[count++] = egl.GetPlatformDisplay(egl_platform_device, devices[i], NULL);
        }
    }
    if (!(wanted && *wanted)) {
        if (egl.GetPlatformDisplay) candidates[count++] = egl.GetPlatformDisplay(egl_platform_surfaceless, NULL, NULL);
        candidates[count++] = egl.GetDisplay(NULL);
    }
    for (int i = 0; i < count; i++) {
        int major, minor, found = 0;
        if (!candidates[i] || !egl.Initialize(candidates[i], &major, &minor)) continue;
        if (egl.ChooseConfig(candidates[i], attributes, &config, 1, &found) && found == 1 && egl.BindAPI(egl_opengl_api)) {
            display = candidates[i];
            return 1;
        }
        egl.Terminate(candidates[i]);
    }
    return 0;
}

static int open_egl(char *message, size_t size) {
    // local first: a library that cannot be used stays invisible to MuJoCo
    static const char *const names[] = {"libEGL.so.1", "libEGL.so", NULL};
    handle library = open_any(names, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        append(message, size, "EGL: libEGL.so.1 is not installed. ");
        return 0;
    }
    const char *missing = NULL;
    LOAD(egl, egl, GetProcAddress);
    LOAD(egl, egl, GetDisplay);
    LOAD(egl, egl, Initialize);
    LOAD(egl, egl, Terminate);
    LOAD(egl, egl, QueryString);
    LOAD(egl, egl, GetError);
    LOAD(egl, egl, ChooseConfig);
    LOAD(egl, egl, BindAPI);
    LOAD(egl, egl, CreateContext);
    LOAD(egl, egl, DestroyContext);
    LOAD(egl, egl, MakeCurrent);
    LOAD(egl, egl, ReleaseThread);
    if (missing) {
        append(message, size, "EGL: the library has no %s. ", missing);
        dlclose(library);
        return 0;
    }
    *(handle *)&egl.GetPlatformDisplay = egl.GetProcAddress("eglGetPlatformDisplayEXT");
    const char *extensions = egl.QueryString(NULL, egl_extensions);
    int has_devices = extensions && (strstr(extensions, "EGL_EXT_device_enumeration")
        || strstr(extensions, "EGL_EXT_device_base")) && strstr(extensions, "EGL_EXT_platform_device");
    *(handle *)&egl.QueryDevices = has_devices ? egl.GetProcAddress("eglQueryDevicesEXT") : NULL;
    if (!open_display()) {
        append(message, size, "EGL: no driver offers OpenGL without a window (error 0x%x). ", egl.GetError());
        dlclose(library);
        return 0;
    }
    open_any(names, RTLD_NOW | RTLD_GLOBAL);
    return 1;
}

static int open_osmesa(char *message, size_t size) {
    static const char *const names[] = {"libOSMesa.so.8", "libOSMesa.so.6", "libOSMesa.so", NULL};
    handle library = open_any(names, RTLD_NOW | RTLD_GLOBAL);
    if (!library) {
        append(message, size, "OSMesa: libOSMesa.so.8 is not installed. ");
        return 0;
    }
    const char *missing = NULL;
    LOAD(osmesa, OSMesa, CreateContextExt);
    LOAD(osmesa, OSMesa, DestroyContext);
    LOAD(osmesa, OSMesa, MakeCurrent);
    LOAD(osmesa, OSMesa, GetProcAddress);
    if (missing) {
        append(message, size, "OSMesa: the library has no %s. ", missing);
        return 0;
    }
    return 1;
}

static const char *library_name(gl_library library) {
    return library == GL_LIBRARY_EGL ? "EGL" : library == GL_LIBRARY_OSMESA ? "OSMesa" : "any";
}

// Opens the library once; later callers have to want the same one.
static int open_library(gl_library wanted, char *message, size_t size) {
    if (opened != GL_LIBRARY_ANY) {
        if (wanted == GL_LIBRARY_ANY || wanted == opened) return 1;
        append(message, size, "this process already draws with %s and cannot use %s too; choose one of them. ",
               library_name(opened), library_name(wanted));
        return 0;
    }
    if (wanted != GL_LIBRARY_OSMESA && open_egl(message, size)) opened = GL_LIBRARY_EGL;
    else if (wanted != GL_LIBRARY_EGL && open_osmesa(message, size)) opened = GL_LIBRARY_OSMESA;
    if (opened != GL_LIBRARY_ANY) return 1;
    append(message, size, "Install Mesa: 'apt-get install libegl1 libegl-mesa0 libgl1-mesa-dri' for EGL or "
                          "'apt-get install libosmesa6' for OSMesa.");
    return 0;
}

// MARK: - Contexts

static int make_current(gl_context *context) {
    if (opened == GL_LIBRARY_OSMESA)
        return osmesa.MakeCurrent(context->context, context->buffer, gl_unsigned_byte, 64, 64);
    return egl.MakeCurrent(display, NULL, NULL, context->context);
}

static void copy_gl_string(unsigned int name, char *text, size_t size) {
    handle procedure = opened == GL_LIBRARY_OSMESA ? osmesa.GetProcAddress("glGetString") : egl.GetProcAddress("glGetString");
    const unsigned char *found = NULL;
    if (procedure) found = ((const unsigned char *(*)(unsigned int))procedure)(name);
    snprintf(text, size, "%s", found ? (const char *)found : "unknown");
}

gl_context *gl_context_create(gl_library library, char *message, size_t message_size) {
    if (message_size) message[0] = 0;
    pthread_mutex_lock(&lock);
    int is_open = open_library(library, message, message_size);
    pthread_mutex_unlock(&lock);
    if (!is_open) return NULL;

    gl_context *context = calloc(1, sizeof *context);
    if (!context) {
        append(message, message_size, "out of memory");
        return NULL;
    }
    if (opened == GL_LIBRARY_OSMESA) {
        context->context = osmesa.CreateContextExt(gl_rgba, 24, 8, 0, NULL);
    } else {
        egl.BindAPI(egl_opengl_api);
        context->context = egl.CreateContext(display, config, NULL, NULL);
    }
    if (!context->context || !make_current(context)) {
        append(message, message_size, "%s makes no OpenGL context%s", library_name(opened),
               opened == GL_LIBRARY_EGL ? "; check the graphics driver, or try OSMesa (MUJOCO_GL=osmesa)" : "");
        if (context->context) gl_context_destroy(context);
        else free(context);
        return NULL;
    }
    copy_gl_string(gl_renderer_name, context->renderer, sizeof context->renderer);
    copy_gl_string(gl_version_name, context->version, sizeof context->version);
    return context;
}

void gl_context_destroy(gl_context *context) {
    if (!context) return;
    if (opened == GL_LIBRARY_OSMESA) {
        osmesa.MakeCurrent(NULL, NULL, 0, 0, 0);
        osmesa.DestroyContext(context->context);
    } else {
        egl.MakeCurrent(display, NULL, NULL, NULL);
        egl.DestroyContext(display, context->context);
        egl.ReleaseThread();
    }
    free(context);
}

gl_library gl_context_library(const gl_context *context) { return context ? opened : GL_LIBRARY_ANY; }
const char *gl_context_renderer(const gl_context *context) { return context->renderer; }
const char *gl_context_version(const gl_context *context) { return context->version; }
