import Foundation
import Kinematics
import Testing

@Suite struct MeshTests {
    private let box = TriangleMesh.box(Vector3(1, 2, 3))

    private func parse(_ text: String, _ name: String) throws -> TriangleMesh {
        try TriangleMesh.parse(Data(text.utf8), name: name)
    }

    @Test func boxIsClosed() {
        #expect(box.isWatertight && box.vertices.count == 8 && box.triangles.count == 12)
        #expect(abs(box.volume - 6) < 1e-14 && abs(box.area - 22) < 1e-14)
        let mirrored = box.scaled(by: Vector3(-1, 1, 2))
        #expect(mirrored.isWatertight && abs(mirrored.volume - 12) < 1e-14)
        let open = TriangleMesh(vertices: box.vertices, triangles: Array(box.triangles.dropLast()))
        #expect(!open.isWatertight)
    }

    /// A mesh of a box has the distances of the solid box; an open one as well, by its winding number.
    @Test func distancesMatchTheSolid() {
        var generator = SeededGenerator(state: 4)
        let solid = Obstacle("box", .cuboid(Vector3(1, 2, 3)))
        let open = TriangleMesh(vertices: box.vertices, triangles: box.triangles + box.triangles.suffix(1))
        for mesh in [MeshDistance(box), MeshDistance(open)] {
            for _ in 0..<300 {
                let point = generator.vector(-2.5...2.5)
                #expect(abs(mesh.signedDistance(to: point) - solid.signedDistance(to: point)) < 1e-12)
            }
            #expect(abs(mesh.windingNumber(at: Vector3(0.1, 0.2, 0.3)) - 1) < 0.2)
        }
    }

    @Test func treeFindsWhatALoopFinds() {
        var generator = SeededGenerator(state: 9)
        let vertices = (0..<300).map { _ in generator.vector(-1...1) }
        let triangles = (0..<100 as Range<Int32>).map { SIMD3<Int32>(0, 1, 2) &+ SIMD3(repeating: 3 * $0) }
        let whole = MeshDistance(TriangleMesh(vertices: vertices, triangles: triangles))
        let single = triangles.map { MeshDistance(TriangleMesh(vertices: vertices, triangles: [$0])) }
        for _ in 0..<50 {
            let point = generator.vector(-1.5...1.5)
            let nearest = single.map { ($0.closestPoint(to: point)! - point).length }.min()!
            #expect(abs((whole.closestPoint(to: point)! - point).length - nearest) < 1e-14)
        }
        #expect(MeshDistance(TriangleMesh(vertices: [], triangles: [])).signedDistance(to: .zero) == .infinity)
    }

    @Test func formatsAreRead() throws {
        let obj = "# box\r\nv 0 0 0\r\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvt 0 0\nf 1/1 2/1 3/1 4/1\nf -4//1 -3//1 -2//1\n"
        let mesh = try parse(obj, "a.obj")
        #expect(mesh.vertices.count == 4 && mesh.triangles == [SIMD3(0, 1, 2), SIMD3(0, 2, 3), SIMD3(0, 1, 2)])
        let stl = """
            solid a
             facet normal 0 0 1
              outer loop
               vertex 0 0 0
               vertex 1 0 0
               vertex 0 1e0 0
              endloop
             endfacet
            endsolid a
            """
        #expect(try parse(stl, "a.stl").triangles.count == 1)

        // 80 bytes, a count, then 12 floats and two bytes for each
        var binary = [UInt8](repeating: 0, count: 80) + [1, 0, 0, 0]
        for value in [0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0] as [Float] {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { binary += $0 }
        }
        let read = try TriangleMesh.parse(Data(binary + [0, 0]), name: "b.stl")
        #expect(read.vertices == [.zero, Vector3(2, 0, 0), Vector3(0, 3, 0)])
    }

    @Test(arguments: [
        ("v 0 0\nf 1 2 3", "a.obj", RobotFileError.Kind.invalidValue, 1 as Int?),
        ("v 0 0 0\nf 1 2 3", "a.obj", .invalidValue, 2), ("v 0 0 0\nf 1 1", "a.obj", .malformed, 2),
        ("v 0 0 0\nf 0 0 0", "a.obj", .invalidValue, 2), ("", "a.obj", .malformed, nil),
        ("solid\nvertex 0 0 0\nendloop", "a.stl", .malformed, 3), ("solid\nvertex 0 nan 0", "a.stl", .invalidValue, 2),
        ("garbage", "a.stl", .malformed, 1), ("solid\nvertex 0 0 0", "a.stl", .malformed, 2),
    ])
    func malformedMeshesNameTheLine(text: String, name: String, kind: RobotFileError.Kind, line: Int?) {
        let error = #expect(throws: RobotFileError.self) { try parse(text, name) }
        #expect(error?.kind == kind)
        #expect(error?.line == line)
    }

    @Test func voxelFieldIsTheExactDistance() {
        let size = SIMD3(9, 7, 8)
        var occupied = [Bool](repeating: false, count: 9 * 7 * 8)
        let cells = [SIMD3(2, 3, 4), SIMD3(3, 3, 4), SIMD3(7, 1, 2)]
        for c in cells { occupied[c.x + 9 * (c.y + 7 * c.z)] = true }
        let field = VoxelField(occupied: occupied, size: size, origin: Vector3(1, 0, 0), spacing: 0.1)
        for z in 0..<8 {
            for y in 0..<7 {
                for x in 0..<9 where !cells.contains(SIMD3(x, y, z)) {
                    let nearest = cells.map { c in
                        Vector3(Double(x - c.x), Double(y - c.y), Double(z - c.z)).length
                    }.min()!
                    let point = Vector3(1 + 0.1 * Double(x), 0.1 * Double(y), 0.1 * Double(z))
                    #expect(abs(field.distanceAndGradient(at: point).distance - (0.1 * nearest - 0.05)) < 1e-12)
                }
            }
        }
        // inside, and beyond the border
        #expect(abs(field.distanceAndGradient(at: Vector3(1.2, 0.3, 0.4)).distance + 0.05) < 1e-12)
        let far = field.distanceAndGradient(at: Vector3(1.2, 0.3, 5))
        #expect(far.distance > 4 && far.gradient == Vector3(0, 0, 1))
    }
}
