/// Statistics of a column, one entry per dimension: exact, in `Double`.
public struct ColumnStatistics: Hashable, Codable, Sendable {
    public var count: Int
    public var mean: [Double]
    /// The population standard deviation: divided by the count.
    public var standardDeviation: [Double]
    public var minimum: [Double]
    public var maximum: [Double]
    /// By their share, such as 0.01; linearly interpolated.
    public var quantiles: [Quantile]

    public struct Quantile: Hashable, Codable, Sendable {
        public var share: Double
        public var values: [Double]

        public init(share: Double, values: [Double]) { (self.share, self.values) = (share, values) }
    }

    /// The shares LeRobot's files hold.
    public static let defaultShares = [0.01, 0.1, 0.5, 0.9, 0.99]

    public func quantile(_ share: Double) -> [Double]? { quantiles.first { $0.share == share }?.values }

    public init(
        count: Int, mean: [Double], standardDeviation: [Double], minimum: [Double], maximum: [Double],
        quantiles: [Quantile]
    ) {
        (self.count, self.mean, self.standardDeviation) = (count, mean, standardDeviation)
        (self.minimum, self.maximum, self.quantiles) = (minimum, maximum, quantiles)
    }

    /// Of all rows.
    ///
    ///     mean = Σx / n;  std = √(Σ(x − mean)² / n)
    ///     q(p) = x[⌊h⌋] + (h − ⌊h⌋)(x[⌊h⌋ + 1] − x[⌊h⌋]),  h = (n − 1) p,  x sorted
    ///
    /// Sums are compensated (Neumaier): the result does not depend on how many rows there are.
    ///
    /// - Parameters:
    ///   - values: Row by row.
    ///   - width: Numbers of a row.
    ///   - shares: Quantiles to compute.
    public init(values: [Double], width: Int, shares: [Double] = Self.defaultShares) {
        precondition(
            width > 0 && !values.isEmpty && values.count.isMultiple(of: width),
            "ColumnStatistics of \(values.count) values in rows of \(width)")
        let count = values.count / width
        self.init(
            count: count, mean: [], standardDeviation: [], minimum: [], maximum: [],
            quantiles: shares.map { Quantile(share: $0, values: []) })
        var keys = [UInt64](repeating: 0, count: count)
        for dimension in 0..<width {
            values.withUnsafeBufferPointer { values in
                var sum = CompensatedSum()
                for row in 0..<count { sum.add(values[row * width + dimension]) }
                let mean = sum.value / Double(count)
                var squares = CompensatedSum()
                for row in 0..<count {
                    let difference = values[row * width + dimension] - mean
                    squares.add(difference * difference)
                    keys[row] = SortedOrder.key(values[row * width + dimension])
                }
                self.mean.append(mean)
                standardDeviation.append((squares.value / Double(count)).squareRoot())
            }
            SortedOrder.sort(&keys)
            minimum.append(SortedOrder.value(keys[0]))
            maximum.append(SortedOrder.value(keys[count - 1]))
            for index in quantiles.indices {
                let place = Double(count - 1) * quantiles[index].share
                let low = Int(place)
                let (a, b) = (SortedOrder.value(keys[low]), SortedOrder.value(keys[min(low + 1, count - 1)]))
                quantiles[index].values.append(a + (place - Double(low)) * (b - a))
            }
        }
    }

    /// Of two parts together; quantiles of parts say nothing of the whole and are dropped.
    ///
    ///     mean = Σ nᵢ mᵢ / N;  var = Σ nᵢ (varᵢ + (mᵢ − mean)²) / N
    public func merged(with other: ColumnStatistics) -> ColumnStatistics {
        precondition(mean.count == other.mean.count, "statistics of \(mean.count) and \(other.mean.count) dimensions")
        let total = Double(count + other.count)
        let means = mean.indices.map { (Double(count) * mean[$0] + Double(other.count) * other.mean[$0]) / total }
        func part(_ statistics: ColumnStatistics, _ i: Int) -> Double {
            let deviation = statistics.standardDeviation[i]
            let shift = statistics.mean[i] - means[i]
            return Double(statistics.count) * (deviation * deviation + shift * shift)
        }
        return ColumnStatistics(
            count: count + other.count, mean: means,
            standardDeviation: mean.indices.map { ((part(self, $0) + part(other, $0)) / total).squareRoot() },
            minimum: zip(minimum, other.minimum).map { min($0, $1) },
            maximum: zip(maximum, other.maximum).map { max($0, $1) }, quantiles: [])
    }
}

/// A sum whose rounding errors are carried along (Neumaier 1974).
struct CompensatedSum {
    private var sum = 0.0
    private var correction = 0.0

    mutating func add(_ x: Double) {
        let total = sum + x
        correction += abs(sum) >= abs(x) ? (sum - total) + x : (x - total) + sum
        sum = total
    }

    var value: Double { sum + correction }
}

/// Sorts numbers by their bits: 11 bits at a time, and not at all where all have the same ones, as the lower half of
/// numbers that come from `Float` does.
enum SortedOrder {
    /// Unsigned order of the keys is the order of the numbers.
    static func key(_ value: Double) -> UInt64 {
        let bits = value.bitPattern
        return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }

    static func value(_ key: UInt64) -> Double {
        Double(bitPattern: key >> 63 == 1 ? key & ~(1 << 63) : ~key)
    }

    static func sort(_ keys: inout [UInt64]) {
        guard keys.count > 256 else {
            keys.sort()
            return
        }
        let differing = keys.reduce((all: UInt64.max, any: UInt64(0))) { ($0.all & $1, $0.any | $1) }
        let mask = differing.all ^ differing.any
        var other = [UInt64](repeating: 0, count: keys.count)
        var counts = [Int](repeating: 0, count: 2048)
        for shift in stride(from: UInt64(0), to: 64, by: 11) where (mask >> shift) & 2047 != 0 {
            for index in counts.indices { counts[index] = 0 }
            keys.withUnsafeBufferPointer { keys in
                other.withUnsafeMutableBufferPointer { other in
                    counts.withUnsafeMutableBufferPointer { counts in
                        for key in keys { counts[Int((key >> shift) & 2047)] += 1 }
                        var start = 0
                        for digit in 0..<2048 { (counts[digit], start) = (start, start + counts[digit]) }
                        for key in keys {
                            let digit = Int((key >> shift) & 2047)
                            other[counts[digit]] = key
                            counts[digit] += 1
                        }
                    }
                }
            }
            swap(&keys, &other)
        }
    }
}
