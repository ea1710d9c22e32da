import ArgumentParser
import Foundation
import Kinematics

struct RobotForward: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fk",
        abstract: "Print where frames are at joint positions.",
        discussion: """
            EXAMPLES
              vla robot fk --robot piper --joints 0,1.2,-1.2,0,0.9,0 --frame gripper_tip
              vla robot fk --robot panda --joints 0,-10,0,-140,0,128,45 --degrees --json
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var options: RobotOptions

    @Option(help: "Joint positions with commas, radians and metres; the preferred posture when left out.")
    var joints: NumberList?

    @Flag(help: "Joint positions are in degrees.")
    var degrees = false

    @Option(help: "A frame; may be given several times. All when left out.")
    var frame: [String] = []

    @Flag(help: "Print one JSON object, frame by frame.")
    var json = false

    func run() throws {
        common.apply()
        let model = try options.model()
        let positions = try model.positions(joints, degrees: degrees)
        if !model.isWithinLimits(positions) {
            FileHandle.standardError.write(Data("warning: the joint positions are beyond the limits\n".utf8))
        }
        let state = model.makeState()
        state.update(positions)
        let names = frame.isEmpty ? model.frameNames : frame
        let poses = try names.map { (name: $0, pose: PoseReport(state.pose(of: try model.frame($0)))) }
        if json {
            try printJSON(Dictionary(poses.map { ($0.name, $0.pose) }) { first, _ in first })
        } else {
            let width = names.map(\.count).max() ?? 0
            for (name, pose) in poses {
                print(name.padding(toLength: width, withPad: " ", startingAt: 0) + "  " + pose.text)
            }
        }
    }
}
