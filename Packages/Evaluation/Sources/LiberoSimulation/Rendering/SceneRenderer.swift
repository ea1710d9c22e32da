#if MuJoCo
    import CMuJoCo
    import Foundation
    import ImageProcessing

    /// MuJoCo's renderer with its OpenGL context; made, used and ended on one thread.
    final class SceneRenderer {
        private let model: MuJoCoModel
        private let profile: RenderProfile
        private let cullsView: Bool
        private let context: GLContext
        /// The model as it is drawn: a copy of the struct that shares the arrays, except those below.
        private let view: DrawnModel
        private let data: UnsafeMutablePointer<mjData>
        private let scene: UnsafeMutablePointer<mjvScene>
        private let resources: UnsafeMutablePointer<mjrContext>
        private var option = mjvOption()
        private var drawn: RenderState?
        /// Images of `drawn`, by camera and size: shared by policy and video.
        private var images: [ImageKey: RGBImage] = [:]

        /// MuJoCo's loader of OpenGL keeps what it finds in global variables: one thread at a time.
        private static let making = NSLock()

        var driver: String { context.driver }

        /// - Throws: ``RenderingError/noOpenGL(_:)``.
        init(model: MuJoCoModel, profile: RenderProfile, library: GLLibrary?, cullsView: Bool) throws {
            context = try GLContext(library: library)
            self.model = model
            self.profile = profile
            self.cullsView = cullsView
            view = DrawnModel(model, profile: profile)
            guard let data = mj_makeData(model.pointer) else { fatalError("SceneRenderer: out of memory") }
            self.data = data

            scene = .allocate(capacity: 1)
            mjv_defaultScene(scene)
            mjv_makeScene(view.pointer, scene, 1000)
            if !profile.shadows { scene.setFlag(mjRND_SHADOW, 0) }
            if !profile.reflections { scene.setFlag(mjRND_REFLECTION, 0) }
            resources = .allocate(capacity: 1)
            mjr_defaultContext(resources)
            Self.making.withLock {
                mjr_makeContext(view.pointer, resources, Int32(mjFONTSCALE_50.rawValue))
            }
            mjr_setBuffer(Int32(mjFB_OFFSCREEN.rawValue), resources)

            mjv_defaultOption(&option)
            option.geomgroup.0 = 0  // collision shapes
        }

        deinit {
            mjr_freeContext(resources)
            mjv_freeScene(scene)
            resources.deallocate()
            scene.deallocate()
            mj_deleteData(data)
        }

        /// A camera's image of a state, the bottom row first.
        func image(of state: RenderState, camera: String, width: Int, height: Int) throws -> RGBImage {
            let cameraID = try cameraID(camera, width: width, height: height)
            try place(state)
            let key = ImageKey(camera: cameraID, width: width, height: height)
            if let image = images[key] { return image }
            look(through: cameraID, width: width, height: height)
            draw(width: width, height: height)
            let image = read(width: width, height: height)
            images[key] = image
            return image
        }

        /// Draws an image several times; each part's best time.
        func frameTime(
            of state: RenderState, camera: String, width: Int, height: Int, roundCount: Int
        ) throws -> FrameTime {
            let cameraID = try cameraID(camera, width: width, height: height)
            var best = FrameTime(camera: camera, width: width, height: height, profile: profile.name)
            // the first rounds compile shaders
            for round in -2..<roundCount {
                let stopwatch = Stopwatch()
                drawn = nil
                try place(state)
                look(through: cameraID, width: width, height: height)
                let scene = stopwatch.lap()
                draw(width: width, height: height)
                let submission = stopwatch.lap()
                mjr_finish()
                let rasterization = stopwatch.lap()
                _ = read(width: width, height: height)
                let reading = stopwatch.lap()
                guard round >= 0 else { continue }
                best.scene = min(best.scene, scene)
                best.submission = min(best.submission, submission)
                best.rasterization = min(best.rasterization, rasterization)
                best.reading = min(best.reading, reading)
                best.total = min(best.total, scene + submission + rasterization + reading)
                best.processor = min(best.processor, stopwatch.processorTime)
            }
            best.geomCount = Int(scene.pointee.ngeom)
            best.triangleCount = (0..<best.geomCount).reduce(0) { total, i in
                let geom = scene.pointee.geoms[i]
                guard geom.type == Int32(mjGEOM_MESH.rawValue), geom.dataid >= 0 else { return total }
                return total + Int(view.pointer.pointee.mesh_facenum[Int(geom.dataid) / 2])
            }
            return best
        }

        // MARK: - Parts of a frame

        private func cameraID(_ camera: String, width: Int, height: Int) throws(RenderingError) -> Int {
            let sizes = 1...CameraRenderer.largestSize
            guard sizes.contains(width) && sizes.contains(height) else {
                throw .imageSize(width: width, height: height, largest: sizes.upperBound)
            }
            guard let id = model.id(mjOBJ_CAMERA, camera) else {
                let known = (0..<Int(model.pointer.pointee.ncam)).compactMap { model.name(mjOBJ_CAMERA, $0) }
                throw .unknownCamera(camera, known: known)
            }
            return id
        }

        /// Fills the scene with what the camera can see.
        private func look(through cameraID: Int, width: Int, height: Int) {
            var cameraView = mjvCamera()
            mjv_defaultCamera(&cameraView)
            cameraView.type = Int32(mjCAMERA_FIXED.rawValue)
            cameraView.fixedcamid = Int32(cameraID)
            mjv_updateScene(view.pointer, data, &option, nil, &cameraView, Int32(mjCAT_ALL.rawValue), scene)
            if cullsView && !(profile.shadows && scene.pointee.hasShadows) {
                let frustum = scene.pointee.frustum(aspect: Float(width) / Float(height))
                ViewCulling(
                    frustum: frustum, drawsReflections: profile.reflections, boxes: view.pointer.pointee.geom_aabb
                ).cull(&scene.pointee)
            }
        }

        private func draw(width: Int, height: Int) {
            grow(width: Int32(width), height: Int32(height))
            mjr_render(mjrRect(left: 0, bottom: 0, width: Int32(width), height: Int32(height)), scene, resources)
        }

        private func read(width: Int, height: Int) -> RGBImage {
            let viewport = mjrRect(left: 0, bottom: 0, width: Int32(width), height: Int32(height))
            let pixels = [UInt8](unsafeUninitializedCapacity: 3 * width * height) { buffer, count in
                mjr_readPixels(buffer.baseAddress, nil, viewport, resources)
                count = 3 * width * height
            }
            return RGBImage(width: width, height: height, pixels: pixels)
        }

        /// Computes the poses of everything drawn, unless they are those of the last image.
        private func place(_ state: RenderState) throws {
            guard state != drawn else { return }
            images = [:]
            try view.take(state)
            data.pointee.qpos.update(from: state.qpos, count: state.qpos.count)
            mj_kinematics(view.pointer, data)
            mj_comPos(view.pointer, data)
            mj_camlight(view.pointer, data)
            drawn = state
        }

        /// Makes the off-screen buffer large enough; a small one is cleared and resolved faster.
        private func grow(width: Int32, height: Int32) {
            let (oldWidth, oldHeight) = (resources.pointee.offWidth, resources.pointee.offHeight)
            guard width > oldWidth || height > oldHeight else { return }
            mjr_resizeOffscreen(max(width, oldWidth), max(height, oldHeight), resources)
        }
    }

    private struct ImageKey: Hashable {
        var camera: Int
        var width: Int
        var height: Int
    }

    extension UnsafeMutablePointer<mjvScene> {
        /// Switches one of MuJoCo's rendering effects.
        fileprivate func setFlag(_ flag: mjtRndFlag, _ value: mjtByte) {
            withUnsafeMutableBytes(of: &pointee.flags) { $0[Int(flag.rawValue)] = value }
        }
    }
#endif
