/// A vector or point in space, `x`, `y`, `z`; metres where it is a position.
public typealias Vector3 = SIMD3<Double>

extension SIMD3<Double> {
    /// The sum of the products of equal components.
    @inlinable public func dot(_ other: Self) -> Double {
        x * other.x + y * other.y + z * other.z
    }

    /// The vector perpendicular to both, right-handed: `x × y = z`.
    @inlinable public func cross(_ other: Self) -> Self {
        Self(y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x)
    }

    /// The Euclidean length.
    @inlinable public var length: Double { dot(self).squareRoot() }
}
