#if MuJoCo
    import Evaluation
    import Foundation
    import LiberoTasks
    import TensorCore
    import Testing

    @testable import LiberoSimulation

    @Suite(.serialized) struct ScriptedExpertTests {
        /// Runs an episode in the built-in world; the labels, what was carried out, and whether it succeeded.
        func run(
            _ environment: LiberoEnvironment, style: ScriptedExpert.Style, seed: UInt64, goalTask: Int? = nil
        ) throws -> (decisions: [ScriptedExpert.Decision], isSolved: Bool) {
            _ = try environment.reset(to: EpisodeStart(task: 0, placement: .drawn(seed: seed), goalTask: goalTask))
            var draws = PhiloxGenerator(seed: seed)
            var expert = ScriptedExpert(style: style)
            var decisions: [ScriptedExpert.Decision] = []
            for _ in 0..<280 {
                decisions.append(expert.action(for: environment.view, using: &draws))
                if try environment.step(decisions.last!.executed).isSuccess { return (decisions, true) }
            }
            return (decisions, false)
        }

        /// Solves a task calmly and with noise; without noise label and action are the same, with it they differ.
        @Test func solvesATask() throws {
            let environment = try LiberoEnvironment(builtIn: .init(cameras: []))
            let calm = try run(environment, style: .init(), seed: 0)
            #expect(calm.isSolved)
            #expect(calm.decisions.allSatisfy { $0.label == $0.executed })
            #expect(calm.decisions.allSatisfy { $0.label.allSatisfy { abs($0) <= 1 } })

            var draws = PhiloxGenerator(seed: 3)
            var style = ScriptedExpert.Style.random(using: &draws)
            style.noise = 0.2
            let varied = try run(environment, style: style, seed: 1)
            #expect(varied.isSolved)
            #expect(varied.decisions.contains { $0.label != $0.executed })
            #expect(varied.decisions.allSatisfy { $0.label.last == $0.executed.last })
            // the same seed gives the same episode
            #expect(try run(environment, style: style, seed: 1).decisions == varied.decisions)
        }

        /// In another task's scene, with its own goal the task counts; its own task's then does not.
        @Test func solvesAnotherTaskInTheScene() throws {
            let environment = try LiberoEnvironment(builtIn: .init(cameras: []))
            let own = try run(environment, style: .init(), seed: 2)
            _ = try environment.reset(to: EpisodeStart(task: 0, placement: .drawn(seed: 2)))
            let start = environment.stateHash
            let other = try run(environment, style: .init(), seed: 2, goalTask: 2)
            #expect(own.isSolved && other.isSolved && own.decisions != other.decisions)
            let simulator = try #require(environment.simulator)
            #expect(simulator.holds(.in("blue_block_1", "tray_1_contain_region")))
            #expect(!simulator.holds(.in("red_block_1", "tray_1_contain_region")))

            // the start is the same, and the task's own goal comes back
            _ = try environment.reset(to: EpisodeStart(task: 0, placement: .drawn(seed: 2), goalTask: 2))
            #expect(environment.stateHash == start)
            #expect(try run(environment, style: .init(), seed: 2).decisions == own.decisions)

            // the plate stands in other scenes
            let error = #expect(throws: LiberoSimulationError.self) {
                try environment.reset(to: EpisodeStart(task: 0, placement: .drawn(seed: 2), goalTask: 6))
            }
            #expect(try #require(error).description.contains("plate_1"))
        }
    }
#endif
