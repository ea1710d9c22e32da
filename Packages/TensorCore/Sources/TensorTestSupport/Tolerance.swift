/// How far two numbers may be apart: `|a − b| ≤ absolute + relative · |b|`.
public struct Tolerance: Sendable, Hashable {
    public var relative: Double
    public var absolute: Double

    public init(relative: Double, absolute: Double) {
        self.relative = relative
        self.absolute = absolute
    }

    /// Tokens, indices, image crops, save → load, the same seed twice.
    public static let exact = Tolerance(relative: 0, absolute: 0)
    /// One operation in `Float`.
    public static let elementwise = Tolerance(relative: 1e-6, absolute: 1e-7)
    /// Sums and products of a few thousand terms.
    public static let reduction = Tolerance(relative: 1e-5, absolute: 1e-6)
    /// `Float` gradients against central differences in `Double`.
    public static let gradient = Tolerance(relative: 1e-4, absolute: 1e-5)
    /// A whole stack against another implementation.
    public static let model = Tolerance(relative: 1e-3, absolute: 1e-4)
    /// A whole stack with BF16 weights.
    public static let modelBFloat16 = Tolerance(relative: 1e-2, absolute: 1e-2)
    /// `Double` poses against a reference.
    public static let kinematics = Tolerance(relative: 0, absolute: 1e-9)

    /// Whether `value` is close enough; NaN is close to NaN, an infinity to the same infinity.
    public func accepts(_ value: Double, _ expected: Double) -> Bool {
        if value.isNaN || expected.isNaN { return value.isNaN && expected.isNaN }
        if value.isInfinite || expected.isInfinite { return value == expected }
        return abs(value - expected) <= absolute + relative * abs(expected)
    }
}
