public import RobotInterface

/// Brings actions or states to a common scale and back, dimension by dimension.
///
/// The formulas of the references differ in small numbers that are added and in clipping; each is a method of its own,
/// because a policy has to be run with the one it was trained with.
public struct ActionNormalizer: Equatable, Sendable {
    /// One reference's formulas, `x` the physical and `y` the normalized value.
    public enum Method: String, CaseIterable, Codable, Sendable {
        /// Numbers pass as they are.
        case identity
        /// `y = clip(2 (x − q01)/(q99 − q01 + 1e-8) − 1, −1, 1)`, 0 where min = max; `x = ½(y + 1)(q99 − q01) + q01`.
        case openVLAQuantiles
        /// The same with min and max in place of q01 and q99.
        case openVLABounds
        /// `openVLAQuantiles` with `x = ½(y + 1)(q99 − q01 + 1e-8) + q01`, as OpenVLA-OFT has it.
        case openVLAOFTQuantiles
        /// `y = (x − mean)/(std + 1e-8)`; `x = y (std + 1e-8) + mean`.
        case openVLANormal
        /// `y = 2 (x − q01)/(q99 − q01 + 1e-6) − 1`, not clipped; `x = ½(y + 1)(q99 − q01 + 1e-6) + q01`.
        case openPIQuantiles
        /// `y = (x − mean)/(std + 1e-6)`; `x = y (std + 1e-6) + mean`.
        case openPINormal
        /// `y = (x − mean)/std`; `x = y std + mean`. The 2025 system's state.
        case standardScore
    }

    public let method: Method
    public let dimensionCount: Int
    /// The convention of the last dimension on the physical side, as the statistics state it.
    public let gripperConvention: GripperConvention?

    private let maps: [Map]

    /// What happens to one dimension.
    private enum Map: Equatable {
        case unchanged
        /// lower…upper to −1…1; a dimension that never changed becomes 0.
        case range(lower: Double, forwardWidth: Double, backwardWidth: Double, clips: Bool, isConstant: Bool)
        case score(mean: Double, deviation: Double)

        func normalized(_ x: Double) -> Double {
            switch self {
            case .unchanged: return x
            case .range(let lower, let width, _, let clips, let isConstant):
                if isConstant { return 0 }
                let y = 2 * (x - lower) / width - 1
                return clips ? clip(y, -1, 1) : y
            case .score(let mean, let deviation): return (x - mean) / deviation
            }
        }

        func denormalized(_ y: Double) -> Double {
            switch self {
            case .unchanged: y
            case .range(let lower, _, let width, _, _): 0.5 * (y + 1) * width + lower
            case .score(let mean, let deviation): y * deviation + mean
            }
        }
    }

    /// Takes from the statistics what the method needs.
    ///
    /// Dimensions whose mask is false pass as they are, under every method.
    ///
    /// - Throws: ``ActionStatisticsError/missing(_:method:)`` when a list is missing,
    ///   ``ActionStatisticsError/zeroDeviation(dimension:)`` when a method would divide by zero.
    public init(_ statistics: ActionStatistics, method: Method) throws(ActionStatisticsError) {
        self.method = method
        dimensionCount = statistics.dimensionCount
        gripperConvention = statistics.gripperConvention

        let s = statistics
        let unmasked: [Map]
        switch method {
        case .identity: unmasked = s.mask.map { _ in .unchanged }
        case .openVLAQuantiles, .openVLAOFTQuantiles, .openPIQuantiles:
            let (q01, q99) = try (Self.list(s.lowerQuantile, "q01", method), Self.list(s.upperQuantile, "q99", method))
            unmasked = try Self.ranges(q01, q99, method, s)
        case .openVLABounds:
            let (minimum, maximum) = try (Self.list(s.minimum, "min", method), Self.list(s.maximum, "max", method))
            unmasked = try Self.ranges(minimum, maximum, method, s)
        case .openVLANormal, .openPINormal, .standardScore:
            let (mean, deviation) = try (
                Self.list(s.mean, "mean", method), Self.list(s.standardDeviation, "std", method)
            )
            let added = method == .openVLANormal ? 1e-8 : method == .openPINormal ? 1e-6 : 0
            if let bad = s.mask.indices.first(where: { s.mask[$0] && deviation[$0] + added == 0 }) {
                throw .zeroDeviation(dimension: bad)
            }
            unmasked = zip(mean, deviation).map { mean, deviation in
                .score(mean: mean, deviation: deviation + added)
            }
        }
        maps = zip(unmasked, s.mask).map { map, isScaled in isScaled ? map : .unchanged }
    }

    private static func list(
        _ values: [Double]?, _ name: String, _ method: Method
    ) throws(ActionStatisticsError) -> [Double] {
        guard let values else { throw .missing([name], method: method.rawValue) }
        return values
    }

    /// Maps of lower…upper to −1…1.
    private static func ranges(
        _ lower: [Double], _ upper: [Double], _ method: Method, _ statistics: ActionStatistics
    ) throws(ActionStatisticsError) -> [Map] {
        let isOpenPI = method == .openPIQuantiles
        let (forward, backward) =
            switch method {
            case .openPIQuantiles: (1e-6, 1e-6)
            case .openVLAOFTQuantiles: (1e-8, 1e-8)
            default: (1e-8, 0.0)
            }
        // OpenVLA looks at the extremes even where it scales by quantiles
        let extremes: ([Double], [Double])? =
            isOpenPI
            ? nil : try (list(statistics.minimum, "min", method), list(statistics.maximum, "max", method))
        return lower.indices.map { d in
            let width = upper[d] - lower[d]
            return .range(
                lower: lower[d], forwardWidth: width + forward, backwardWidth: width + backward, clips: !isOpenPI,
                isConstant: extremes.map { $0[d] == $1[d] } ?? false)
        }
    }

    /// Physical values to normalized ones, one per dimension; NaN stays NaN.
    public func normalized(_ values: [Double]) -> [Double] {
        precondition(
            values.count == dimensionCount, "normalized: \(values.count) values for \(dimensionCount) dimensions")
        return zip(maps, values).map { $0.normalized($1) }
    }

    /// Normalized values back to physical ones, one per dimension; NaN stays NaN.
    public func denormalized(_ values: [Double]) -> [Double] {
        precondition(
            values.count == dimensionCount, "denormalized: \(values.count) values for \(dimensionCount) dimensions")
        return zip(maps, values).map { $0.denormalized($1) }
    }
}
