import RobotInterface
import ActionTokenizer
import Evaluation
import VLAPolicy

/// What happened in an episode, as far as a robot's own senses tell it.
struct EpisodeCourse {
    private let space: ActionSpace
    private var actions: [[Double]] = []
    private var widths: [Double] = []
    /// Way of the hand since the step before, metres.
    private var ways: [Double] = []
    private var last: SIMD3<Double>?

    init(_ space: ActionSpace) { self.space = space }

    mutating func see(_ moment: EpisodeMoment) {
        guard let decision = moment.decision else { return }
        actions.append(decision.action)
        guard let state = moment.observation.state else { return }
        widths.append(state.fingerPositions.reduce(0) { $0 + abs($1) })
        let way = last.map { state.endEffectorPosition - $0 } ?? .zero
        ways.append((way * way).sum().squareRoot())
        last = state.endEffectorPosition
    }

    private var closes: [Bool] { actions.map { GripperCoding.closes($0[$0.count - 1], space.gripperConvention) } }

    /// Frames in which the gripper is commanded to close but is held open.
    private var holding: [Bool] { zip(closes, widths).map { $0 && $1 > 0.01 && $1 < 0.075 } }

    /// The longest period without commanded motion, without a new gripper command and without motion of the hand.
    private var longestStill: Range<Int> {
        let closes = closes
        var (best, start) = (0..<0, 0)
        for index in actions.indices {
            let size = actions[index].dropLast().reduce(0) { max($0, abs($1)) }
            let isStill =
                size < 0.05 * space.limit && (index == 0 || closes[index] == closes[index - 1])
                && (index >= ways.count || ways[index] < 1e-3)
            if !isStill { start = index + 1 } else if index + 1 - start > best.count { best = start..<index + 1 }
        }
        return best
    }

    /// - Parameters:
    ///   - closest: What the world tells of the nearest object of the goal.
    ///   - reach: How near a demonstration comes to it, metres; nil when that is not known.
    func summary(_ record: RolloutRecord, closest: ObjectDistance?, reach: Double?) -> EpisodeSummary {
        let (closes, holding, still) = (closes, holding, longestStill)
        let motion =
            actions.reduce(0.0) { $0 + $1.dropLast().reduce(0) { $0 + abs($1) } } / Double(max(actions.count, 1))
        // a hand that is as near as in a demonstration has reached it
        let isFar = closest.map { $0.distance > max((reach ?? 0) + 0.02, 0.03) } ?? false
        let end: EpisodeSummary.End
        if record.isSuccess {
            end = .success
        } else if case .fault = record.end {
            end = .fault
        } else if let first = actions.first, actions.allSatisfy({ Self.areEqual($0, first) }) {
            end = .sameAction
        } else if motion < 0.03 {
            end = .stoodStill
        } else if still.count >= max(EpisodeSummary.longPause, actions.count / 5) {
            end = .froze
        } else if isFar {
            end = .neverReached
        } else if !closes.contains(true) {
            end = .neverClosed
        } else if !closes.contains(false) {
            end = .neverOpened
        } else if holding.count(where: { $0 }) < 8 {
            end = .closedOnNothing
        } else {
            end = holding.last == true ? .heldUntilTheEnd : .letGo
        }
        return EpisodeSummary(
            task: record.header.episode.task, end: end, stepCount: record.agentStepCount,
            path: ways.reduce(0, +), gripperChangeCount: zip(closes, closes.dropFirst()).count { $0 != $1 },
            stillCount: still.count, stillStart: still.lowerBound,
            repeatedCount: still.dropFirst().count { Self.areEqual(actions[$0], actions[$0 - 1]) },
            holdsWhileStill: still.last.map { $0 < holding.count && holding[$0] } ?? false, closest: closest)
    }

    private static func areEqual(_ a: [Double], _ b: [Double]) -> Bool { zip(a, b).allSatisfy { abs($0 - $1) < 1e-3 } }
}
