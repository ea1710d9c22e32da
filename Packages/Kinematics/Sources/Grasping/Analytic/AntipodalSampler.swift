import Foundation
public import Kinematics

/// Grasps on a closed mesh by pairs of opposite contacts.
///
/// From a random point of the surface a ray runs into the object, within the friction cone; where it leaves, both contacts
/// are tested. Around the line between them the gripper comes from several directions.
public struct AntipodalSampler: Sendable {
    /// Largest opening of the gripper; metres.
    public var maximumWidth = 0.1
    /// Room on each side of the object; metres.
    public var clearance = 0.01
    /// Coefficient of friction up to which contacts are accepted.
    public var friction = 0.6
    /// Rays from each surface point: one along the normal, the others within the cone.
    public var rayCount = 3
    /// Directions of approach around the line between the contacts.
    public var approachCount = 16
    /// How far the finger tips go beyond the grasp point; metres.
    public var depths = [0.01, 0.02, 0.03, 0.04]
    public var gripper = BenchmarkGripper()
    /// Surface points, thinned to a voxel of 4 mm, that the gripper must not meet.
    public var collisionSampleCount = 4000

    public init() {}

    /// Free grasps in the mesh's frame, with the score 1.1 - μ, where μ is the smallest friction that holds.
    ///
    /// - Parameter pointCount: Surface points tried.
    public func grasps(
        on mesh: TriangleMesh, pointCount: Int, using generator: inout some RandomNumberGenerator
    ) -> GraspGroup {
        let surface = MeshSurface(mesh)
        let samples = surface.points(collisionSampleCount, voxelSize: 0.004, using: &generator).doubles
        var result = GraspGroup()
        for _ in 0..<pointCount {
            guard let first = surface.randomPoint(using: &generator) else { break }
            for ray in 0..<rayCount {
                let direction =
                    ray == 0 ? -first.normal : randomDirection(about: -first.normal, using: &generator)
                guard let hit = surface.firstHit(from: first.point, along: direction, in: 1e-6...1e3) else { continue }
                let second = GraspContact(point: hit.point, normal: hit.normal)
                let width = hit.distance + 2 * clearance
                let needed = ForceClosure.smallestFriction(first, second)
                // the ray leaves the object there
                guard width <= maximumWidth, needed <= friction, hit.normal.dot(direction) > 0 else { continue }
                for grasp in approaches(first.point, second.point, width: width, score: 1.1 - needed)
                where !gripper.collides(grasp, coordinates: samples) { result.append(grasp) }
            }
        }
        return result
    }

    /// Grasps around the line between two contacts, with the finger tips at its middle.
    func approaches(_ first: Vector3, _ second: Vector3, width: Double, score: Double) -> [Grasp] {
        let y = (second - first) / (second - first).length
        let helper = abs(y.z) < 0.9 ? Vector3(0, 0, 1) : Vector3(1, 0, 0)
        let u = helper.cross(y) / helper.cross(y).length
        let v = y.cross(u)
        let middle = (first + second) / 2
        return (0..<approachCount).flatMap { k -> [Grasp] in
            let angle = 2 * .pi * Double(k) / Double(approachCount)
            let x = cos(angle) * u + sin(angle) * v
            let rotation = Matrix3(columns: x, y, x.cross(y))
            return depths.map { depth in
                Grasp(
                    score: score, width: width, depth: depth, rotation: rotation, translation: middle - depth * x)
            }
        }
    }

    /// A direction within the friction cone about an axis, uniform over its cap.
    private func randomDirection(about axis: Vector3, using generator: inout some RandomNumberGenerator) -> Vector3 {
        let helper = abs(axis.x) < 0.9 ? Vector3(1, 0, 0) : Vector3(0, 1, 0)
        let u = axis.cross(helper) / axis.cross(helper).length
        let v = axis.cross(u)
        let cosine = Double.random(in: cos(atan(friction))...1, using: &generator)
        let sine = max(0, 1 - cosine * cosine).squareRoot()
        let angle = Double.random(in: 0..<2 * .pi, using: &generator)
        return cosine * axis + (sine * cos(angle)) * u + (sine * sin(angle)) * v
    }
}
