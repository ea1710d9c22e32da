#if MuJoCo
    import Foundation
    import LiberoTasks
    import TensorCore
    import TensorTestSupport
    import Testing

    @testable import LiberoSimulation

    /// Scripted episodes that contacts make sensitive to rounding.
    ///
    /// In `30-scripted-episode-parts` a difference of 1e-13 before step 58 is one of 3e-4 after it. The original repeats the
    /// recording to the bit where NumPy multiplies matrices with OpenBLAS's Haswell or Zen kernels; with its SkylakeX,
    /// Sandybridge or Prescott kernels it parts at the same step by 2e-4 to 4e-4, and counts other contacts at step 59
    /// (`OPENBLAS_CORETYPE`; robosuite 1.4.0, MuJoCo 3.3.7, NumPy 1.26.4).
    @Suite(.serialized) struct ScriptedEpisodeCaseTests {
        static let cases: [LiberoGolden] = SharedFixtures.folders(in: "cases").compactMap { folder in
            let meta = try? JSON(at: folder.appendingPathComponent("meta.json"))
            guard let suite = meta?["suite"].string, let name = meta?["task"].string, LiberoGolden.liberoFolder != nil
            else { return nil }
            let golden = LiberoGolden(folder: folder, task: LiberoTask(suite: suite, name: name))
            return FileManager.default.fileExists(atPath: golden.expertFile.path) ? golden : nil
        }

        /// Equal to the recording as long as double precision decides what happens: as long as an episode that starts
        /// 1e-15 rad elsewhere stays within 1e-11 of it.
        @Test(arguments: cases)
        func episodeMatchesWhileItIsDetermined(golden: LiberoGolden) throws {
            let simulators = try (0..<2).map { _ in
                try LiberoSimulator(
                    problem: LiberoGolden.problem(of: golden.task), assets: LiberoGolden.assets(), isDrawn: false)
            }
            let (simulator, twin) = (simulators[0], simulators[1])
            let states = try golden.initialStates()
            for each in simulators {
                each.seed(0)
                try each.reset()
                try each.apply(states, row: 0)
            }
            twin.data.pointer.pointee.qpos[0] += 1e-15

            let record = try golden.arrays(golden.expertFile.lastPathComponent)
            let (actions, qpos) = (try record.rows("actions"), try record.rows("qpos"))
            let ncon = try record.doubles("ncon")
            var (determinedCount, isDetermined, isSolved) = (0, true, false)
            for step in actions.indices {
                isSolved = try simulator.step(actions[step]).isSuccess || isSolved
                try twin.step(actions[step])
                let apart = zip(simulator.qpos, twin.qpos).map { abs($0 - $1) }.max() ?? 0
                isDetermined = isDetermined && apart < 1e-11
                guard isDetermined else { continue }
                determinedCount += 1
                expectClose(simulator.qpos, qpos[step], within: RolloutGoldenTests.positions, "qpos \(step)")
                #expect(simulator.contactCount == Int(ncon[step]), "step \(step)")
            }
            // the fingers are closed and the object is in the air by then
            #expect(determinedCount >= actions.count / 3, "\(determinedCount) of \(actions.count)")
            #expect(isSolved)
        }
    }
#endif
