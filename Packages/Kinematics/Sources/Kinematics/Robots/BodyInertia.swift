/// Mass, center of mass and inertia about it, in one frame's axes; kg, m, kg m².
public struct BodyInertia: Equatable, Sendable {
    public var mass: Double
    public var center: Vector3
    /// About the center of mass.
    public var inertia: Matrix3

    public init(mass: Double, center: Vector3, inertia: Matrix3) {
        self.mass = mass
        self.center = center
        self.inertia = inertia
    }

    public static let zero = BodyInertia(mass: 0, center: .zero, inertia: .zero)

    /// The same body seen from the frame in which this one has the pose `transform`.
    func transformed(by transform: Transform) -> BodyInertia {
        let r = transform.rotation
        return BodyInertia(mass: mass, center: transform * center, inertia: r * inertia * r.transposed)
    }

    /// Both bodies joined rigidly; the axes are the same, the inertias move by the parallel-axis rule.
    static func + (a: BodyInertia, b: BodyInertia) -> BodyInertia {
        let mass = a.mass + b.mass
        guard mass != 0 else { return BodyInertia(mass: 0, center: .zero, inertia: a.inertia + b.inertia) }
        let center = (a.mass * a.center + b.mass * b.center) / mass
        func moved(_ body: BodyInertia) -> Matrix3 { body.inertia + body.mass * parallelAxis(body.center - center) }
        return BodyInertia(mass: mass, center: center, inertia: moved(a) + moved(b))
    }

    /// `|d|² I − d dᵀ`
    static func parallelAxis(_ d: Vector3) -> Matrix3 {
        let square = d.dot(d)
        return Matrix3(
            columns: Vector3(square, 0, 0) - d.x * d, Vector3(0, square, 0) - d.y * d, Vector3(0, 0, square) - d.z * d)
    }
}
