import ArgumentParser
import Evaluation
import Foundation
import TensorTraining

struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Join evaluations and trainings in one page to look at.",
        discussion: """
            The page holds its images and curves; the full report of each evaluation stays beside its records and is
            linked. The page's path is printed.

            EXAMPLES
              vla report --evaluation "Built-in world=out" --training policy.run -o index.html
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "The page's title.")
    var title = "Evaluation"

    @Option(help: "A folder of `vla evaluate`, or TITLE=FOLDER. May be repeated.")
    var evaluation: [String] = []

    @Option(help: "The .run folder of `vla train`, or TITLE=FOLDER. May be repeated.")
    var training: [String] = []

    @Flag(help: "Print one JSON object: the page, and every policy's successes with their interval.")
    var json = false

    @Option(name: [.short, .customLong("output")], help: "The page.", completion: .file(extensions: ["html"]))
    var output: String

    func run() throws {
        common.apply()
        let file = URL(fileURLWithPath: output).standardizedFileURL
        var page = HTMLPage(title)
        var summary = Summary(page: file.path, evaluations: [])
        for argument in evaluation {
            let (title, folder) = Self.named(argument)
            let section = try ReportSection(title: title, folder: folder)
            try section.add(to: &page, at: file)
            summary.evaluations.append(.init(title: title, policies: section.rates))
        }
        for argument in training {
            let (title, folder) = Self.named(argument)
            try Self.addTraining(title, folder, to: &page)
        }
        try Data(page.html.utf8).write(to: file, options: .atomic)
        if json { try printJSON(summary) } else { print(file.path) }
    }

    /// What `--json` prints.
    struct Summary: Encodable {
        struct Policy: Encodable {
            var name: String
            var successCount: Int
            var episodeCount: Int
            var successRate: Double
            /// Wilson's 95 % interval.
            var interval: [Double]
        }
        struct Evaluation: Encodable {
            var title: String
            var policies: [Policy]
        }

        var page: String
        var evaluations: [Evaluation]
    }

    /// `TITLE=FOLDER`, or a folder that is named by itself.
    private static func named(_ argument: String) -> (title: String, folder: URL) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        let path = String(parts[parts.count - 1])
        return (parts.count == 2 ? String(parts[0]) : path, URL(fileURLWithPath: path).standardizedFileURL)
    }

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

/// One evaluation on the page: of a policy alone, or of several on the same starts.
private struct ReportSection {
    let title: String
    let folder: URL
    /// Each policy's folder and result.
    private let results: [(folder: URL, result: EvaluationResult)]
    private let comparison: PolicyComparison?

    init(title: String, folder: URL) throws {
        (self.title, self.folder) = (title, folder)
        let decoder = JSONDecoder()
        func result(_ folder: URL) throws -> (URL, EvaluationResult) {
            (
                folder,
                try decoder.decode(
                    EvaluationResult.self, from: Data(contentsOf: folder.appendingPathComponent("result.json")))
            )
        }
        if let data = try? Data(contentsOf: folder.appendingPathComponent("comparison.json")) {
            let comparison = try decoder.decode(PolicyComparison.self, from: data)
            self.comparison = comparison
            results = try comparison.policies.map { try result(folder.appendingPathComponent($0.name)) }
        } else {
            comparison = nil
            results = [try result(folder)]
        }
    }

    /// The policies' numbers.
    var rates: [Report.Summary.Policy] {
        results.map { _, result in
            .init(
                name: result.provenance.agent.name, successCount: result.successCount,
                episodeCount: result.episodeCount, successRate: result.successRate, interval: result.interval)
        }
    }

    func add(to page: inout HTMLPage, at file: URL) throws {
        page.heading(title)
        page.table(
            ["policy", "success", "", "episodes", "95 % interval (Wilson)", "report"],
            results.map { folder, result in
                let range = "\(HTMLPage.percent(result.interval[0])) to \(HTMLPage.percent(result.interval[1]))"
                return [
                    .text(result.provenance.agent.name), .number(HTMLPage.percent(result.successRate)),
                    .rate(result.successRate, lower: result.interval[0], upper: result.interval[1]),
                    .number("\(result.successCount) of \(result.episodeCount)"), .text(range),
                    .link("all episodes", to: link(to: folder.appendingPathComponent("report.html"), on: file)),
                ]
            })
        for pair in comparison?.pairs ?? [] {
            func points(_ share: Double) -> String { String(format: "%+.1f", share * 100) }
            page.paragraph(
                "\(pair.first) − \(pair.second) on the same starts: \(points(pair.difference)) points "
                    + "(\(points(pair.interval[0])) to \(points(pair.interval[1]))), "
                    + String(format: "p = %.2g (McNemar, exact).", pair.pValue))
        }

        // each task beside the policies
        page.table(
            ["task"] + results.map(\.result.provenance.agent.name),
            results[0].result.tasks.map { task in
                [.text(task.instruction)]
                    + results.map { _, result in
                        let rate = result.tasks.first { $0.number == task.number }?.rate
                        return .number(rate.map { "\($0.successCount)/\($0.episodeCount)" } ?? "–")
                    }
            })

        // successes and failures of the last policy, which is the one in question; other tasks before other starts
        let (folder, result) = results[results.count - 1]
        let filmed = result.episodes.filter { $0.images.video != nil }.sorted {
            ($0.number, $0.task) < ($1.number, $1.task)
        }
        let shown = filmed.filter(\.isSuccess).prefix(3) + filmed.filter { !$0.isSuccess }.prefix(3)
        let films = try shown.map { episode in
            let task = result.tasks.first { $0.number == episode.task }
            let text = "\(result.provenance.agent.name): \(task?.instruction ?? "")"
            let film = try HTMLPage.embedded(
                folder.appendingPathComponent(episode.images.video!), alternative: text)
            return HTMLPage.figure(film, caption: text, outcome: episode.outcome)
        }
        page.gallery(.films, films)
    }

    /// What leads from the page to a file.
    private func link(to target: URL, on page: URL) -> String {
        let base = page.deletingLastPathComponent().path + "/"
        let path = target.path.hasPrefix(base) ? "./" + target.path.dropFirst(base.count) : target.path
        return path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
    }
}
