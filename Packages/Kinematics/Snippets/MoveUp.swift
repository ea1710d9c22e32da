// Plans a straight way up for the gripper of a built-in Piper and prints the first messages for its bus.
//
//     swift run --package-path Packages/Kinematics MoveUp

import Kinematics
import PiperDriver

let piper = try RobotModel(.piper, configuration: RobotConfiguration.builtIn["piper"])
let tip = try piper.frame("gripper_tip")
let start = [0, 1.2, -1.2, 0, 0.8, 0]

let move = LinearMovePlanner(piper).moveVertically(tip, from: start, by: 0.05)
guard move.outcome == .complete, let path = move.path else {
    fatalError("the line ends with \(move.outcome)")
}
let motion = PathMotion(path, limits: MotionLimits(of: piper, scale: 0.5)).sampled(rate: 200)
print("\(motion.duration) s, at most \(move.positionDeviation) m off the line")
for message in try PiperFrames.joints(motion.states[0].positions) { print(message) }
