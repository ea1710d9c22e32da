// Fuzzes STL and OBJ files, and distances to the meshes that can be read.
// fixtures: robots/*/meshes/*.stl
import Foundation
import Kinematics

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds([
        ("obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1/1 2/2 4/4\nf -4//1 -1//1 -2//1\nf 2 3 4\n"),
        (
            "stl",
            "solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\n"
        ),
    ])
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMesh(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Data(UnsafeBufferPointer(start: data, count: count))
    for name in ["input.stl", "input.obj"] {
        readOrThrow {
            let mesh = try TriangleMesh.parse(bytes, name: name, limits: fuzzLimits)
            let field = MeshDistance(mesh)
            blackHole(field.signedDistance(to: Vector3(0.1, 0.2, 0.3)))
            blackHole(mesh.volume + mesh.area)
        }
    }
    return 0
}
