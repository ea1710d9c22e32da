import ArgumentParser
import Foundation
import RobotReports

struct RobotForward: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fk",
        abstract: "Compute the poses of frames at joint positions.",
        discussion: """
            EXAMPLES
              vla robot fk --robot piper --joints 0,1.2,-1.2,0,0.9,0 --frame gripper_tip
              vla robot fk --robot panda --joints 0,-10,0,-140,0,128,45 --degrees --json
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var options: RobotOptions

    @Option(help: "Joint positions, comma-separated, radians and metres. Default: the preferred configuration.")
    var joints: NumberList?

    @Flag(help: "Joint positions are in degrees.")
    var degrees = false

    @Option(help: "A frame; may be repeated. Default: all.")
    var frame: [String] = []

    @Flag(help: "Print one JSON object, frame by frame.")
    var json = false

    func run() throws {
        common.apply()
        let model = try options.source.model()
        let report = try ForwardReport(
            model, at: model.positions(joints?.values, inDegrees: degrees), frames: frame)
        if !report.isWithinLimits {
            FileHandle.standardError.write(Data("warning: the joint positions are beyond the limits\n".utf8))
        }
        try show(report, asJSON: json)
    }
}
