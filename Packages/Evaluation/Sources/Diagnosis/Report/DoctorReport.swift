public import SuccessStatistics
public import ImageProcessing

/// What a ``Doctor`` found.
public struct DoctorReport: Codable, Sendable {
    /// The checkpoint's content hash; `nil` if it cannot be read.
    public var checkpoint: String?
    /// Findings, most likely cause first.
    public internal(set) var findings: [Finding] = []
    public internal(set) var checks: [Check] = []
    /// Results of the training path and the inference path for the same frames.
    public internal(set) var fields: [FieldComparison] = []
    /// Numbers of the training log beside the same numbers at the examined frames.
    public internal(set) var metrics: [MetricComparison] = []
    /// The policy's own episodes; empty without a world.
    public internal(set) var episodes: [EpisodeSummary] = []
    /// Observations that are not faults, such as how episodes ended.
    public internal(set) var notes: [String] = []
    public internal(set) var seconds = 0.0
    /// Small illustrating images, by file name.
    public internal(set) var images: [String: RGBImage] = [:]

    /// A finding with a higher certainty than this makes the verdict ``Verdict/sick``.
    public static let alarm = 0.5

    /// The overall verdict.
    public enum Verdict: String, Codable, Sendable {
        /// No fault was found, and at least one episode succeeded if any were run.
        case healthy
        /// A cause was found.
        case sick
        /// No cause was found, although every episode failed.
        case fails
    }

    private enum CodingKeys: CodingKey {
        case checkpoint, findings, checks, fields, metrics, episodes, notes, seconds, verdict, isHealthy
    }

    init(checkpoint: String? = nil) { self.checkpoint = checkpoint }

    public var verdict: Verdict {
        if findings.contains(where: { $0.certainty >= Self.alarm }) { return .sick }
        return !episodes.isEmpty && !episodes.contains(where: \.isSuccess) ? .fails : .healthy
    }

    public var isHealthy: Bool { verdict == .healthy }

    /// The success rate of the episodes.
    public var successRate: SuccessRate { SuccessRate(episodes.map(\.isSuccess)) }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        checkpoint = try container.decodeIfPresent(String.self, forKey: .checkpoint)
        findings = try container.decode([Finding].self, forKey: .findings)
        checks = try container.decode([Check].self, forKey: .checks)
        fields = try container.decodeIfPresent([FieldComparison].self, forKey: .fields) ?? []
        metrics = try container.decodeIfPresent([MetricComparison].self, forKey: .metrics) ?? []
        episodes = try container.decodeIfPresent([EpisodeSummary].self, forKey: .episodes) ?? []
        notes = try container.decode([String].self, forKey: .notes)
        seconds = try container.decode(Double.self, forKey: .seconds)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(checkpoint, forKey: .checkpoint)
        try container.encode(findings, forKey: .findings)
        try container.encode(checks, forKey: .checks)
        try container.encode(fields, forKey: .fields)
        try container.encode(metrics, forKey: .metrics)
        try container.encode(episodes, forKey: .episodes)
        try container.encode(notes, forKey: .notes)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(isHealthy, forKey: .isHealthy)
    }

    // MARK: - While it is made

    /// Adds a finding; of two with one cause the surer stays, with what both have seen.
    mutating func add(_ finding: Finding) {
        guard let index = findings.firstIndex(where: { $0.cause == finding.cause }) else {
            findings.append(finding)
            return
        }
        var (first, second) = (findings[index], finding)
        if Finding.isBefore(second, first) { swap(&first, &second) }
        // two ways of seeing it are surer than one
        first.certainty = 1 - (1 - first.certainty) * (1 - second.certainty / 2)
        if first.place == .checkpointOrData { first.place = second.place }
        for evidence in second.evidence where !first.evidence.contains(evidence) { first.evidence.append(evidence) }
        findings[index] = first
    }

    mutating func rank() { findings.sort(by: Finding.isBefore) }
}
