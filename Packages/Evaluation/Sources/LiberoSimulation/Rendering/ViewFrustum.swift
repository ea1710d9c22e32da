/// What a camera can see: the pyramid between the four sides of its picture.
struct ViewFrustum {
    /// Normals of the sides, inward, of unit length; the sides meet in the camera's position.
    private let sides: [SIMD3<Float>]
    private let position: SIMD3<Float>
    private let forward: SIMD3<Float>

    /// - Parameters:
    ///   - left, right, bottom, top: The picture's edges on the plane at distance `near`.
    init(
        position: SIMD3<Float>, forward: SIMD3<Float>, up: SIMD3<Float>, left: Float, right: Float, bottom: Float,
        top: Float, near: Float
    ) {
        self.position = position
        self.forward = normalized(forward)
        let toTheRight = normalized(cross(forward, up))
        let upward = cross(toTheRight, self.forward)
        // a point d in front and x to the right is inside when left ≤ x · near / d ≤ right, and so for y
        sides = [
            near * toTheRight - left * self.forward, right * self.forward - near * toTheRight,
            near * upward - bottom * self.forward, top * self.forward - near * upward,
        ].map(normalized)
    }

    /// Whether any part of a sphere may be in view; a millimetre and a thousandth are given away to rounding.
    func sees(_ center: SIMD3<Float>, radius: Float) -> Bool {
        let reach = radius * 1.001 + 0.001
        let offset = center - position
        return dot(offset, forward) >= -reach && sides.allSatisfy { dot(offset, $0) >= -reach }
    }
}

/// A reflective surface.
struct MirrorPlane {
    let point: SIMD3<Float>
    /// Of unit length.
    let normal: SIMD3<Float>

    /// Where a point appears behind the surface.
    func image(of center: SIMD3<Float>) -> SIMD3<Float> { center - 2 * dot(center - point, normal) * normal }
}

private func dot(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float { (a * b).sum() }

private func cross(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> SIMD3<Float> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

private func normalized(_ a: SIMD3<Float>) -> SIMD3<Float> { a / dot(a, a).squareRoot() }
