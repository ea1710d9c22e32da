import FileSupport
import Evaluation
import Foundation
import Plotting

/// One evaluation on the page: of a policy alone, or of several on the same starts.
struct SummaryEvaluation {
    let title: String
    let folder: URL
    /// Each policy's folder and result.
    private let results: [(folder: URL, result: EvaluationResult)]
    private let comparison: PolicyComparison?

    init(title: String, folder: URL) throws {
        (self.title, self.folder) = (title, folder)
        func result(_ folder: URL) throws -> (URL, EvaluationResult) {
            (
                folder,
                try EvaluationResult(at: folder)
            )
        }
        let comparisonFile = folder.appendingPathComponent("comparison.json")
        if FileManager.default.fileExists(atPath: comparisonFile.path) {
            let comparison = try JSONReading.decode(PolicyComparison.self, at: comparisonFile)
            self.comparison = comparison
            results = try comparison.policies.map { try result(folder.appendingPathComponent($0.name)) }
        } else {
            comparison = nil
            results = [try result(folder)]
        }
    }

    /// The policies' numbers.
    var rates: [SummaryPage.Policy] {
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
