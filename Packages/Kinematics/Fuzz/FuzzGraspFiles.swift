// Fuzzes PLY files, signed distance grids and arrays of grasps.
// modules: Grasping
import FileSupport
import Foundation
import Grasping
import Kinematics
import TensorCore

/// What a reader throws must be a described `SerializationError`.
private func readFileOrThrow(_ body: () throws -> Void) {
    do {
        try body()
    } catch let error as SerializationError {
        precondition(!error.description.isEmpty)
    } catch {
        fatalError("not a SerializationError: \(error)")
    }
}

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    let mesh = PLYFile(TriangleMesh.box(Vector3(1, 1, 1)))
    let cloud = PLYFile(vertices: [Vector3(0, 0, 1), Vector3(1, 0, 1)], colors: [SIMD3(1, 2, 3), SIMD3(4, 5, 6)])
    let text = "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nproperty float z\n"
    writeSeeds {
        [
            ("mesh.ply", mesh.data), ("cloud.ply", cloud.data),
            ("text.ply", Array((text + "end_header\n1 2 3\n").utf8)),
            ("grid.sdf", Array("2 1 2\n0 0 0\n0.5\n1\n-1\n2\n0.1\n".utf8)),
            ("grasps.npy", (try? NumPyArray.data(GraspGroup([Grasp(), Grasp(score: 1)]).array)) ?? []),
        ]
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzGraspFiles(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    readFileOrThrow {
        let file = try PLYFile(bytes: bytes, name: "input.ply")
        blackHole(file.cloud.bounds)
        blackHole(file.mesh.area)
    }
    readFileOrThrow {
        let grid = try SignedDistanceGrid(bytes: bytes, name: "input.sdf")
        blackHole(grid.distance(at: Vector3(0.1, 0.2, 0.3)))
        blackHole(grid.benchmarkScore(of: Grasp(width: 0.1)))
    }
    readFileOrThrow {
        let grasps = try GraspGroup(bytes: bytes, name: "input.npy")
        blackHole(grasps.nonMaximumSuppressed().count)
    }
    return 0
}
