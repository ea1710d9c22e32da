import Foundation

/// Depths that a camera above a table does not measure: most often a file of other units than it was read with.
public struct DepthUnitError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The median depth in metres, as read.
    public var median: Double
    /// The power of ten by which depths have to be multiplied for the median to lie in 0.15…3 m; nil when none does.
    public var exponent: Int?
    /// Whether the values look like a renderer's depth buffer: all within 0…1, and most of them near 1.
    public var isDepthBuffer: Bool

    public init(median: Double, exponent: Int?, isDepthBuffer: Bool = false) {
        (self.median, self.exponent, self.isDepthBuffer) = (median, exponent, isDepthBuffer)
    }

    public var description: String {
        if isDepthBuffer {
            return
                "The depths are all within 0…1 and half of them above \(rounded(median)): this seems to be a raw depth "
                + "buffer. Convert it with the near and far planes, z = near / (1 - d (1 - near/far))."
        }
        let found = "Half of the depths are farther than \(rounded(median)) m, which is outside 0.15…3 m"
        guard let exponent else { return found + ". Check the file and its scale." }
        let factor =
            exponent > 0
            ? "1\(String(repeating: "0", count: exponent))" : "1/1\(String(repeating: "0", count: -exponent))"
        return found
            + ": the units are off by 10^\(-exponent). Multiply by \(factor), that is, divide the file's scale "
            + "(factor_depth) by it."
    }

    private func rounded(_ x: Double) -> String { String(format: "%.4g", x) }
}

extension DepthImage {
    /// Checks that the median depth is one a camera above a table measures, 0.15…3 m.
    ///
    /// - Throws: ``DepthUnitError`` with the power of ten that is missing.
    public func checkUnits() throws(DepthUnitError) {
        guard let median else { return }
        let valid = values.filter { $0 > 0 && $0.isFinite }
        if median > 0.95, valid.allSatisfy({ $0 <= 1 }), valid.contains(where: { $0 < 1 }) {
            throw DepthUnitError(median: median, exponent: nil, isDepthBuffer: true)
        }
        try DepthUnitError.check(median)
    }
}

extension PointCloud {
    /// Checks that the median distance along z is one a camera above a table measures, 0.15…3 m.
    ///
    /// - Throws: ``DepthUnitError`` with the power of ten that is missing.
    public func checkUnits() throws(DepthUnitError) {
        let depths = points.map(\.z).sorted()
        if !depths.isEmpty { try DepthUnitError.check(depths[depths.count / 2]) }
    }
}

extension DepthUnitError {
    static func check(_ median: Double) throws(DepthUnitError) {
        guard !(0.15...3).contains(median) else { return }
        let exponent = [-1, 1, -2, 2, -3, 3, -4, 4, -5, 5, -6, 6].first {
            (0.15...3).contains(median * pow(10, Double($0)))
        }
        throw DepthUnitError(median: median, exponent: exponent, isDepthBuffer: false)
    }
}
