// Off-screen OpenGL contexts, opened at run time: no GL library is linked.
//
// MuJoCo looks for its loader in the whole process, EGL first and then OSMesa. With both there it can pick the wrong one,
// so a process opens exactly one of them, the first that works, and stays with it.
#pragma once
#include <stddef.h>

typedef enum {
    GL_LIBRARY_ANY = 0,     // EGL, else OSMesa
    GL_LIBRARY_EGL = 1,     // a GPU, else Mesa's software renderer; no window system
    GL_LIBRARY_OSMESA = 2,  // Mesa's software renderer
} gl_library;

typedef struct gl_context gl_context;

// Makes a context and makes it current on the calling thread; the context is used on this thread only, and destroyed on it.
// On failure returns NULL and writes what failed and what to install, zero-terminated, into `message`.
gl_context *gl_context_create(gl_library library, char *message, size_t message_size);

// Releases the context from the calling thread and destroys it.
void gl_context_destroy(gl_context *context);

// The library in use: GL_LIBRARY_EGL or GL_LIBRARY_OSMESA.
gl_library gl_context_library(const gl_context *context);

// The renderer's and the version's names, as glGetString says them; never NULL.
const char *gl_context_renderer(const gl_context *context);
const char *gl_context_version(const gl_context *context);
