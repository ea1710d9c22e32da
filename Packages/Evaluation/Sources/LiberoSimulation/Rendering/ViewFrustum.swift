/// What a camera can see: the pyramid between the sides of its image, or of a surface in it.
struct ViewFrustum {
    private let position: SIMD3<Float>
    private let forward: SIMD3<Float>
    /// Normals of the sides, inward, of unit length; the sides meet in the camera's position.
    private let sides: [SIMD3<Float>]

    /// A camera's view.
    ///
    /// - Parameters:
    ///   - left, right, bottom, top: The image's edges on the plane at distance `near`.
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

    private init(position: SIMD3<Float>, forward: SIMD3<Float>, sides: [SIMD3<Float>]) {
        self.position = position
        self.forward = forward
        self.sides = sides
    }

    /// The part of the view that a flat surface covers, by its corners in order; the whole view when the camera is in the
    /// surface's plane.
    func narrowed(to corners: [SIMD3<Float>]) -> ViewFrustum {
        let offsets = corners.map { $0 - position }
        let center = offsets.reduce(.zero, +) / Float(max(corners.count, 1))
        let edges = offsets.indices.map { cross(offsets[$0], offsets[($0 + 1) % offsets.count]) }
        guard edges.allSatisfy({ dot($0, $0) > 1e-12 && abs(dot(normalized($0), center)) > 1e-4 }) else { return self }
        let inward = edges.map { dot($0, center) > 0 ? normalized($0) : -normalized($0) }
        return ViewFrustum(position: position, forward: forward, sides: sides + inward)
    }

    /// Whether any part of a box may be in view; a millimetre is given away to rounding.
    func sees(_ box: OrientedBox) -> Bool {
        let offset = box.center - position
        return box.reaches(forward, offset: offset) && sides.allSatisfy { box.reaches($0, offset: offset) }
    }
}

/// A box in any direction.
struct OrientedBox {
    var center: SIMD3<Float>
    /// From the center to the middle of three sides.
    var halfAxes: (SIMD3<Float>, SIMD3<Float>, SIMD3<Float>)

    /// Whether its foremost corner along `normal` is above the plane through the point `offset` before the center.
    fileprivate func reaches(_ normal: SIMD3<Float>, offset: SIMD3<Float>) -> Bool {
        let extent = abs(dot(halfAxes.0, normal)) + abs(dot(halfAxes.1, normal)) + abs(dot(halfAxes.2, normal))
        return dot(offset, normal) >= -extent * 1.001 - 0.001
    }
}

/// A reflective surface.
struct MirrorPlane {
    let point: SIMD3<Float>
    /// Of unit length.
    let normal: SIMD3<Float>

    /// Where a box appears behind the surface.
    func image(of box: OrientedBox) -> OrientedBox {
        let (a, b, c) = box.halfAxes
        return OrientedBox(
            center: box.center - 2 * dot(box.center - point, normal) * normal,
            halfAxes: (reflected(a), reflected(b), reflected(c)))
    }

    private func reflected(_ v: SIMD3<Float>) -> SIMD3<Float> { v - 2 * dot(v, normal) * normal }
}

private func dot(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float { (a * b).sum() }

private func cross(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> SIMD3<Float> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

private func normalized(_ a: SIMD3<Float>) -> SIMD3<Float> { a / dot(a, a).squareRoot() }
