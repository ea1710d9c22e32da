import RobotInterface
import ActionTokenizer
import Evaluation
import Foundation
import TensorCore
import Testing
import VLAPolicy

@Suite struct RollOutTests {
    let rules = EvaluationRules(
        episodesPerTask: 3, settlingStepCount: 2, stepLimit: 40, execution: .openLoop(replanInterval: 2), seed: 11)

    func run(_ policy: ReachingPolicy, task: Int = 0, number: Int = 1) throws -> RolloutRecord {
        var (world, agent) = (ReachingWorld(), PolicyAgent<ReachingWorld>(policy, execution: rules.execution))
        return try rollOut(
            PlannedEpisode(task: task, number: number, rules: rules), rules: rules, with: &agent, named: "test",
            in: &world)
    }

    /// The goal is 0.4 away and a step goes 0.05: eight or nine steps.
    @Test func anExpertArrivesAndAnOffTargetPolicyDoesNot() throws {
        var (world, expert) = (ReachingWorld(), ReachingExpert())
        let record = try rollOut(
            PlannedEpisode(task: 1, number: 0, rules: rules), rules: rules, with: &expert, named: "expert", in: &world)
        #expect(record.isSuccess && record.steps.count == record.agentStepCount + 2)
        #expect((8...9).contains(record.agentStepCount))
        #expect(record.header.instruction == "reach right")

        var blind = ReachingPolicy()
        blind.looks = false
        let failed = try run(blind)
        #expect(failed.end == .stepLimit && failed.agentStepCount == rules.stepLimit)
    }

    @Test func sameEpisodeGivesTheSameBytes() throws {
        let policy = ReachingPolicy(noise: 0.3)
        let first = try run(policy).encoded()
        #expect(try run(policy).encoded() == first)
        #expect(try run(policy, number: 2).encoded() != first)
    }

    /// Two chunk steps per question: 40 steps ask 20 times, and nobody else looks.
    @Test func imagesAreMadeOnlyWhenThePolicyLooks() throws {
        var (world, agent) = (
            ReachingWorld(), PolicyAgent<ReachingWorld>(ReachingPolicy(noise: 1), execution: rules.execution)
        )
        let record = try rollOut(
            PlannedEpisode(task: 0, number: 1, rules: rules), rules: rules, with: &agent, named: "test", in: &world)
        let asked = record.steps.count { $0.chunk != nil }
        #expect(world.images.value.load(ordering: .relaxed) == asked)
        #expect(asked == (record.agentStepCount + 1) / 2)
    }

    @Test func watchingChangesNothing() throws {
        let policy = ReachingPolicy(noise: 0.3)
        let plain = try run(policy).encoded()
        var (world, agent) = (ReachingWorld(), PolicyAgent<ReachingWorld>(policy, execution: rules.execution))
        var (stepCounts, pixels) = ([Int](), 0)
        let watched = try rollOut(
            PlannedEpisode(task: 0, number: 1, rules: rules), rules: rules, with: &agent, named: "test", in: &world
        ) {
            stepCounts.append($0.stepCount)
            pixels += try $0.observation.cameras[.agentView]!.image().pixels.count
        }
        #expect(try watched.encoded() == plain && pixels > 0)
        #expect(stepCounts == Array(0...watched.steps.count))
    }

    @Test func anActionThatIsNotFiniteFailsTheEpisode() throws {
        struct Broken: Agent {
            func begin(_ episode: PlannedEpisode, in world: ReachingWorld) {}
            func decide(
                for observation: Observation, in world: ReachingWorld,
                using generator: inout PhiloxGenerator
            ) -> Decision { Decision(action: [0, .nan]) }
        }
        var (world, agent) = (ReachingWorld(), Broken())
        let record = try rollOut(
            PlannedEpisode(task: 0, number: 0, rules: rules), rules: rules, with: &agent, named: "broken", in: &world)
        #expect(record.end == .fault("number 1 of the action is nan") && !record.isSuccess)
    }

    @Test func everythingThatDiffersIsNamed() throws {
        var environment = ReachingWorld().description
        var requirements = ReachingPolicy().requirements
        #expect(try requirements.differences(from: environment) == [])

        environment.actionSpace.gripperConvention = .openVLA
        environment.actionSpace.controlRate = 10
        environment.cameras[.agentView]?.orientation = .rotated180
        environment.cameras[.agentView]?.width = 224
        requirements.cameras[.wrist] = ReachingWorld.camera
        requirements.stateLayout = .libero
        let fields = try requirements.differences(from: environment).map(\.field)
        #expect(
            fields == [
                "actionSpace.controlRate", "actionSpace.gripperConvention", "cameras.agentview.orientation",
                "cameras.agentview.width", "cameras.eye_in_hand", "state", "state",
            ])
        #expect(throws: IncompatibleEnvironmentError.self) { try requirements.check(environment) }
    }

    @Test func episodesDependOnTheSeedAndNotOnEachOther() {
        var drawn = rules
        drawn.starts = .drawn
        drawn.perturbation = EvaluationRules.Perturbation(targetRange: 0.04)
        let plans = (0..<2).flatMap { task in (0..<3).map { PlannedEpisode(task: task, number: $0, rules: drawn) } }
        #expect(Set(plans.map(\.seed)).count == 6 && Set(plans.map(\.start)).count == 6)
        var more = drawn
        more.episodesPerTask = 50
        #expect(PlannedEpisode(task: 1, number: 2, rules: more) == plans[5])
        more.seed += 1
        #expect(PlannedEpisode(task: 1, number: 2, rules: more).start != plans[5].start)
    }
}
