public import Foundation

extension TriangleMesh {
    /// A closed surface around the z axis: rings of points at heights and radii, with a point at either end.
    private static func turned(
        _ profile: [(radius: Double, height: Double)], bottom: Double, top: Double, segments: Int
    )
        -> TriangleMesh
    {
        var vertices = [Vector3(0, 0, bottom)]
        for ring in profile {
            for k in 0..<segments {
                let angle = 2 * Double.pi * Double(k) / Double(segments)
                vertices.append(Vector3(ring.radius * cos(angle), ring.radius * sin(angle), ring.height))
            }
        }
        vertices.append(Vector3(0, 0, top))
        func index(_ ring: Int, _ k: Int) -> Int32 { Int32(1 + ring * segments + k % segments) }
        let last = Int32(vertices.count - 1)
        var triangles: [SIMD3<Int32>] = []
        for k in 0..<segments {
            triangles.append(SIMD3(0, index(0, k + 1), index(0, k)))
            for ring in 0..<profile.count - 1 {
                triangles.append(SIMD3(index(ring, k), index(ring, k + 1), index(ring + 1, k)))
                triangles.append(SIMD3(index(ring, k + 1), index(ring + 1, k + 1), index(ring + 1, k)))
            }
            triangles.append(SIMD3(last, index(profile.count - 1, k), index(profile.count - 1, k + 1)))
        }
        return TriangleMesh(vertices: vertices, triangles: triangles)
    }

    /// A cylinder about z, centered, with round sides of `segments` faces.
    public static func cylinder(radius: Double, height: Double, segments: Int = 32) -> TriangleMesh {
        turned(
            [(radius, -height / 2), (radius, height / 2)], bottom: -height / 2, top: height / 2, segments: segments)
    }

    /// A sphere about the origin, of `segments` meridians.
    public static func sphere(radius: Double, segments: Int = 32) -> TriangleMesh {
        let profile = (1..<segments / 2).map { k in
            let angle = Double.pi * Double(k) / Double(segments / 2)
            return (radius: radius * sin(angle), height: -radius * cos(angle))
        }
        return turned(profile, bottom: -radius, top: radius, segments: segments)
    }
}

extension RobotDescription {
    /// The collision geometry of a link as one mesh in the link's frame; nil when it has none.
    ///
    /// - Throws: ``RobotFileError`` when a mesh file is not there or damaged.
    public func collisionMesh(
        of link: String, searchPaths: [URL] = [], limits: RobotFileLimits = .default
    ) throws -> TriangleMesh? {
        var result: TriangleMesh?
        for geometry in self.link(link)?.collisions ?? [] {
            var mesh: TriangleMesh
            switch geometry.shape {
            case .box(let size): mesh = .box(size)
            case .sphere(let radius): mesh = .sphere(radius: radius)
            case .cylinder(let radius, let length): mesh = .cylinder(radius: radius, height: length)
            case .mesh(let name, let scale):
                guard let url = meshFile(name, searchPaths: searchPaths) else {
                    throw RobotFileError(
                        .cannotRead, file: file, line: self.link(link)?.line, element: "link '\(link)'",
                        "the mesh '\(name)' is not there", advice: "Give its folder as a search path.")
                }
                mesh = try TriangleMesh.read(url, limits: limits).scaled(by: scale)
            }
            mesh = mesh.moved(by: geometry.origin)
            result = result.map { $0.joined(with: mesh) } ?? mesh
        }
        return result
    }
}
