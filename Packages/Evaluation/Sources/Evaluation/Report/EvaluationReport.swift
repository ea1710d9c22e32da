import FileSupport
import SuccessStatistics
public import Foundation
import Plotting

/// The report of an evaluation: one HTML file with embedded images.
public struct EvaluationReport {
    /// The page.
    public let html: String

    /// Images beyond this many bytes altogether are left out and named instead.
    public static let embeddedByteLimit = 40 << 20

    /// - Parameters:
    ///   - result: What was measured.
    ///   - folder: Where the result's files lie.
    ///   - comparisons: Lines about other policies on the same starts.
    /// - Throws: When an image that the result names cannot be read.
    public init(_ result: EvaluationResult, folder: URL, comparisons: [String] = []) throws {
        var page = HTMLPage("\(result.provenance.agent.name) on \(result.provenance.suite)")
        Self.addSummary(of: result, to: &page)
        for comparison in comparisons { page.paragraph(comparison) }
        Self.addTasks(of: result, to: &page)
        Self.addCurve(of: result, to: &page)
        try Self.addImages(of: result, folder: folder, to: &page)
        Self.addOrigin(of: result, to: &page)
        html = page.html
    }

    private static func range(_ ends: [Double]) -> String {
        "\(HTMLPage.percent(ends[0])) to \(HTMLPage.percent(ends[1]))"
    }

    private static func addSummary(of result: EvaluationResult, to page: inout HTMLPage) {
        page.add(
            "<p class=result><b>\(HTMLPage.percent(result.successRate))</b> success, "
                + "\(result.successCount) of \(result.episodeCount) episodes</p>")
        page.table(
            ["95 % interval", "", "of what"],
            [
                [
                    .text("Wilson"), .number(range(result.intervals.wilson)),
                    .text("the rate on these tasks; the one to report"),
                ],
                [
                    .text("Clopper–Pearson"), .number(range(result.intervals.clopperPearson)),
                    .text("the same, never too narrow"),
                ],
                [
                    .text("clustered by task"), .number(range(result.intervals.clusteredByTask)),
                    .text("the rate on tasks of this kind, of which these are a sample"),
                ],
                [
                    .text("anytime"), .number(range(result.intervals.anytime)),
                    .text("holds at every moment of the evaluation at once"),
                ],
            ])
        if let early = result.earlyStop {
            page.paragraph(
                "Ended after \(early.episodeCount) episodes: the rate was known to be "
                    + "\(early.isAbove ? "above" : "below") the one asked about.")
        }
    }

    private static func addTasks(of result: EvaluationResult, to page: inout HTMLPage) {
        page.heading("Tasks")
        let rules = result.provenance.rules
        for note in [rules.goalNote, rules.realTimeNote].compactMap({ $0 }) { page.paragraph(note) }
        page.table(
            ["", "instruction", "successes", "rate", "95 % interval", "", "mean steps"],
            result.tasks.map { task in
                let rate = task.rate
                var text = task.instruction.isEmpty ? task.name : task.instruction
                if let told = rules.instructions?[task.number] { text += ", told “\(told)”" }
                return [
                    .number("\(task.number)"),
                    place(of: task.number, in: result).map { .link(text, to: "#\($0)") } ?? .text(text),
                    .number("\(rate.successCount)/\(rate.episodeCount)"), .number(HTMLPage.percent(rate.successRate)),
                    .number(range(rate.interval)),
                    .rate(rate.successRate, lower: rate.interval[0], upper: rate.interval[1]),
                    .number(task.meanSuccessSteps.map { String(format: "%.0f", $0) } ?? "–"),
                ]
            })
    }

