import FileSupport
import Foundation
import Grasping
import Kinematics
import Testing

@Suite struct PLYFileTests {
    private static let text = """
        ply
        format ascii 1.0
        comment a square
        element vertex 4
        property float x
        property float y
        property float z
        property uchar red
        property uchar green
        property uchar blue
        property float quality
        element face 1
        property list uchar int vertex_indices
        end_header
        0 0 0 255 0 0 0.5
        1 0 0 0 255 0 0.5
        1 1 0 0 0 255 0.5
        0 1 0 9 9 9 0.5
        4 0 1 2 3

        """

    @Test func textIsRead() throws {
        let file = try PLYFile(bytes: Array(Self.text.utf8), name: "square.ply")
        #expect(file.vertices[2] == Vector3(1, 1, 0))
        #expect(file.colors[1] == SIMD3(0, 255, 0))
        #expect(file.triangles == [SIMD3(0, 1, 2), SIMD3(0, 2, 3)])
    }

    @Test func binaryRoundTrips() throws {
        let mesh = PLYFile(TriangleMesh.box(Vector3(1, 2, 4)))
        let again = try PLYFile(bytes: mesh.data, name: "box.ply")
        #expect(again.vertices == mesh.vertices && again.triangles == mesh.triangles)
        let cloud = PLYFile(vertices: [Vector3(1, 2, 3)], colors: [SIMD3(1, 2, 3)])
        #expect(try PLYFile(bytes: cloud.data, name: "cloud.ply").colors == [SIMD3(1, 2, 3)])
    }

    @Test(arguments: [
        "plx\n", "ply\nformat ascii 1.0\nelement vertex 4\n",
        "ply\nformat ascii 1.0\nelement vertex 999999999\nproperty float x\nend_header\n",
        "ply\nformat binary_big_endian 1.0\nend_header\n",
        "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nend_header\n0\n",
        "ply\nformat ascii 1.0\nelement vertex 1\nend_header\n0\n",
        "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nproperty float z\nend_header\n0 0",
        "ply\nformat ascii 1.0\nelement face 1\nproperty list char int vertex_indices\nend_header\n3 0 1 2\n",
    ])
    func damagedFilesAreRefused(text: String) {
        #expect(throws: SerializationError.self) { try PLYFile(bytes: Array(text.utf8), name: "damaged.ply") }
    }

    @Test func everyTruncationIsRefused() {
        let whole = PLYFile(TriangleMesh.box(Vector3(1, 1, 1))).data
        for count in stride(from: 0, to: whole.count, by: 7) {
            #expect(throws: SerializationError.self) { try PLYFile(bytes: Array(whole.prefix(count)), name: "cut.ply") }
        }
    }
}
