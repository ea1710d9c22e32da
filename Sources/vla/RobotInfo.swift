import ArgumentParser
import RobotReports

struct RobotInfo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Print a robot's coordinates, limits and frames.",
        discussion: """
            EXAMPLES
              vla robot info --robot panda
              vla robot info --robot arm.urdf --json
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var options: RobotOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        common.apply()
        let model = try options.source.model()
        try show(try RobotReport(model, collision: options.source.collision(model)), asJSON: json)
    }
}