    /// The rate and its anytime interval as the episodes came in.
    private static func addCurve(of result: EvaluationResult, to page: inout HTMLPage) {
        guard result.episodes.count > 1 else { return }
        var (x, rates, lower, upper, successes) = ([Double](), [Double](), [Double](), [Double](), 0)
        for (index, episode) in result.episodes.enumerated() {
            if episode.isSuccess { successes += 1 }
            let rate = SuccessRate(successCount: successes, trialCount: index + 1)
            let interval = SequentialTest.interval(rate)
            x.append(Double(index + 1))
            rates.append(rate.value ?? 0)
            lower.append(interval.lowerBound)
            upper.append(interval.upperBound)
        }
        page.heading("Along the episodes")
        let points = zip(x, rates).map { Plot.Point(x: $0, y: $1) }
        var steps = Plot(
            "Steps of the episodes that succeeded", x: Plot.Axis("steps"), y: Plot.Axis("episodes"),
            series: [
                .histogram(
                    "", result.episodes.filter(\.isSuccess).map { Double($0.stepCount) }, binCount: 24)
            ])
        var curve = Plot(
            "Success rate, anytime 95 % interval", x: Plot.Axis("episodes"),
            y: Plot.Axis("success rate", range: 0...1),
            series: [.band("interval", x: x, lower: lower, upper: upper), .line("rate", points)])
        // small, so that its text stays readable where the page is narrow
        (steps.width, steps.height) = (420, 280)
        (curve.width, curve.height) = (420, 280)
        page.gallery(.curves, ([curve] + (result.successCount > 1 ? [steps] : [])).map { HTMLPage.figure($0.svg()) })
    }

    /// The page's name of the film or images of an episode.
    private static func anchor(_ episode: EvaluationResult.Episode, _ kind: String) -> String {
        "\(kind)-\(episode.task)-\(episode.number)"
    }

    /// Where the page shows something of a task: its first film, or else the images of its first failure.
    private static func place(of task: Int, in result: EvaluationResult) -> String? {
        let episodes = result.episodes.filter { $0.task == task }
        if let filmed = episodes.first(where: { $0.images.video != nil }) { return anchor(filmed, "film") }
        return episodes.first { !$0.isSuccess && $0.images.contactSheet != nil }.map { anchor($0, "failure") }
    }

    private static func addImages(of result: EvaluationResult, folder: URL, to page: inout HTMLPage) throws {
        var (bytes, leftOut) = (0, [String]())
        func figure(_ episode: EvaluationResult.Episode, _ path: String, _ kind: String) throws -> String? {
            // a result may come from anywhere; what it names has to lie beside it
            guard let file = ContainedPath.file(path, in: folder) else {
                throw RunFolderError(
                    path: folder.path,
                    reason: "its result names the file '\(path.prefix(100))', which is no file inside of the folder")
            }
            let size = (try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int) ?? 0
            guard bytes + size <= embeddedByteLimit else {
                leftOut.append(path)
                return nil
            }
            bytes += size
            let task = result.tasks.first { $0.number == episode.task }
            let instruction = task.map { $0.instruction.isEmpty ? $0.name : $0.instruction } ?? ""
            let caption = "Task \(episode.task), episode \(episode.number): \(instruction)"
            return HTMLPage.figure(
                try HTMLPage.embedded(file, alternative: caption), caption: caption, outcome: episode.outcome,
                anchor: anchor(episode, kind))
        }

        let films = try result.episodes.compactMap { episode in
            try episode.images.video.flatMap { try figure(episode, $0, "film") }
        }
        if !films.isEmpty {
            page.heading("Films")
            page.gallery(.films, films)
        }
        let failures = try result.episodes.filter { !$0.isSuccess }.compactMap { episode in
            try episode.images.contactSheet.flatMap { try figure(episode, $0, "failure") }
        }
        if !failures.isEmpty {
            page.heading("Failures")
            page.gallery(.sheets, failures)
        }
        if !leftOut.isEmpty { page.paragraph("Not shown here, but in the folder: \(leftOut.joined(separator: ", ")).") }
    }

    private static func addOrigin(of result: EvaluationResult, to page: inout HTMLPage) {
        page.heading("Where this comes from")
        let origin = result.provenance
        func rows(_ prefix: String, _ values: [String: String]) -> [[HTMLPage.Cell]] {
            values.sorted { $0.key < $1.key }.map { [.text("\(prefix) \($0.key)"), .text($0.value)] }
        }
        page.table(
            ["what", "value"],
            [[.text("agent"), .text("\(origin.agent.kind) \(origin.agent.name)")]]
                + rows("agent", origin.agent.provenance) + rows("environment", origin.environment)
                + rows("program", origin.program) + [[.text("records"), .text(origin.recordsHash)]])
        let encoder = JSONEncoder.sorted(indented: true)
        if let rules = try? encoder.encode(origin.rules) {
            page.add(
                "<details><summary>Rules</summary><pre>"
                    + HTMLPage.escaped(String(decoding: rules, as: UTF8.self)) + "</pre></details>")
        }
    }
}
