#if MuJoCo
    import Evaluation
    import Foundation
    import LiberoTasks
    import TensorTestSupport
    import Testing

    @testable import LiberoSimulation

    /// Tasks of one's own (`cases/22*`), their folders laid over LIBERO's.
    @Suite struct OwnTasksTests {
        static let cases: [URL] =
            LiberoGolden.liberoFolder == nil
            ? [] : SharedFixtures.folders(in: "cases") { $0.hasPrefix("22") }

        /// The suites of a case, each in its folder of BDDL files.
        private func suites(of folder: URL) throws -> [(suite: LiberoSuite, files: LiberoFolder)] {
            let files = try LiberoFolder(at: folder)
            return try files.suites().map { ($0, files) }
        }

        /// The `:language` line is told, and drawn starts need no stored states.
        @Test(arguments: cases)
        func drawnStartsNeedNoStoredStates(folder: URL) throws {
            for (suite, files) in try suites(of: folder) {
                let environment = try LiberoEnvironment(
                    suite: suite, folder: #require(LiberoGolden.liberoFolder), tasks: files,
                    options: .init(cameras: []))
                for (number, task) in suite.tasks.enumerated() {
                    let observation = try environment.reset(to: EpisodeStart(task: number, placement: .drawn(seed: 1)))
                    let language = try files.problem(of: task).language
                    #expect(observation.instruction == language)
                    #expect(environment.instruction == language)
                    #expect((try files.instructionNote(of: task) == nil) == (language == task.instruction))
                    #expect(environment.usableTasks([number]).usable == [number])
                    _ = try environment.step([0, 0, 0, 0, 0, 0, -1])
                }
                // what is stored and cannot be read counts as nothing and says what it is when it is asked for
                #expect(environment.description.initialStateCounts.allSatisfy { $0 == 0 })
                let start = EpisodeStart(task: 0, placement: .stored(index: 0))
                let error = #expect(throws: (any Error).self) { try environment.reset(to: start) }
                let text = error.map { "\($0)" } ?? ""
                if files.hasInitialStates(of: suite.tasks[0]) {
                    #expect(text.contains("holds no rows") && text.contains(".npz"))
                } else {
                    #expect(text.contains("starts are drawn"))
                }
            }
        }

        /// A folder with BDDL files in it is a suite; a damaged one does not stop the others.
        @Test(arguments: [LiberoGolden.liberoFolder].compactMap { $0 })
        func aFolderOfProblemsIsASuite(libero: URL) throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tasks-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            #expect(throws: LiberoTasksError.self) { try LiberoFolder(taskFolder: folder) }

            let original = LiberoTask(suite: "libero_goal", name: "turn_on_the_stove")
            let source = try LiberoFolder(at: libero)
            let good = folder.appendingPathComponent("b_light_the_stove.bddl")
            try FileManager.default.copyItem(at: source.problemFile(of: original), to: good)
            try FileManager.default.copyItem(
                at: source.initialStatesFile(of: original),
                to: folder.appendingPathComponent("b_light_the_stove.pruned_init"))
            try Data("(define (problem".utf8).write(to: folder.appendingPathComponent("a_damaged.bddl"))

            let files = try LiberoFolder(taskFolder: folder)
            let suite = try #require(try files.suites().first)
            #expect(suite.name == folder.lastPathComponent)
            #expect(suite.tasks.map(\.name) == ["a_damaged", "b_light_the_stove"])
            let environment = try LiberoEnvironment(
                suite: suite, folder: libero, tasks: files, options: .init(cameras: []))
            #expect(environment.description.initialStateCounts == [0, 50])
            let (usable, unusable) = environment.usableTasks([0, 1])
            #expect(usable == [1])
            #expect(unusable.map(\.task) == [0])
            #expect(unusable[0].reason.contains("a_damaged.bddl 1:9: '(' is never closed"))
            let observation = try environment.reset(to: EpisodeStart(task: 1, placement: .stored(index: 2)))
            #expect(observation.instruction == "turn on the stove")
        }
    }
#endif
