import Foundation

/// The geometric problems that closed forms of inverse kinematics are put together from. Where a problem has no solution,
/// the angle that comes nearest is returned; where its two solutions all but meet, angles to either side of them as well,
/// from which an iteration finds both: with axes that miss each other by a little they may lie farther apart.
///
/// Source: Paden 1985; Elias & Wen 2022, arXiv:2211.05737 (subproblems 1 to 4).
enum RotationSubproblems {
    /// `R(axis, angle) v` (Rodrigues).
    @inline(__always)
    static func rotate(_ v: Vector3, about axis: Vector3, by angle: Double) -> Vector3 {
        let (sine, cosine) = sineCosine(angle)
        return cosine * v + sine * axis.cross(v) + ((1 - cosine) * axis.dot(v)) * axis
    }

    /// The angle about `axis` that turns `p` to `q`.
    static func angle(turning p: Vector3, to q: Vector3, about axis: Vector3) -> Double {
        atan2(axis.dot(p.cross(q)), p.dot(q) - axis.dot(p) * axis.dot(q))
    }

    /// The angles at which `direction · R(axis, angle) p = value`.
    static func angles(turning p: Vector3, about axis: Vector3, along direction: Vector3, to value: Double) -> [Double]
    {
        // a sin θ + b cos θ = c
        let a = direction.dot(axis.cross(p))
        let b = direction.dot(p - axis.dot(p) * axis)
        let c = value - direction.dot(axis) * axis.dot(p)
        let (middle, radius) = (atan2(a, b), (a * a + b * b).squareRoot())
        guard radius > 1e-12 else { return [0] }
        let ratio = c / radius
        if radius < small && abs(c) < small { return around(middle) }
        guard abs(ratio) < 1.02 else { return [c < 0 ? middle + .pi : middle] }
        let half = acos(min(max(ratio, -1), 1))
        let other = min(max(half, apart), .pi - apart)
        return (half == other ? [half] : [half, other]).flatMap { [middle + $0, middle - $0] }
    }

    /// Below this, in metres or as a sine, an angle hardly matters, and what axes miss each other by decides it.
    static let small = 0.02

    /// An angle and seven more around the circle, for an iteration to begin with.
    static func around(_ angle: Double) -> [Double] { (0..<8).map { angle + Double($0) * .pi / 4 } }

    /// Radians between solutions that meet and the angles returned beside them.
    private static let apart = 0.02

    /// The angles at which `R(axis, angle) p` is at a distance from `q`.
    static func angles(turning p: Vector3, about axis: Vector3, to distance: Double, from q: Vector3) -> [Double] {
        angles(turning: p, about: axis, along: q, to: (p.dot(p) + q.dot(q) - distance * distance) / 2)
    }

    /// The pairs at which `R(first, α) p = R(second, β) q`, for axes through one point.
    static func angles(
        turning p: Vector3, about first: Vector3, to q: Vector3, about second: Vector3
    ) -> [(first: Double, second: Double)] {
        angles(turning: p, about: first, along: second, to: second.dot(q)).map { alpha in
            (alpha, angle(turning: q, to: rotate(p, about: first, by: alpha), about: second))
        }
    }
}
