#if MuJoCo
    import CGLContext
    import CMuJoCo
    import Foundation
    import ImageProcessing

    /// Draws the images of a model's cameras, on its own thread with its own OpenGL context.
    ///
    /// Making one uploads meshes and textures and takes a second; one per task is enough. It may be used from any thread,
    /// also while the simulation goes on: it reads of the model only what compiling fixed.
    final class CameraRenderer: Sendable {
        /// The largest width and height.
        static let largestSize = 4096

        let profile: RenderProfile
        private let thread = RenderThread(name: "vla-render")
        private let scene: SceneBox

        /// - Parameters:
        ///   - library: nil for what `MUJOCO_GL` names, else for EGL, and OSMesa where there is no EGL.
        ///   - cullsView: Whether what cannot be seen is left out, which changes no pixel.
        /// - Throws: ``RenderingError``.
        init(
            model: MuJoCoModel, profile: RenderProfile = .faithful, library: GLLibrary? = nil, cullsView: Bool = true
        ) throws {
            self.profile = profile
            let library = try library ?? GLLibrary.fromEnvironment()
            scene = try thread.run {
                SceneBox(
                    scene: try SceneRenderer(model: model, profile: profile, library: library, cullsView: cullsView))
            }
        }

        deinit {
            // the context has to end on its thread, and before another one begins or the process ends: drivers are no
            // friends of either
            thread.end { [scene] in scene.scene = nil }
        }

        /// A camera's image of a state, rows from the bottom to the top as OpenGL and LIBERO's data have them.
        ///
        /// - Throws: ``RenderingError`` for a camera the model does not have, a size or a state that does not fit.
        func image(of state: RenderState, camera: String, width: Int, height: Int) throws -> RGBImage {
            try thread.run { [scene] in
                guard let scene = scene.scene else { preconditionFailure("CameraRenderer: used after its end") }
                return try scene.image(of: state, camera: camera, width: width, height: height)
            }
        }

        /// Where the time of an image goes.
        ///
        /// - Throws: As ``image(of:camera:width:height:)``.
        func frameTime(
            of state: RenderState, camera: String, width: Int, height: Int, roundCount: Int
        ) throws -> FrameTime {
            try thread.run { [scene] in
                guard let scene = scene.scene else { preconditionFailure("CameraRenderer: used after its end") }
                return try scene.frameTime(
                    of: state, camera: camera, width: width, height: height, roundCount: roundCount)
            }
        }

        /// The OpenGL renderer, such as `EGL, llvmpipe (LLVM 15.0.6, 256 bits), 4.5 Mesa 22.3.6`.
        var driver: String {
            get throws { try thread.run { [scene] in scene.scene?.driver ?? "" } }
        }
    }

    /// The part of a renderer that is touched on its thread only.
    private final class SceneBox: @unchecked Sendable {
        var scene: SceneRenderer?

        init(scene: SceneRenderer) { self.scene = scene }
    }

    /// Which library makes OpenGL contexts. A process stays with the first it has opened.
    enum GLLibrary: String, CaseIterable, Sendable {
        case egl, osmesa

        /// What `MUJOCO_GL` asks for; nil when it is not set.
        static func fromEnvironment() throws(RenderingError) -> GLLibrary? {
            guard let name = ProcessInfo.processInfo.environment["MUJOCO_GL"], !name.isEmpty else { return nil }
            guard let library = GLLibrary(rawValue: name.lowercased()) else { throw .unknownLibrary(name) }
            return library
        }
    }
#endif
