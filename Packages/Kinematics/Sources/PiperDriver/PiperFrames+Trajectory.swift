import Foundation
public import Kinematics

extension PiperFrames {
    /// Whether a robot is a Piper by its name and joints.
    public static func drive(_ model: RobotModel) -> Bool {
        model.name.contains("piper") && model.coordinates.map(\.joint) == (1...6).map { "joint\($0)" }
    }

    /// A motion as lines of time and message, as `canplayer` of can-utils plays them on the interface `can0`.
    ///
    /// - Throws: ``Failure`` for positions that a message has no place for.
    public static func log(_ trajectory: JointTrajectory) throws -> String {
        var text = ""
        func add(_ time: Double, _ frame: Frame) {
            text += "(\(String(format: "%.6f", time))) can0 \(frame)\n"
        }
        add(0, try mode(.joint, speed: 1))
        for (index, sample) in trajectory.states.enumerated() {
            for frame in try joints(sample.positions) { add(trajectory.times[index], frame) }
        }
        return text
    }
}
