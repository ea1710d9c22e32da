/// openpi's running statistics: quantiles from 5000 bins between the extremes seen so far.
///
/// They depend on the order of the batches and are off by up to a bin's width; only for comparison with published files.
/// Source: openpi, `shared/normalize.py`.
public struct RunningHistogram: Sendable {
    public static let binCount = 5000

    private var edges: [[Double]] = []
    private var counts: [[Double]] = []
    private var minimum: [Double] = []
    private var maximum: [Double] = []
    private(set) var count = 0

    public init() {}

    /// Adds a batch of rows.
    public mutating func add(_ batch: NumberColumn) {
        precondition(batch.count > 0, "RunningHistogram: an empty batch")
        let columns = (0..<batch.width).map { d in (0..<batch.count).map { batch[$0, d] } }
        let (low, high) = (columns.map { $0.min()! }, columns.map { $0.max()! })
        if count == 0 {
            (minimum, maximum) = (low, high)
            edges = columns.indices.map { Self.edges(minimum[$0] - 1e-10, maximum[$0] + 1e-10) }
            counts = columns.map { _ in Array(repeating: 0, count: Self.binCount) }
        } else {
            precondition(batch.width == edges.count, "RunningHistogram: \(batch.width) columns, \(edges.count) before")
            // when one dimension grows, openpi lays the bins of all of them anew
            if columns.indices.contains(where: { low[$0] < minimum[$0] || high[$0] > maximum[$0] }) {
                for d in columns.indices { widen(d, to: min(minimum[d], low[d]), max(maximum[d], high[d])) }
            }
        }
        count += batch.count
        for d in columns.indices {
            for value in columns[d] {
                if let bin = Self.bin(of: value, edges[d]) { counts[d][bin] += 1 }
            }
        }
    }

    /// New bins; counts move to the one that holds the left edge of theirs.
    private mutating func widen(_ d: Int, to low: Double, _ high: Double) {
        (minimum[d], maximum[d]) = (low, high)
        let new = Self.edges(low, high)
        var moved = [Double](repeating: 0, count: Self.binCount)
        for (edge, amount) in zip(edges[d], counts[d]) where amount > 0 {
            if let bin = Self.bin(of: edge, new) { moved[bin] += amount }
        }
        (edges[d], counts[d]) = (new, moved)
    }

    /// The left edge of the first bin up to which a share of all rows lies, per dimension.
    public func quantile(_ share: Double) -> [Double] {
        edges.indices.map { d in
            let target = share * Double(count)
            var sum = 0.0
            for (bin, amount) in counts[d].enumerated() {
                sum += amount
                if sum >= target { return edges[d][bin] }
            }
            return edges[d][Self.binCount]
        }
    }

    /// `numpy.linspace` of single-precision limits, in single precision: the 1e-10 that openpi adds vanishes in it.
    private static func edges(_ low: Double, _ high: Double) -> [Double] {
        let (low, high) = (Float(low), Float(high))
        let step = (high - low) / Float(binCount)
        return (0...binCount).map { Double($0 == binCount ? high : Float($0) * step + low) }
    }

    /// As `numpy.histogram`: bins are half open, the last one closed; nil outside.
    private static func bin(of value: Double, _ edges: [Double]) -> Int? {
        guard value >= edges[0], value <= edges[binCount] else { return nil }
        return Swift.min(edges.partitioningIndex { $0 > value } - 1, binCount - 1)
    }
}
