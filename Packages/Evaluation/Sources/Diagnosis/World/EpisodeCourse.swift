import ActionTokenizer
import Evaluation
import VLAPolicy

/// What happened in an episode, as far as a robot's own senses tell it.
struct EpisodeCourse {
    private let convention: GripperConvention
    private var actions: [[Double]] = []
    private var widths: [Double] = []
    private var path = 0.0
    private var last: SIMD3<Double>?

    init(convention: GripperConvention) { self.convention = convention }

    mutating func see(_ moment: EpisodeMoment) {
        guard let decision = moment.decision else { return }
        actions.append(decision.action)
        guard let state = moment.observation.state else { return }
        widths.append(state.fingerPositions.reduce(0) { $0 + abs($1) })
        if let last {
            let way = state.endEffectorPosition - last
            path += (way * way).sum().squareRoot()
        }
        last = state.endEffectorPosition
    }

    /// Frames in which the gripper is told to close and something keeps it open.
    private var holding: [Bool] {
        zip(actions, widths).map { action, width in
            GripperCoding.closes(action[action.count - 1], convention) && width > 0.01 && width < 0.075
        }
    }

    func summary(_ record: RolloutRecord) -> String {
        if record.isSuccess { return "reached its goal after \(record.agentStepCount) steps" }
        let closes = actions.map { GripperCoding.closes($0[$0.count - 1], convention) }
        let motion =
            actions.reduce(0.0) { $0 + $1.dropLast().reduce(0) { $0 + abs($1) } } / Double(max(actions.count, 1))
        let held = holding.count { $0 }
        let changes = zip(closes, closes.dropFirst()).count { $0 != $1 }
        var ended: String
        if let first = actions.first, actions.allSatisfy({ close($0, first) }) {
            ended = "did the same at every step"
        } else if motion < 0.03 {
            ended = "stood still"
        } else if !closes.contains(true) {
            ended = "never closed the gripper"
        } else if !closes.contains(false) {
            ended = "never opened the gripper"
        } else if held < 8 {
            ended = "closed the gripper on nothing"
        } else if holding.last == true {
            ended = "held something until the time was over"
        } else {
            ended = "let go of what it held before the goal"
        }
        ended += ", \(record.agentStepCount) steps, \(Evidence.short(path)) m, gripper changed \(changes) times"
        return ended
    }

    private func close(_ a: [Double], _ b: [Double]) -> Bool { zip(a, b).allSatisfy { abs($0 - $1) < 1e-3 } }
}
