import ArgumentParser
import LiberoEvaluation

struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the machine, the kernels in use and what this build contains.",
        discussion: """
            EXAMPLES
              vla info
              vla info --json
              VLA_THREADS=1 vla info
            """)

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        common.apply()
        let report = SystemReport(version: Versions.workspace, layers: Versions.layers, traits: Versions.traits)
        try show(report, asJSON: json)
    }
}
