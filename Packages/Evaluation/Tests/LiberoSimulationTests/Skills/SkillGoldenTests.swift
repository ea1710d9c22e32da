#if MuJoCo
    import Evaluation
    import Foundation
    import LiberoTasks
    import TensorCore
    import Testing

    @testable import LiberoSimulation

    /// One episode of a task for each skill that the built-in world does not show, from a stored state.
    @Suite(.serialized, .enabled(if: LiberoGolden.liberoFolder != nil)) struct SkillGoldenTests {
        @Test(arguments: [
            (LiberoSuite.goal, 0, "draw"), (.goal, 3, "draw"), (.goal, 5, "push"), (.goal, 7, "turn"),
            (.ten, 3, "push"), (.ten, 9, "insert"), (.ninety, 6, "draw"),
        ])
        func expertSolves(suite: LiberoSuite, task: Int, activity: String) throws {
            let folder = try #require(LiberoGolden.liberoFolder)
            let environment = try LiberoEnvironment(suite: suite, folder: folder, options: .init(cameras: []))
            _ = try environment.reset(to: EpisodeStart(task: task, placement: .stored(index: 1)))
            for _ in 0..<10 { _ = try environment.step([0, 0, 0, 0, 0, 0, -1]) }

            var (expert, draws) = (ScriptedExpert(), PhiloxGenerator(seed: 1))
            var activities: Set<String> = []
            var isSolved = false
            for _ in 0..<(suite.stepLimit ?? 400) where !isSolved {
                let decision = expert.action(for: environment.view, using: &draws)
                activities.insert(String(expert.activity?.split(separator: " ").first ?? ""))
                #expect(decision.label.count == 7 && decision.label.allSatisfy { abs($0) <= 1 })
                isSolved = try environment.step(decision.executed).isSuccess
            }
            #expect(isSolved)
            #expect(activities.contains(activity), "\(activities)")
        }
    }
#endif
