import ArgumentParser
import FileSupport
import Foundation
import GraspNetwork
import Grasping

/// How grasps are found in a cloud.
struct GraspMethodOptions: ParsableArguments {
    @Option(
        help:
            "network (needs --weights), cloud (surface normals), or top-down. Default: network with weights, else cloud."
    )
    var method: GraspMethod?

    @Option(
        help: "Weights of GraspNet-1Billion's baseline: a released .tar or .pth, or safetensors.", completion: .file())
    var weights: String?

    @Option(help: "Maximum number of grasps.")
    var count = 50

    @Option(help: "Random seed.")
    var seed: UInt64 = 0

    func validate() throws {
        try checkOptions { options throws(SettingError) in try options.check("--count", count, in: 1...100_000) }
        if method == .network, weights == nil { throw ValidationError("--method network needs --weights.") }
        if let method, method != .network, weights != nil {
            throw ValidationError("--weights is for --method network, not \(method.rawValue).")
        }
    }

    var chosen: GraspMethod { method ?? (weights == nil ? .cloud : .network) }

    func detector() throws -> (PointCloud) throws -> GraspGroup {
        try chosen.detector(weights: weights.map { URL(fileURLWithPath: $0) }, count: count, seed: seed)
    }
}

extension GraspMethod: ExpressibleByArgument {}

/// What is grasped: a depth image, a cloud in a camera's frame, or a mesh.
struct GraspInputOptions: ParsableArguments {
    @Option(help: "A depth image: grey PNG or .npy.", completion: .file())
    var depth: String?

    @Option(help: "The camera of the depth image: fx,fy,cx,cy in pixels.")
    var camera: NumberList?

    @Option(help: "GraspNet's meta file of the view (.mat): camera and scale.", completion: .file())
    var meta: String?

    @Option(help: "Divisor that converts depth values to metres. Default: 1000, or 1 for .npy of floats.")
    var depthScale: Double?

    @Option(help: "A grey PNG; only pixels above 0 are used.", completion: .file())
    var mask: String?

    @Option(help: "A point cloud in place of a depth image: PLY, or .npy of [N, 3] metres.", completion: .file())
    var cloud: String?

    @Option(help: "A closed mesh in place of a depth image: STL or OBJ, in metres.", completion: .file())
    var mesh: String?

    @Flag(help: "Accept depths whose median is outside 0.15…3 m.")
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

    var input: GraspInput {
        var input = GraspInput(source)
        (input.depthScale, input.mask, input.forcesUnits) = (
            depthScale, mask.map { URL(fileURLWithPath: $0) }, forceUnits
        )
        return input
    }

    private var source: GraspInput.Source {
        if let mesh { return .mesh(URL(fileURLWithPath: mesh)) }
        if let cloud { return .cloud(URL(fileURLWithPath: cloud)) }
        let depth = URL(fileURLWithPath: depth ?? "")
        guard let v = camera?.values else { return .depth(depth, camera: .meta(URL(fileURLWithPath: meta ?? ""))) }
        return .depth(
            depth, camera: .pinhole(focalLength: SIMD2(v[0], v[1]), principalPoint: SIMD2(v[2], v[3])))
    }
}
