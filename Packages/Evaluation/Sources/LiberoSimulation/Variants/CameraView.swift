import Foundation
public import LiberoTasks

/// Where a camera is and how it is turned, in world coordinates.
public struct CameraPose: Equatable, Sendable {
    /// In metres.
    public var position: SIMD3<Double>
    /// w, x, y, z; need not be of length 1, MuJoCo normalizes it.
    public var quaternion: SIMD4<Double>

    public init(position: SIMD3<Double>, quaternion: SIMD4<Double>) {
        (self.position, self.quaternion) = (position, quaternion)
    }
}

extension CameraPose {
    /// The pose of `agentview` in a task of LIBERO-Plus.
    ///
    /// Turns and distances are applied one after the other, each rounded to four decimals. The turn about the vertical axis
    /// always runs: the unperturbed view is rounded as well, and a matched clean arm has to use it.
    ///
    /// - Parameter problem: The class of scene, such as `libero_kitchen_tabletop_manipulation`.
    /// - Throws: ``LiberoSimulationError/unknownName(_:kind:known:)`` for another class.
    public static func agentView(
        problem: String, view: LiberoPlusName.View
    ) throws(LiberoSimulationError) -> CameraPose {
        guard let scene = SceneClass.libero.first(where: { $0.problemName == problem }),
            let camera = scene.cameras.first(where: { $0.name == "agentview" })
        else {
            throw .unknownName(problem, kind: "problem class", known: SceneClass.libero.map(\.problemName))
        }
        return CameraPose(position: camera.position, quaternion: camera.quaternion).moved(by: view)
    }

    /// The point that views turn about and move away from, in metres.
    static let pivot = SIMD3(0, 0, 0.8)

    /// The pose after a view's turns. Source: LIBERO-plus 4976dc3.
    func moved(by view: LiberoPlusName.View) -> CameraPose {
        var pose = self
        // up, about a line through the pivot
        if view.vertical != 0 {
            pose.turn(-Double(view.vertical), about: .y)
            let (c, s) = Self.cosineAndSine(-Double(view.vertical))
            let d = pose.position - Self.pivot
            pose.position = Self.rounded(Self.pivot + SIMD3(c * d.x + s * d.z, d.y, c * d.z - s * d.x))
        }

        // about the vertical, also by 0
        pose.turn(Double(view.horizontal), about: .z)
        let (c, s) = Self.cosineAndSine(Double(view.horizontal))
        let p = pose.position
        pose.position = Self.rounded(SIMD3(c * p.x - s * p.y, s * p.x + c * p.y, p.z))

        if view.scale != 100 {
            let factor = Double(view.scale) / 100
            pose.position = Self.rounded(Self.pivot + (pose.position - Self.pivot) * factor)
        }

        // the camera alone
        if view.turn != 0 { pose.turn(Double(view.turn), about: .z) }
        if view.tilt != 0 { pose.turn(-Double(view.tilt), about: .y) }
        return pose
    }

    private enum Axis { case y, z }

    /// Turns the camera itself about an axis of the world, by degrees.
    private mutating func turn(_ degrees: Double, about axis: Axis) {
        let q = quaternion / (quaternion * quaternion).sum().squareRoot()
        let half = degrees * .pi / 180 / 2
        let (c, s) = (cos(half), sin(half))
        // the product with (c, 0, s, 0) or (c, 0, 0, s) from the left
        let turned: SIMD4<Double> =
            switch axis {
            case .y:
                SIMD4(
                    c * q[0] - s * q[2], c * q[1] + s * q[3], c * q[2] + s * q[0], c * q[3] - s * q[1])
            case .z:
                SIMD4(
                    c * q[0] - s * q[3], c * q[1] - s * q[2], c * q[2] + s * q[1], c * q[3] + s * q[0])
            }
        quaternion = SIMD4((0..<4).map { turned[$0].rounded(decimals: 4) })
    }

    private static func cosineAndSine(_ degrees: Double) -> (Double, Double) {
        let angle = degrees * .pi / 180
        return (cos(angle), sin(angle))
    }

    private static func rounded(_ v: SIMD3<Double>) -> SIMD3<Double> {
        SIMD3((0..<3).map { v[$0].rounded(decimals: 4) })
    }
}

extension Double {
    /// The nearest number with so many decimals, ties of the exact value to even, as Python's `round` gives it.
    func rounded(decimals: Int) -> Double { Double(String(format: "%.\(decimals)f", self)) ?? self }
}
