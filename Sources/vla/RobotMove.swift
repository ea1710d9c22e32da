import ArgumentParser
import Foundation
import Kinematics
import RobotReports

struct RobotMove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Plan straight-line motions of a frame, check them, and write them to files.",
        discussion: """
            Goes --up, then --down, then along --by, each from rest to rest, with the orientation kept. Checks limits,
            the robot's own spheres, a scene, and how far the frame is from the line, at every sample. Without --start it
            begins at the preferred posture, moved back along the first line where the way does not fit. Writes motion.json,
            motion.csv, plot.svg, motion.png (animated), steps.png, and for a Piper can.txt for its bus.

            EXAMPLES
              vla robot move --robot piper --frame gripper_tip --up 0.10 --down 0.10 -o out/
              vla robot move --robot panda --frame panda_hand_tcp --by 0.1,0.1,0 --law time-optimal -o out/
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var options: RobotOptions

    @Option(help: "The frame that moves. Default: the only tool frame.")
    var frame: String?

    @Option(help: "Metres along the base's z.")
    var up: Double?

    @Option(help: "Metres against the base's z.")
    var down: Double?

    @Option(help: "x,y,z in metres in the base.")
    var by: NumberList?

    @Option(help: "Number of repetitions.")
    var count: Int = 1

    @Option(help: "Initial joint positions, comma-separated, radians and metres.")
    var start: NumberList?

    @Flag(help: "The start is in degrees.")
    var degrees = false

    @Option(help: "The time law: minimum-jerk or time-optimal.")
    var law: MoveRequest.Law = .minimumJerk

    @Option(help: "Fraction of the limits that is used, 0…1.")
    var scale: Double = 0.5

    @Option(help: "Samples per second.")
    var rate: Double = 200

    @Option(name: .shortAndLong, help: "The folder to write to.", completion: .directory)
    var output: String?

    @Flag(help: "Print the report as one JSON object.")
    var json = false

    func validate() throws {
        guard up != nil || down != nil || by != nil else { throw ValidationError("Give --up, --down or --by.") }
        guard scale > 0, scale <= 1 else {
            throw ValidationError("--scale is \(scale); it is a share above 0, at most 1.")
        }
        guard 1...10_000 ~= rate else { throw ValidationError("--rate is \(rate) Hz; 1 to 10000 are possible.") }
        guard 1...100 ~= count else { throw ValidationError("--count is \(count); 1 to 100 are planned.") }
        for (name, value) in [("up", up), ("down", down)] {
            if let value, !(0...100 ~= value) {
                throw ValidationError("--\(name) is \(value) m; 0 to 100 are possible.")
            }
        }
    }

    func run() throws {
        common.apply()
        let steps = try (0..<count).flatMap { _ in
            [up.map { Vector3(0, 0, $0) }, down.map { Vector3(0, 0, -$0) }, try by?.vector("by")].compactMap { $0 }
        }
        var request = MoveRequest(options.source, steps: steps)
        (request.frame, request.start, request.isInDegrees) = (frame, start?.values, degrees)
        (request.law, request.scale, request.rate) = (law, scale, rate)
        let report = try request.plan(
            to: output.map { URL(fileURLWithPath: $0) }, shouldContinue: Interruption.check)
        try show(report, asJSON: json)
    }
}

extension MoveRequest.Law: ExpressibleByArgument {}
