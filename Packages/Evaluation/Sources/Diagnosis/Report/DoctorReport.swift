public import ImageProcessing

/// What a ``Doctor`` found.
public struct DoctorReport: Codable, Sendable {
    /// Content hash of the checkpoint; nil where it could not be read.
    public var checkpoint: String?
    /// The likeliest cause first.
    public internal(set) var findings: [Finding] = []
    public internal(set) var checks: [Check] = []
    /// What was seen that is no fault in itself, such as how episodes ended.
    public internal(set) var notes: [String] = []
    public internal(set) var seconds = 0.0
    /// Small pictures that show what words say badly, by file name.
    public internal(set) var pictures: [String: RGBImage] = [:]

    /// Findings surer than this make a policy sick.
    public static let alarm = 0.5

    private enum CodingKeys: CodingKey { case checkpoint, findings, checks, notes, seconds, isHealthy }

    init(checkpoint: String? = nil) { self.checkpoint = checkpoint }

    /// Whether nothing was found that is surer than ``alarm``.
    public var isHealthy: Bool { !findings.contains { $0.certainty >= Self.alarm } }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        checkpoint = try container.decodeIfPresent(String.self, forKey: .checkpoint)
        findings = try container.decode([Finding].self, forKey: .findings)
        checks = try container.decode([Check].self, forKey: .checks)
        notes = try container.decode([String].self, forKey: .notes)
        seconds = try container.decode(Double.self, forKey: .seconds)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(checkpoint, forKey: .checkpoint)
        try container.encode(findings, forKey: .findings)
        try container.encode(checks, forKey: .checks)
        try container.encode(notes, forKey: .notes)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(isHealthy, forKey: .isHealthy)
    }

    /// For people to read.
    public var text: String {
        var lines: [String] = []
        let alarms = findings.filter { $0.certainty >= Self.alarm }
        if alarms.isEmpty {
            lines.append("Nothing wrong was found.")
        } else {
            for (index, finding) in alarms.enumerated() {
                lines.append("\(index + 1). \(finding.cause.title) (\(finding.cause), \(percent(finding.certainty)))")
                lines.append("   \(finding.detail)")
                for evidence in finding.evidence { lines.append("   - \(evidence.text)") }
                lines.append("   Do: \(finding.cure)")
            }
        }
        let doubts = findings.filter { $0.certainty < Self.alarm }
        if !doubts.isEmpty {
            lines += ["", "Less sure:"]
            lines += doubts.map { "  \($0.cause.title) (\(percent($0.certainty))): \($0.detail)" }
        }
        if !notes.isEmpty { lines += ["", "Seen:"] + notes.map { "  \($0)" } }
        lines += ["", "Checked:"]
        for check in checks {
            let mark = check.outcome == .sound ? "sound  " : check.outcome == .sick ? "SICK   " : "skipped"
            lines.append("  \(mark)  \(check.name): \(check.detail)")
        }
        lines.append("\(Evidence.short(seconds)) s")
        return lines.joined(separator: "\n")
    }

    private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

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
