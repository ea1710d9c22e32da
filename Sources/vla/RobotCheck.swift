import ArgumentParser
import RobotReports

struct RobotCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a robot description: errors, tool frame offsets, and which arm it describes.",
        discussion: """
            Reports inertias no body has, limits, missing meshes; the fixed offsets between frames on one rigid body
            (hand, flange, gripper, tool centre); and how far the description is from a table of Denavit-Hartenberg
            parameters: 'panda', 'piper', 'piper-early' (firmware without the 2° offset), 'ur10e', or a JSON file

              {"name": "arm", "frame": "link6", "convention": "modified",
               "rows": [{"alpha": -90, "a": 0, "theta": 0, "d": 0.123}, …]}

            of degrees and metres; the convention is 'modified' or 'classic'. Ends with 1 when there is an error.

            EXAMPLES
              vla robot check --robot piper
              vla robot check --robot piper_2024.urdf --dh piper --frame link6
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var options: RobotOptions

    @Option(help: "The table to compare with. Default: by the robot's name.")
    var dh: String?

    @Option(help: "The frame the table leads to.")
    var frame: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        common.apply()
        let report = try RobotCheckReport(
            options.source.model(), from: options.source, table: dh, frame: frame)
        try show(report, asJSON: json)
        if report.errorCount > 0 { throw ExitCode(1) }
    }
}
