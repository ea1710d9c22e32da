import Kinematics

let piper = try RobotModel(.piper, configuration: RobotConfiguration.builtIn["piper"])
let tip = try piper.frame("gripper_tip")
let state = piper.makeState()
state.update([0, 1.2, -1.2, 0, 0.8, 0])
var target = state.pose(of: tip)
target.translation.z += 0.05

let solution = InverseKinematics(piper).solve(PoseTarget(tip, pose: target), startingAt: state.positions)
print("\(solution.outcome): \(solution.positions)")
