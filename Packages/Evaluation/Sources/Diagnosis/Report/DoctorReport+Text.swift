import Evaluation

extension DoctorReport {
    /// The report as readable text.
    public var text: String {
        var lines: [String] = []
        let alarms = findings.filter { $0.certainty >= Self.alarm }
        switch verdict {
        case .healthy: lines.append("Nothing wrong was found.")
        case .fails: lines += linesOfFailing
        case .sick:
            for (index, finding) in alarms.enumerated() {
                let certainty = Self.percent(finding.certainty)
                lines.append("\(index + 1). \(finding.cause.title) (\(finding.cause), \(certainty))")
                lines.append("   \(finding.detail)")
                for evidence in finding.evidence { lines.append("   - \(evidence.text)") }
                lines.append("   Do: \(finding.remedy)")
            }
        }
        let doubts = findings.filter { $0.certainty < Self.alarm }
        if !doubts.isEmpty {
            lines += ["", "Less sure:"]
            for finding in doubts {
                lines.append("  \(finding.cause.title) (\(Self.percent(finding.certainty))): \(finding.detail)")
                if verdict == .fails {
                    for evidence in finding.evidence { lines.append("   - \(evidence.text)") }
                    lines.append("   Do: \(finding.remedy)")
                }
            }
        }
        if !notes.isEmpty { lines += ["", "Seen:"] + notes.map { "  \($0)" } }
        if !fields.isEmpty {
            lines += ["", "Training's batch beside the inference path:"] + fields.map { "  \($0.text)" }
        }
        if !metrics.isEmpty {
            lines += ["", "Metrics, training's validation and these frames:"]
            lines.append("  " + metrics.map(\.text).joined(separator: ", "))
        }
        lines += ["", "Checked:"]
        for check in checks {
            let mark = check.outcome == .sound ? "sound  " : check.outcome == .sick ? "SICK   " : "skipped"
            lines.append("  \(mark)  \(check.name): \(check.detail)")
        }
        lines.append("\(Evidence.short(seconds)) s")
        return lines.joined(separator: "\n")
    }

    /// What can be said when every episode failed and no cause was found.
    private var linesOfFailing: [String] {
        let interval = successRate.wilsonInterval()
        let count = episodes.count
        var lines = [
            "No cause was found, and yet \(count == 1 ? "its one episode" : "all \(count) of \(count) episodes") failed "
                + "(95 % interval of its success rate: \(Self.percent(interval.lowerBound)) to "
                + "\(Self.percent(interval.upperBound)))."
        ]
        let (sound, skipped) = (checks.filter { $0.outcome == .sound }, checks.filter { $0.outcome == .skipped })
        if !sound.isEmpty { lines.append("Excluded: \(sound.map(\.name).joined(separator: ", ")).") }
        if !skipped.isEmpty { lines.append("Not looked at: \(skipped.map(\.name).joined(separator: ", ")).") }
        lines.append(
            "Do: vla evaluate with more episodes and --videos 2, to see whether it never succeeds and where it goes wrong; "
                + "then train longer, or collect more demonstrations of that moment.")
        return lines
    }

    static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}
