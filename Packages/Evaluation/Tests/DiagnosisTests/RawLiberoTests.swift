#if MuJoCo
    import Evaluation
    import Foundation
    import LiberoData
    import LiberoSimulation
    import LiberoTasks
    import TensorCore
    import TensorTestSupport
    import Testing
    import RobotInterface
    import VLAPolicy

    @testable import Diagnosis

    /// Demonstrations as LIBERO publishes them: no word of how an episode began, but the simulator's states.
    @Suite struct RawLiberoTests {
        /// A scripted demonstration of the built-in world, without what this program's own recordings say besides.
        private static func record(to folder: URL) throws {
            let world = try LiberoEnvironment(builtIn: .init(imageSize: 16))
            var observation = try world.reset(to: EpisodeStart(task: 0, placement: .drawn(seed: 5)))
            let recorder = try EpisodeRecorder(
                at: folder,
                description: DatasetDescription(
                    cameras: world.description.cameras, actionSpace: world.description.actionSpace))
            var recording = recorder.episode(of: world.suite.tasks[0], demonstration: 0)
            var (expert, generator) = (ScriptedExpert(), PhiloxGenerator(seed: 1))
            for _ in 0..<300 {
                let action = expert.action(for: world.view, using: &generator).label
                try recording.append(
                    RecordedFrame(
                        images: try observation.cameras.mapValues { try $0.image() }, state: observation.state!,
                        action: action, simulatorState: world.simulator?.flattenedState))
                let result = try world.step(action)
                observation = result.observation
                if result.isSuccess { break }
            }
            try recording.finish(succeeded: true)
            try recorder.close()
        }

        @Test func theyAreReplayedFromTheirSimulatorStates() throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("raw-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            let data = folder.appendingPathComponent("data")
            try Self.record(to: data)
            let episode = try LiberoDataset(at: data).episode(0)
            #expect((try? episode.attributes()["episode_start"]) == nil)

            // any policy of these images and states
            var recipe = ToyPolicy.recipe
            recipe.data.split.validationShare = 0
            let assembly = try ToyPolicy.assembly(recipe, data)
            var generator = PhiloxGenerator(seed: 1)
            let policy = try LearnedPolicy(
                model: RegressionModel(
                    .init(sizes: try assembly.sizes(), settings: recipe.regression!), using: &generator),
                observationPipeline: assembly.observationPipeline, actionPipeline: assembly.actionPipeline,
                tokenizer: assembly.tokenizer)
            let record = TrainingRecord(recipe: recipe, data: "", dataHash: "")
            var diagnosisRun = DiagnosisRun(Doctor(checkpoint: folder, data: data))
            diagnosisRun.subject = try PolicyUnderTest(PolicyCheckpoint(policy, training: record))
            diagnosisRun.dataset = try LiberoDataset(at: data)

            var check = WorldCheck(try LiberoEnvironment(builtIn: .init(imageSize: 16)), tasks: nil)
            let found = try check.compare(&diagnosisRun)
            #expect(found.outcome == .sound, "\(found.detail) \(diagnosisRun.report.text)")
            #expect(found.detail.contains("starts are the recorded ones") && found.detail.contains("goal reached"))
            let reach = try #require(check.reaches[0])
            #expect(reach < 0.01)

            // begun in the middle it goes on as it did, which a controller that starts anew would not
            let world = try LiberoEnvironment(builtIn: .init(imageSize: 16))
            let states = try episode.column(ColumnName.simulatorState)
            let middle = episode.length / 3
            _ = try world.restore(task: 0, simulatorState: Array(states[middle]))
            for frame in middle..<middle + 5 { _ = try world.step(Array(episode.actions[frame])) }
            let joints = try #require(world.simulator).flattenedState[1..<8]
            for (a, b) in zip(joints, states[middle + 5].dropFirst().prefix(7)) { #expect(abs(a - b) < 2e-3) }
        }
    }

    /// LIBERO's files: the scene is the one of the file's name and stands as the file says.
    @Suite struct RawLiberoGoldenTests {
        private static let suites: [LiberoSuite] = {
            guard let folder = SharedFixtures.root?.appendingPathComponent("libero") else { return [] }
            return (try? LiberoFolder(at: folder).suites()) ?? []
        }()

        private static func task(of file: URL) -> (suite: LiberoSuite, task: Int)? {
            let name = file.deletingPathExtension().lastPathComponent
            for suite in suites {
                if let task = suite.tasks.firstIndex(where: { $0.name + "_demo" == name }) { return (suite, task) }
            }
            return nil
        }

        static let files = SharedFixtures.entries(in: "data/samples/libero_hdf5").filter {
            $0.pathExtension == "hdf5" && task(of: $0) != nil
        }

        @Test(arguments: files)
        func theStartIsTheFilesState(file: URL) throws {
            let (suite, task) = try #require(Self.task(of: file))
            let folder = try #require(SharedFixtures.root).appendingPathComponent("libero")
            let world = try LiberoEnvironment(suite: suite, folder: folder, options: .init(imageSize: 16))
            var check = WorldCheck(world, tasks: nil)
            let dataset = try LiberoDataset(at: file)
            let chosen = check.chosen(dataset, limit: dataset.episodes.count)
            #expect(!chosen.isEmpty)
            for index in chosen {
                let episode = try dataset.episode(index)
                let (start, state) = try #require(check.start(of: episode))
                #expect(start.task == task)
                #expect(try state == Array(episode.column(ColumnName.simulatorState)[0]))
                _ = try check.begin(at: start, state)
                #expect(world.simulator?.flattenedState == state)
            }
        }
    }
#endif
