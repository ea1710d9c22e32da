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
            _ environment: LiberoEnvironment, style: ScriptedExpert.Style, seed: UInt64
        ) throws -> (decisions: [ScriptedExpert.Decision], isSolved: Bool) {
            _ = try environment.reset(to: EpisodeStart(task: 0, placement: .drawn(seed: seed)))
            var draws = CounterGenerator(seed: seed)
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

            var draws = CounterGenerator(seed: 3)
            var style = ScriptedExpert.Style.random(using: &draws)
            style.noise = 0.2
            let varied = try run(environment, style: style, seed: 1)
            #expect(varied.isSolved)
            #expect(varied.decisions.contains { $0.label != $0.executed })
            #expect(varied.decisions.allSatisfy { $0.label.last == $0.executed.last })
            // the same seed gives the same episode
            #expect(try run(environment, style: style, seed: 1).decisions == varied.decisions)
        }
    }
#endif
