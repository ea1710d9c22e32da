import Diagnosis
import Foundation
import VLAPolicy

/// Makes policies ill, has them examined, and counts how often the right cause is named.
struct DoctorTable {
    struct Row: Codable {
        var fault: String
        var family: String
        /// Right names; empty for a healthy policy.
        var causes: [String]
        var reportedFault: Int?
        /// What the doctor named, the likeliest first, those that raise the alarm.
        var named: [String]
        var places: [String]
        var certainty: Double?
        var evidence: String
        var seconds: Double
        /// Episodes that succeeded, such as `1 of 2`; nil where none was run.
        var episodes: String?

        /// The place of the first right name, from 1; nil when none is right.
        var rank: Int? { named.firstIndex { causes.contains($0) }.map { $0 + 1 } }
    }

    let healthy: Healthy
    /// Where sick files are written, one after the other.
    let scratch: URL
    var report: (String) -> Void = { _ in }

    /// One fault, or several at once, at one policy.
    func examine(_ faults: [Fault], policy: URL, family: PolicyFamily) throws -> (row: Row, report: DoctorReport) {
        try? FileManager.default.removeItem(at: scratch)
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        var patient = Patient(checkpoint: policy, data: healthy.url("sample"), in: scratch)
        for fault in faults { try fault.inject(&patient, healthy) }
        let found = try patient.examine()
        let alarms = found.findings.filter { $0.certainty >= DoctorReport.alarm }
        let row = Row(
            fault: faults.isEmpty ? policy.lastPathComponent : faults.map(\.name).joined(separator: " + "),
            family: family.rawValue, causes: faults.flatMap(\.causes).map(\.rawValue).sorted(),
            reportedFault: faults.count == 1 ? faults[0].reportedFault : nil, named: alarms.map(\.cause.rawValue),
            places: alarms.map(\.place.rawValue), certainty: alarms.first?.certainty,
            evidence: alarms.first?.evidence.prefix(2).map { "\($0.name) \(($0.value * 1000).rounded() / 1000)" }
                .joined(separator: ", ") ?? "", seconds: found.seconds,
            episodes: found.episodes.isEmpty
                ? nil : "\(found.successRate.successCount) of \(found.successRate.trialCount)")
        let mark =
            faults.isEmpty ? (alarms.isEmpty ? "healthy" : "FALSE ALARM") : row.rank.map { "rank \($0)" } ?? "MISSED"
        report("\(mark)  \(row.family)  \(row.fault): \(row.named.joined(separator: " ")) (\(Int(found.seconds)) s)\n")
        return (row, found)
    }

    /// All single faults, pairs and healthy policies; rows that are in `rows.jsonl` beside the policies are taken from it.
    func run(
        _ families: [PolicyFamily] = [.regression, .token]
    ) throws -> (single: [Row], healthy: [Row], pairs: [Row]) {
        let file = healthy.folder.appendingPathComponent("rows.jsonl")
        var known: [String: Row] = [:]
        for line in ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n") {
            let row = try JSONDecoder().decode(Row.self, from: Data(line.utf8))
            known["\(row.family) \(row.fault)"] = row
        }
        func row(_ faults: [Fault], _ policy: URL, _ family: PolicyFamily) throws -> Row {
            let name = faults.isEmpty ? policy.lastPathComponent : faults.map(\.name).joined(separator: " + ")
            if let row = known["\(family.rawValue) \(name)"] { return row }
            let (row, found) = try examine(faults, policy: policy, family: family)
            if faults.isEmpty ? !row.named.isEmpty : row.rank != 1 { report(found.text + "\n") }
            if !FileManager.default.fileExists(atPath: file.path) { try Data().write(to: file) }
            let handle = try FileHandle(forWritingTo: file)
            try handle.seekToEnd()
            try handle.write(contentsOf: JSONEncoder().encode(row) + Data("\n".utf8))
            try handle.close()
            return row
        }
        let well = try families.flatMap { family in
            try healthy.policies("\(family.rawValue)-").map { try row([], healthy.url($0), family) }
        }
        let single = try families.flatMap { family in
            try Fault.all.filter { $0.families.contains(family) }.map { try row([$0], healthy.policy(family), family) }
        }
        let pairs = try families.flatMap { family in
            try Self.pairs.map { try row([.named($0.0), .named($0.1)], healthy.policy(family), family) }
        }
        return (single, well, pairs)
    }

    /// Pairs of faults that do not touch the same part.
    static let pairs: [(String, String)] = [
        ("recorded images are BGR", "the gripper's sign is reversed"),
        ("recorded images are turned by 180°, said to be raw", "Euler angles were recorded for axis and angle"),
        ("the quaternion was taken as w, x, y, z", "actions are in metres and radians"),
        ("pipeline.json scales colours to 0…1", "actions lie two frames late"),
        ("pipeline.json has the actions' statistics of another set", "the y axis of the actions points the other way"),
        ("the vision tower was not loaded", "the gripper is 0 and 1, said to be −1 and 1"),
        ("the world hands images over as BGR", "the world gives Euler angles"),
        ("the tokenizer lists its words in another order", "recorded cameras have each other's names"),
    ]
}

