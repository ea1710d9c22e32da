/// How numbers are brought to a common scale: a method, the statistics it uses, and the data they come from.
///
/// It is part of what a policy is saved with. ``normalizer`` is made when the value is, so that statistics that lack
/// what the method needs are refused there.
public struct Normalization: Hashable, Codable, Sendable {
    public let method: ActionNormalizer.Method
    public let statistics: ActionStatistics
    /// Which data the statistics were computed from, such as a data set's name and the hash of its episodes.
    public let source: String
    public let normalizer: ActionNormalizer

    /// - Throws: ``ActionStatisticsError`` when the statistics do not have what the method needs.
    public init(_ method: ActionNormalizer.Method, _ statistics: ActionStatistics, source: String) throws {
        self.method = method
        self.statistics = statistics
        self.source = source
        normalizer = try ActionNormalizer(statistics, method: method)
    }

    private enum CodingKeys: CodingKey { case method, statistics, source }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            container.decode(ActionNormalizer.Method.self, forKey: .method),
            container.decode(ActionStatistics.self, forKey: .statistics),
            source: container.decode(String.self, forKey: .source))
    }

    public static func == (a: Normalization, b: Normalization) -> Bool {
        a.method == b.method && a.statistics == b.statistics && a.source == b.source
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(method)
        hasher.combine(statistics)
        hasher.combine(source)
    }

    public var dimensionCount: Int { statistics.dimensionCount }

    /// Dimensions of a physical value that lie outside the extremes of the data by more than a share of their width.
    ///
    /// A state of another meaning, such as Euler angles in place of an axis and angle or a quaternion in another order,
    /// is found by it. Without extremes in the statistics nothing is.
    public func outliers(of values: [Double], beyond share: Double = 0.1) -> [Int] {
        guard let minimum = statistics.minimum, let maximum = statistics.maximum else { return [] }
        return values.indices.filter { d in
            let margin = share * (maximum[d] - minimum[d]) + 1e-6
            return values[d] < minimum[d] - margin || values[d] > maximum[d] + margin
        }
    }
}
