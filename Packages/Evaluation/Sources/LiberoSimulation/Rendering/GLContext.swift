#if MuJoCo
    import CGLContext

    /// An OpenGL context without a window, current on the thread that made it until it ends there.
    final class GLContext {
        private let context: OpaquePointer
        /// The library, the renderer and the version.
        let driver: String

        /// - Throws: ``RenderingError/noOpenGL(_:)``.
        init(library: GLLibrary?) throws(RenderingError) {
            let wanted =
                switch library {
                case nil: GL_LIBRARY_ANY
                case .egl: GL_LIBRARY_EGL
                case .osmesa: GL_LIBRARY_OSMESA
                }
            var message = [CChar](repeating: 0, count: 1024)
            guard let context = gl_context_create(wanted, &message, message.count) else {
                let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                throw .noOpenGL(String(decoding: text, as: UTF8.self))
            }
            self.context = context
            let name = gl_context_library(context) == GL_LIBRARY_OSMESA ? "OSMesa" : "EGL"
            let renderer = String(cString: gl_context_renderer(context))
            driver = "\(name), \(renderer), \(String(cString: gl_context_version(context)))"
        }

        deinit { gl_context_destroy(context) }
    }
#endif
