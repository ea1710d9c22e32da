extension ColumnStatistics {
    /// A number that lies outside of what the statistics are of.
    public struct Outlier: Hashable, Sendable, CustomStringConvertible {
        public var dimension: Int
        public var value: Double
        public var minimum: Double
        public var maximum: Double

        public var description: String { "dimension \(dimension) is \(value), trained on \(minimum)…\(maximum)" }
    }

    /// Where a state seen in an evaluation leaves the range of the training data: a quaternion read in the wrong order, or
    /// Euler angles where axis and angle belong, show up here.
    ///
    /// - Parameters:
    ///   - values: A row, one number a dimension.
    ///   - slack: How far outside is still inside, as a share of the range of each dimension.
    public func outliers(_ values: [Double], slack: Double = 0) -> [Outlier] {
        precondition(values.count == mean.count, "statistics of \(mean.count) dimensions, \(values.count) numbers")
        return values.indices.compactMap { i in
            let margin = slack * (maximum[i] - minimum[i])
            let isInside = values[i] >= minimum[i] - margin && values[i] <= maximum[i] + margin
            return isInside
                ? nil : Outlier(dimension: i, value: values[i], minimum: minimum[i], maximum: maximum[i])
        }
    }
}
