import RobotInterface
import Evaluation
import Foundation
import TensorCore
import Testing
import VLAPolicy

@testable import Diagnosis

/// How episodes that fail are told apart, by hands that fail on purpose.
@Suite struct EpisodeCourseTests {
    /// Does what leads to the goal, changed from some step on.
    private struct Hand: Agent {
        let change: (_ step: Int, _ right: [Double]) -> [Double]
        private var step = 0

        init(_ change: @escaping (Int, [Double]) -> [Double]) { self.change = change }

        mutating func begin(_ episode: PlannedEpisode, in world: WatchedWorld<ToyWorld>) { step = 0 }

        mutating func decide(
            for observation: Observation, in world: WatchedWorld<ToyWorld>, using generator: inout PhiloxGenerator
        ) -> Decision {
            defer { step += 1 }
            return Decision(action: change(step, world.base.expertAction))
        }
    }

    private func summary(
        of change: @escaping (Int, [Double]) -> [Double], reach: Double? = 0
    ) throws -> EpisodeSummary {
        var world = WatchedWorld(ToyWorld())
        var hand = Hand(change)
        var course = EpisodeCourse(world.description.actionSpace)
        var rules = EvaluationRules(.libero, suiteLimit: 120)
        rules.episodesPerTask = 1
        let episode = PlannedEpisode(
            task: 0, number: 0, start: EpisodeStart(task: 0, placement: .drawn(seed: 3)), seed: 1)
        let record = try rollOut(episode, rules: rules, with: &hand, named: "hand", in: &world) { course.see($0) }
        return course.summary(record, closest: world.closest, reach: reach)
    }

    @Test func theRightWayReachesTheObjectAndSucceeds() throws {
        let found = try summary { _, right in right }
        #expect(found.isSuccess && found.closest?.object == "red_block" && found.closest?.distance == 0)
    }

    @Test func standingStillAfterAWayIsFreezing() throws {
        let found = try summary { step, right in step < 5 ? right : [0, 0, 0, 0, 0, 0, -1] }
        #expect(found.end == .froze)
        #expect(found.stillCount >= 100 && found.stillStart <= 8 && found.repeatedCount >= 99)
        #expect(!found.holdsWhileStill && found.path > 0.03)
    }

    @Test func aPauseIsNoFreezing() throws {
        let found = try summary { step, right in
            // goes to and fro, and waits as long as a gripper takes to close
            step % 40 < 12 ? [0, 0, 0, 0, 0, 0, -1] : [step % 2 == 0 ? 0.3 : -0.3, 0, 0, 0, 0, 0, -1]
        }
        #expect(found.end != .froze && found.stillCount < EpisodeSummary.longPause)
    }

    @Test func aHandThatTurnsAwayNeverReaches() throws {
        let found = try summary { step, _ in [0.02 * Double(step % 3), 0.3, 0.2, 0, 0, 0, step > 60 ? 1 : -1] }
        #expect(found.end == .neverReached && found.closest!.distance > 0.05)
        #expect(found.text.contains("nearest to red_block"))
    }

    /// Near enough, and yet beside it: that is told by the gripper.
    @Test func aHandThatClosesBesideItHasReachedIt() throws {
        let found = try summary { step, right in
            if step < 30 { return right.dropLast() + [-1] }
            return [step < 36 ? 0.5 : 0, step % 2 == 0 ? 0.2 : -0.2, 0, 0, 0, 0, step < 36 ? -1 : 1]
        }
        #expect(found.end == .closedOnNothing)
        #expect(found.closest!.distance < 0.02)
    }

    @Test func withoutMotionItStands() throws {
        #expect(try summary { _, _ in [0, 0, 0, 0, 0, 0, -1] }.end == .sameAction)
        #expect(try summary { step, _ in [0, 0, 0.01 * Double(step % 2), 0, 0, 0, -1] }.end == .stoodStill)
    }
}
