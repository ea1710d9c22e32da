import ArgumentParser
import Foundation
import GraspNetwork
import Grasping
import ImageProcessing
import Kinematics
import TensorCore

/// How grasps are found in a cloud.
struct GraspMethodOptions: ParsableArguments {
    enum Method: String, ExpressibleByArgument, CaseIterable { case network, cloud, topDown = "top-down" }

    @Option(
        help:
            "network (needs --weights), cloud (surface normals), or top-down. Default: network with weights, else cloud."
    )
    var method: Method?

    @Option(
        help: "Weights of GraspNet-1Billion's baseline: a released .tar or .pth, or safetensors.", completion: .file())
    var weights: String?

    @Option(help: "Grasps kept at most.")
    var count = 50

    @Option(help: "Seed of what is drawn.")
    var seed: UInt64 = 0

    func validate() throws {
        guard count > 0 else { throw ValidationError("--count is \(count); it has to be at least 1.") }
        if method == .network, weights == nil { throw ValidationError("--method network needs --weights.") }
        if let method, method != .network, weights != nil {
            throw ValidationError("--weights is for --method network, not \(method.rawValue).")
        }
    }

    var chosen: Method { method ?? (weights == nil ? .cloud : .network) }

    /// A function from a cloud in the camera's frame to grasps, the best first.
    func detector() throws -> (_ cloud: PointCloud) throws -> GraspGroup {
        var generator = PhiloxGenerator(seed: seed)
        switch chosen {
        case .network:
            var detector = GraspNetDetector(try GraspNetBaseline.load(URL(fileURLWithPath: weights ?? "")))
            detector.selection.count = count
            return { detector.detect($0, using: &generator) }
        case .cloud:
            return { [count] in CloudSampler().detect($0, count: count, using: &generator) }
        case .topDown:
            return { [count] cloud in
                guard let floor = cloud.finite.dominantPlane(using: &generator) else { return GraspGroup() }
                return GraspGroup(TopDownHeuristic().grasps(in: cloud.finite, above: floor).prefix(count))
            }
        }
    }
}

/// What is grasped: a depth image, a cloud in a camera's frame, or a mesh.
struct GraspInputOptions: ParsableArguments {
    @Option(help: "A depth image: grey PNG or .npy.", completion: .file())
    var depth: String?

    @Option(help: "The camera of the depth image: fx,fy,cx,cy in pixels.")
    var camera: NumberList?

    @Option(help: "GraspNet's meta file of the view (.mat): camera and scale.", completion: .file())
    var meta: String?

    @Option(help: "What the depth file's numbers are divided by to get metres. Default: 1000, or 1 for .npy of floats.")
    var depthScale: Double?

    @Option(help: "A grey PNG whose pixels above 0 are used.", completion: .file())
    var mask: String?

    @Option(help: "A cloud instead: PLY, or .npy of [N, 3] metres.", completion: .file())
    var cloud: String?

    @Option(help: "A closed mesh instead: STL or OBJ, in metres.", completion: .file())
    var mesh: String?

    @Flag(help: "Use depths whose median is not within 0.15…3 m.")
    var forceUnits = false

    func validate() throws {
        guard [depth, cloud, mesh].count(where: { $0 != nil }) == 1 else {
            throw ValidationError("Give one of --depth, --cloud and --mesh.")
        }
        if depth != nil, (camera == nil) == (meta == nil) {
            throw ValidationError("--depth needs one of --camera and --meta.")
        }
        if let camera, camera.values.count != 4 || camera.values[0] <= 0 || camera.values[1] <= 0 {
            throw ValidationError("--camera needs four numbers, fx,fy,cx,cy, with fx and fy above 0.")
        }
    }

    /// The cloud of a depth image or file.
    func load() throws -> PointCloud {
        if let cloud {
            let points = try PointCloud(at: URL(fileURLWithPath: cloud)).finite
            if !forceUnits { try points.checkUnits() }
            return points
        }
        let meta = try self.meta.map { try GraspNetDataset.Meta(at: URL(fileURLWithPath: $0)) }
        let image = try DepthImage(
            at: URL(fileURLWithPath: depth ?? ""), scale: depthScale ?? meta?.depthScale)
        if !forceUnits { try image.checkUnits() }
        let mask = try self.mask.map { path -> [Bool] in
            let mask = try GrayImage(at: URL(fileURLWithPath: path))
            guard mask.width == image.width, mask.height == image.height else {
                throw CommandError(
                    "\(path) has \(mask.width) × \(mask.height) pixels, the depth image \(image.width) × \(image.height)."
                )
            }
            return mask.values.map { $0 > 0 }
        }
        var pinhole = meta?.camera(width: image.width, height: image.height)
        if let v = camera?.values {
            pinhole = PinholeCamera(
                width: image.width, height: image.height, focalLength: SIMD2(v[0], v[1]),
                principalPoint: SIMD2(v[2], v[3]))
        }
        return image.pointCloud(pinhole ?? .kinect, mask: mask)
    }
}

/// A grasp as the commands print it.
struct GraspReport: Codable {
    var score: Double
    /// Metres.
    var width: Double
    var depth: Double
    var translation: [Double]
    /// Row by row.
    var rotation: [[Double]]
    /// Nil where no robot is given.
    var isReachable: Bool?

    init(_ grasp: Grasp, isReachable: Bool? = nil) {
        (score, width, depth, self.isReachable) = (grasp.score, grasp.width, grasp.depth, isReachable)
        translation = [grasp.translation.x, grasp.translation.y, grasp.translation.z]
        rotation = (0..<3).map { row in (0..<3).map { grasp.rotation[row, $0] } }
    }

    var text: String {
        let reach = isReachable.map { $0 ? "   reachable" : "   out of reach" } ?? ""
        return "score \(numbers([score], "%.3f"))   at \(numbers(translation, "%.3f")) m   width "
            + "\(numbers([1000 * width], "%.0f")) mm   depth \(numbers([1000 * depth], "%.0f")) mm\(reach)"
    }
}

/// Writes grasps, and what they are drawn in, to a folder.
func writeGrasps(_ grasps: GraspGroup, cloud: PointCloud, to folder: String) throws -> [String] {
    let url = URL(fileURLWithPath: folder, isDirectory: true)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    try grasps.write(to: url.appendingPathComponent("grasps.npy"))
    try PLYFile(grasps: grasps, cloud: cloud).write(to: url.appendingPathComponent("grasps.ply"))
    try GraspDrawing().image(of: cloud, grasps: grasps).write(to: url.appendingPathComponent("grasps.png"))
    return ["grasps.npy", "grasps.ply", "grasps.png"].map { url.appendingPathComponent($0).path }
}
