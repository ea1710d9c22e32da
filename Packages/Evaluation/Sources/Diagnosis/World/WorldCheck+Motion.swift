import RobotInterface
import Evaluation
import Foundation
import ImageProcessing
import LiberoData
import TensorCore
import VLAPolicy

extension WorldCheck {
    enum Course {
        case asRecorded
        case changed(Alteration)
        case shifted(Int)
        case repeated(Int)
    }

    /// Replays the recorded actions: whether the hand goes where it went, and the goal is reached.
    mutating func compareMotion(_ replays: [Replay], _ diagnosisRun: inout DiagnosisRun) throws -> [String] {
        var details: [String] = []
        for replay in replays.prefix(2) {
            let asIs = try follow(replay, .asRecorded, stepLimit: .max)
            details.append(
                "replayed: largest distance \(Evidence.short(asIs.distance * 1000)) mm, "
                    + "fingers \(Evidence.short(asIs.fingers * 1000)) mm, goal \(asIs.isSuccess ? "reached" : "not reached")"
            )
            guard asIs.distance > 0.01 || asIs.fingers > 0.01 || !asIs.isSuccess else { continue }
            // which mistake, undone, makes the hand follow
            var courses: [(Cause, String, String, Course)] = Alteration.ofActions(world.description.actionSpace).map {
                ($0.cause, $0.what, $0.remedy, .changed($0))
            }
            for shift in [-3, -2, -1, 1, 2, 3] {
                courses.append(
                    (.labelShift, "actions of \(shift) frames later", "shift the actions by \(-shift)", .shifted(shift))
                )
            }
            courses.append(
                (
                    .frameRate, "each action carried out twice",
                    "collect at the world's rate, or hold each action for two steps", .repeated(2)
                ))
            courses.append(
                (
                    .gripperRange, "the gripper's 0 as opening", "convert the gripper to −1 and +1",
                    .changed(.actions(.gripperRange, "", remedy: "") { $0.dropLast() + [$0.last! > 0.5 ? 1 : -1] })
                ))
            let limit = 60
            let start = try follow(replay, .asRecorded, stepLimit: limit)
            func badness(_ r: (distance: Double, fingers: Double, isSuccess: Bool)) -> Double {
                r.distance + r.fingers
            }
            var best: (course: (Cause, String, String, Course), result: Double)?
            for course in courses {
                let result = badness(try follow(replay, course.3, stepLimit: limit))
                if result < best?.result ?? .infinity { best = (course, result) }
            }
            // what shows only later, such as a gripper that does not open again
            let reference = badness(start)
            if let best, reference > 2e-3, best.result < 0.35 * reference {
                diagnosisRun.report.add(
                    Finding(
                        best.course.0, in: side(best.course.0, diagnosisRun), .proof,
                        certainty: best.result < 0.1 * reference ? 0.92 : 0.75,
                        detail: "Replayed, the hand follows its recorded way only with \(best.course.1).",
                        evidence: [
                            Evidence("distance as recorded, metres", reference, expected: 0),
                            Evidence("with the change", best.result),
                        ], remedy: best.course.2))
            } else if !asIs.isSuccess {
                diagnosisRun.report.add(
                    Finding(
                        .actionSpace, in: .world, .symptom, certainty: 0.55,
                        detail: "Replayed, a demonstration does not reach its goal, and no known change helps.",
                        evidence: [Evidence("largest distance, metres", asIs.distance, expected: 0)],
                        remedy: "check controller, rate and assets against those of the recording (vla info)"))
            }
            break
        }
        return details
    }

    /// How far the hand gets from its recorded way, metres; of the fingers as well.
    mutating func follow(
        _ replay: Replay, _ course: Course, stepLimit: Int
    ) throws -> (distance: Double, fingers: Double, isSuccess: Bool) {
        var begun = replay
        if case .changed(let change) = course,
            let settling = change.target?(ActionChunk([replay.settlingAction]), .nothing)
        {
            begun.settlingAction = settling[0]
        }
        _ = try rewind(begun)
        var reach: Double?
        let (actions, states) = (replay.actions, replay.episode.states)
        var (distance, fingers, isSuccess) = (0.0, 0.0, false)
        for frame in 0..<min(actions.count, stepLimit) {
            var action: [Double]
            switch course {
            case .asRecorded, .repeated: action = Array(actions[frame])
            case .shifted(let shift): action = Array(actions[min(max(frame + shift, 0), actions.count - 1)])
            case .changed(let change):
                let chunk = change.target?(ActionChunk([Array(actions[frame])]), .nothing)
                action = chunk?[0] ?? Array(actions[frame])
            }
            guard action.allSatisfy(\.isFinite) else { break }
            let limit = 10 * world.description.actionSpace.limit
            action = action.map { min(max($0, -limit), limit) }
            var step = try world.step(action)
            if case .repeated(let count) = course { for _ in 1..<count { step = try world.step(action) } }
            isSuccess = isSuccess || step.isSuccess
            if case .asRecorded = course, let scene = world as? any SceneObserving,
                let found = WatchedWorld<World>.closest(scene.objectDistances)
            {
                reach = min(reach ?? .infinity, found.distance)
            }
            guard frame + 1 < states.count, let state = step.observation.state else { continue }
            let changed = Self.changed(state, replay.change) ?? state
            let p = changed.endEffectorPosition
            let way = p - SIMD3(states[frame + 1, 0], states[frame + 1, 1], states[frame + 1, 2])
            distance = max(distance, (way * way).sum().squareRoot())
            if states.width >= 8, let finger = changed.fingerPositions.first {
                fingers = max(fingers, abs(finger - states[frame + 1, 6]))
            }
        }
        if let reach, isSuccess { reaches[replay.start.task] = min(reaches[replay.start.task] ?? .infinity, reach) }
        return (distance, fingers, isSuccess)
    }
}
