import Foundation
import Kinematics

/// Where the hand shall go, and what its fingers do on the way.
struct HandCommand: Equatable, Sendable {
    /// Of the grip point, in world coordinates.
    var position: Vector3
    /// The orientation of the hand; `nil` keeps the controller's.
    var orientation: Matrix3?
    /// 1 closes the fingers, −1 opens them.
    var grip: Double
    /// The largest motion, as a fraction of the largest of an action.
    var speed = 1.0
    /// Whether the hand rises before it moves sideways.
    var risesFirst = true
}

/// Turns places for the hand into LIBERO's actions.
enum HandMotion {
    /// Rotations below this are not corrected, radians.
    static let deadBand = 0.03
    /// As ``deadBand`` for a hand that stands as it started: its controller keeps it there.
    static let nominalDeadBand = 0.15

    /// The orientation of an upright hand: the fingers point down and close along y at a yaw of zero.
    static func upright(yaw: Double) -> Matrix3 {
        let (s, c) = (sin(yaw), cos(yaw))
        return Matrix3(columns: Vector3(-s, c, 0), Vector3(c, s, 0), Vector3(0, 0, -1))
    }

    /// The orientation whose fingers point along `approach` and close along `closing`, or against it where that is the
    /// shorter turn from the upright hand; of two turns of 90° the one that keeps the last joint from its limit.
    ///
    /// - Parameters:
    ///   - approach: A unit vector.
    ///   - closing: Any vector that is not parallel to `approach`.
    static func orientation(approach: Vector3, closing: Vector3) -> Matrix3 {
        var first = closing - approach * closing.dot(approach)
        first /= first.length
        let one = Matrix3(columns: first, approach.cross(first), approach)
        let other = Matrix3(columns: -first, approach.cross(-first), approach)
        let start = upright(yaw: 0.35)
        return (one * start.transposed).trace >= (other * start.transposed).trace ? one : other
    }

    /// The rotation vector from the hand's orientation to another, radians.
    static func turn(_ view: SceneView, to wanted: Matrix3) -> Vector3 {
        let difference = wanted * view.gripRotation.transposed
        guard let rotation = try? Rotation(matrix: difference, tolerance: 1e-3) else { return .zero }
        return rotation.logarithm
    }

    /// The action that follows a command: seven numbers in −1…1.
    static func action(_ view: SceneView, _ command: HandCommand) -> [Double] {
        var error = command.position - view.gripPosition
        if command.risesFirst, error.z > 0.02 {
            let slow = max(0, 1 - (error.z - 0.02) / 0.06)
            error.x *= slow
            error.y *= slow
        }
        // 0.05 m is a full deflection; the factor makes up for the controller's lag
        let limit = Vector3(repeating: command.speed)
        let step = pointwiseMin(pointwiseMax(error * (1.3 / 0.05), -limit), limit)

        var turn = Vector3.zero
        if let wanted = command.orientation {
            turn = self.turn(view, to: wanted)
            let isNominal = (wanted * upright(yaw: 0).transposed).trace > 1 + 2 * cos(deadBand)
            if turn.length < (isNominal ? nominalDeadBand : deadBand) { turn = .zero }
        }
        // 0.5 rad is a full deflection; slowly near the goal, so that the arm follows
        let fastest = min(max(turn.length, 0.4), 0.8)
        let r = pointwiseMin(pointwiseMax(turn / 0.5, Vector3(repeating: -fastest)), Vector3(repeating: fastest))
        return [step.x, step.y, step.z, r.x, r.y, r.z, command.grip]
    }

    /// The height at a horizontal distance from the goal: down only when above it.
    static func funnel(_ low: Double, _ high: Double, distance: Double) -> Double {
        low + min(max(4 * (distance - 0.010), 0), max(high - low, 0))
    }

    /// How high to go so that the open gripper passes over everything on the way.
    static func travelHeight(_ view: SceneView, to goal: Vector3, object: String) -> Double {
        let grip = view.gripPosition
        let points = ScenePoints(view, object: object, near: [grip, goal, (grip + goal) / 2], within: 0.25)
        var top = points.highest(along: grip, goal, within: 0.09) ?? goal.z
        top = max(top, points.own.map(\.z).max() ?? goal.z)
        return max(top + GripperShape().tipDepth + 0.03, goal.z + 0.06)
    }
}