extension DoctorTable {
    /// Everything as a page, and whether it is good enough.
    static func page(_ single: [Row], healthy: [Row], pairs: [Row]) -> String {
        func share(_ rows: [Row], within: Int) -> String {
            let count = rows.count { ($0.rank ?? .max) <= within }
            let percent = (Double(count) / Double(max(rows.count, 1)) * 1000).rounded() / 10
            return "\(count) of \(rows.count) (\(percent) %)"
        }
        var lines: [String] = []
        lines.append("| what was asked | found |")
        lines.append("|---|---|")
        lines.append("| right cause first | \(share(single, within: 1)) |")
        lines.append("| first or second | \(share(single, within: 2)) |")
        lines.append("| two faults at once: one of the two first | \(share(pairs, within: 1)) |")
        lines.append("| alarms at healthy policies | \(healthy.count { !$0.named.isEmpty }) of \(healthy.count) |")
        let slowest = (single + healthy + pairs).map(\.seconds).max() ?? 0
        lines.append("| slowest diagnosisRun | \(Int(slowest.rounded(.up))) s |")
        func table(_ title: String, _ rows: [Row]) {
            lines += [
                "", "## \(title)", "", "| fault | family | right at | named first | where | evidence |",
                "|---|---|---|---|---|---|",
            ]
            for row in rows {
                let reportedFault = row.reportedFault.map { " (reported \($0))" } ?? ""
                lines.append(
                    "| \(row.fault)\(reportedFault) | \(row.family) | \(row.rank.map(String.init) ?? "–") | "
                        + "\(row.named.first ?? "–") | \(row.places.first ?? "–") | \(row.evidence) |")
            }
        }
        table("One fault", single)
        table("Two faults", pairs)
        lines += ["", "## Healthy policies", "", "| policy | family | alarms | episodes that succeed |"]
        lines.append("|---|---|---|---|")
        for row in healthy {
            let alarms = row.named.isEmpty ? "none" : row.named.joined(separator: ", ")
            lines.append("| \(row.fault) | \(row.family) | \(alarms) | \(row.episodes ?? "–") |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Puts the page between the marks of a file.
    static func write(_ page: String, to file: URL) throws {
        let (begin, end) = ("<!-- table: begin -->\n", "<!-- table: end -->")
        let text = try String(contentsOf: file, encoding: .utf8)
        guard let start = text.range(of: begin), let stop = text.range(of: end) else {
            throw CocoaError(.fileReadCorruptFile)
        }
        let new = text[..<start.upperBound] + page + text[stop.lowerBound...]
        try Data(new.utf8).write(to: file)
    }
}
