import Foundation

/// Where the time of a camera's image goes, in seconds: the best of several rounds, each part for itself.
public struct FrameTime: Hashable, Codable, Sendable {
    public var camera: String
    public var width: Int
    public var height: Int
    /// The name of the render profile.
    public var profile: String
    /// Poses, the list of geoms, leaving out what is not in view.
    public var scene = Double.infinity
    /// Handing geoms to the driver; a software renderer transforms the vertices meanwhile.
    public var submission = Double.infinity
    /// Waiting for the driver: filling pixels and samples.
    public var rasterization = Double.infinity
    /// Merging samples and copying the pixels.
    public var reading = Double.infinity
    /// One whole image.
    public var total = Double.infinity
    /// Processor time of one whole image, over all threads of the process.
    public var processor = Double.infinity
    /// Geoms that were drawn.
    public var geomCount = 0
    /// Triangles of the meshes among them.
    public var triangleCount = 0

    init(camera: String, width: Int, height: Int, profile: String) {
        self.camera = camera
        self.width = width
        self.height = height
        self.profile = profile
    }
}

/// Wall and processor time since it was made.
final class Stopwatch {
    private var last = Stopwatch.now(CLOCK_MONOTONIC)
    private let start = Stopwatch.now(CLOCK_PROCESS_CPUTIME_ID)

    /// Wall time since the last lap, in seconds.
    func lap() -> Double {
        let now = Self.now(CLOCK_MONOTONIC)
        defer { last = now }
        return now - last
    }

    /// Processor time of the process since the start, in seconds.
    var processorTime: Double { Self.now(CLOCK_PROCESS_CPUTIME_ID) - start }

    private static func now(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

#if MuJoCo
    extension LiberoSimulator {
        /// Measures images of the present state: both cameras of LIBERO under a profile.
        ///
        /// - Throws: ``RenderingError`` without OpenGL.
        public func frameTimes(profile: RenderProfile, imageSize: Int, roundCount: Int = 20) throws -> [FrameTime] {
            let renderer = try CameraRenderer(model: model, profile: profile)
            let state = RenderState(data)
            return try ["agentview", "robot0_eye_in_hand"].map {
                try renderer.frameTime(
                    of: state, camera: $0, width: imageSize, height: imageSize, roundCount: roundCount)
            }
        }
    }
#endif
