/// A line of the table: the best of all rounds on both sides and what the ratio has to be.
public struct BenchmarkRow: Codable, Equatable, Sendable {
    public enum Better: String, Codable, Sendable { case lower, higher }

    /// What `targets.json` says of a row.
    public struct Target: Codable, Sendable {
        public var name: String
        public var better: Better
        /// The limit of ours / peer.
        public var target: Double

        public init(name: String, better: Better, target: Double) {
            self.name = name
            self.better = better
            self.target = target
        }
    }

    public var name: String
    public var unit: String
    /// Best round.
    public var ours: Double
    public var peer: Double
    /// ours / peer.
    public var ratio: Double
    public var target: Double
    public var better: Better
    /// Whether the ratio is on the right side of the target.
    public var met: Bool
    /// Middle round.
    public var oursMedian: Double
    public var peerMedian: Double
    public var rounds: Int

    /// Nil when one side has measured nothing.
    public init?(_ target: Target, from measurements: [MeasuredValue]) {
        let all = measurements.filter { $0.name == target.name }
        let ours = all.filter { $0.role == .ours }.map(\.value).sorted()
        let peer = all.filter { $0.role == .peer }.map(\.value).sorted()
        guard let unit = all.first?.unit, !ours.isEmpty, !peer.isEmpty else { return nil }

        name = target.name
        self.unit = unit
        better = target.better
        self.target = target.target
        switch better {
        case .lower: (self.ours, self.peer) = (ours[0], peer[0])
        case .higher: (self.ours, self.peer) = (ours[ours.count - 1], peer[peer.count - 1])
        }
        ratio = self.ours / self.peer
        met = better == .lower ? ratio <= self.target : ratio >= self.target
        (oursMedian, peerMedian) = (Self.median(ours), Self.median(peer))
        rounds = min(ours.count, peer.count)
    }

    private static func median(_ sorted: [Double]) -> Double {
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
