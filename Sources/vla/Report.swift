import ArgumentParser
import Foundation
import LiberoEvaluation

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
        let page = try SummaryPage(
            title, evaluations: evaluation.map { SummaryPage.Part($0) },
            trainings: training.map { SummaryPage.Part($0) },
            to: URL(fileURLWithPath: output))
        try show(page, asJSON: json)
    }
}
