public import FileSupport
public import Foundation
import Plotting
import TensorReporting
import TensorTraining

/// Evaluations and trainings on one page, which needs no other file; full reports are linked.
public struct SummaryPage: Encodable, TextReport, Sendable {
    /// A folder that is shown, and under which title.
    public struct Part: Sendable {
        public var title: String
        public var folder: URL

        /// `TITLE=FOLDER`, or a folder that is named by itself.
        public init(_ argument: String) {
            let parts = argument.split(separator: "=", maxSplits: 1)
            let path = String(parts.last ?? "")
            title = parts.count == 2 ? String(parts[0]) : path
            folder = URL(fileURLWithPath: path).standardizedFileURL
        }
    }

    public struct Policy: Encodable, Sendable {
        public var name: String
        public var successCount: Int
        public var episodeCount: Int
        public var successRate: Double
        /// Wilson's 95 % interval.
        public var interval: [Double]
    }

    public struct Evaluation: Encodable, Sendable {
        public var title: String
        public var policies: [Policy]
    }

    /// The page's path.
    public var page: String
    public var evaluations: [Evaluation]

    /// Writes a page.
    ///
    /// - Parameters:
    ///   - title: The page's.
    ///   - evaluations: Folders of evaluations.
    ///   - trainings: Folders of runs, as a training leaves them beside its checkpoint.
    ///   - file: The page, which appears whole or not at all.
    public init(_ title: String, evaluations: [Part], trainings: [Part], to file: URL) throws {
        let file = file.standardizedFileURL
        var html = HTMLPage(title)
        self.evaluations = try evaluations.map { part in
            let section = try SummaryEvaluation(title: part.title, folder: part.folder)
            try section.add(to: &html, at: file)
            return Evaluation(title: part.title, policies: section.rates)
        }
        for part in trainings { try Self.addTraining(part.title, part.folder, to: &html) }
        try AtomicFile.write(Data(html.html.utf8), to: file)
        page = file.path
    }

    public var text: String { page }

    /// Loss and errors over the updates, smoothed in training and as they are in validation.
    private static func addTraining(_ title: String, _ folder: URL, to page: inout HTMLPage) throws {
        let records = try RunLog.records(at: folder.appendingPathComponent("run.jsonl"))
        page.heading("Training: \(title)")
        let seconds = records.compactMap { $0["seconds"]?.number }.reduce(0, +)
        let examples = records.compactMap { $0["examples"]?.number }.max() ?? 0
        page.paragraph(
            "\(records.count) updates, \(Int(examples)) examples, \(Int(seconds / 60)) minutes of computing.")
        var curves: [String] = []
        for key in ["loss", "l1", "gripperAccuracy", "eventError"] {
            let training = smoothed(RunLog.points(records, y: key))
            let validation = RunLog.points(records, y: "validation/\(key)")
            guard !training.isEmpty else { continue }
            var plot = Plot(
                key, x: .init("update"), y: .init(),
                series: [.line("training", training), .points("validation", validation)])
            (plot.width, plot.height) = (420, 280)
            curves.append(HTMLPage.figure(plot.svg()))
        }
        page.gallery(.curves, curves)
    }

    /// Means of consecutive points, at most 200 of them.
    private static func smoothed(_ points: [Plot.Point]) -> [Plot.Point] {
        let width = max(1, points.count / 200)
        return stride(from: 0, to: points.count, by: width).map { start in
            let part = points[start..<min(start + width, points.count)]
            return Plot.Point(x: part[part.endIndex - 1].x, y: part.reduce(0) { $0 + $1.y } / Double(part.count))
        }
    }
}
