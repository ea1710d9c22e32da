#if MuJoCo
    import Evaluation
    import Foundation
    import ImageProcessing
    import LiberoTasks
    import TensorTestSupport
    import Testing
    import RobotInterface
    import VLAPolicy

    @testable import LiberoSimulation

    @Suite(.serialized) struct LiberoEnvironmentTests {
        static let folders = [LiberoGolden.liberoFolder].compactMap { $0 }

        func environment(_ folder: URL, suite: String = "libero_spatial") throws -> LiberoEnvironment {
            try LiberoEnvironment(suite: .named(suite), folder: folder, options: .init(cameras: []))
        }

        static let actions: [[Double]] = (0..<6).map { [0.5, -0.3, -1, 0, 0, 0.1 * Double($0), -1] }

        /// The same start and actions give the same states, in whatever order episodes are run.
        @Test(arguments: folders)
        func episodesDoNotDependOnTheOthers(folder: URL) throws {
            let starts = [
                EpisodeStart(task: 0, placement: .stored(index: 3)), EpisodeStart(task: 0, placement: .drawn(seed: 5)),
                EpisodeStart(
                    task: 0, placement: .stored(index: 1),
                    perturbation: StartPerturbation(targetRange: 0.04, otherRange: 0.02, armNoise: 0.03, seed: 9)),
            ]
            func hashes(_ environment: LiberoEnvironment, _ start: EpisodeStart) throws -> [UInt64] {
                _ = try environment.reset(to: start)
                return try Self.actions.map { action in
                    _ = try environment.step(action)
                    return environment.stateHash
                }
            }
            let first = try environment(folder)
            let forwards = try starts.map { try hashes(first, $0) }
            let second = try environment(folder)
            let backwards = try starts.reversed().map { try hashes(second, $0) }
            #expect(forwards == backwards.reversed())
            #expect(Set(forwards.flatMap { $0 }).count == starts.count * Self.actions.count)
        }

        /// Going back to a snapshot repeats what followed.
        @Test(arguments: folders)
        func snapshotsRepeat(folder: URL) throws {
            let environment = try environment(folder)
            _ = try environment.reset(to: EpisodeStart(task: 2, placement: .stored(index: 0)))
            let simulator = try #require(environment.simulator)
            for action in Self.actions { try simulator.step(action) }
            let (snapshot, robot) = (simulator.snapshot(), simulator.robot)
            func follow() throws -> [UInt64] {
                try Self.actions.map {
                    try simulator.step($0)
                    return simulator.stateHash
                }
            }
            let once = try follow()
            try simulator.restore(snapshot)
            #expect(simulator.robot == robot)
            #expect(simulator.snapshot() == snapshot)
            #expect(try follow() == once)
        }

        /// Fixtures stand where the original's resets put them, also when episodes are taken out of order.
        @Test(arguments: folders)
        func fixturesStandAsInTheOriginal(folder: URL) throws {
            let poses = try JSON(at: folder.appendingPathComponent("fixture_poses.json"))
            let task = LiberoGolden.all.first { poses["\($0.task.suite)/\($0.task.name)"]["0"].array.count > 5 }
            guard let task else { return }
            let expected = poses["\(task.task.suite)/\(task.task.name)"]
            let simulator = try task.simulator()
            for seed in [0, 7] as [UInt32] {
                for episode in [0, 1, 4, 2, expected["\(seed)"].array.count - 1] {
                    try simulator.reset(series: seed, number: episode)
                    for (index, body) in expected["bodies"].strings.enumerated() {
                        let found = try #require(simulator.fixturePose(ofBody: body))
                        expectClose(
                            found, expected["\(seed)"][episode][index].doubles, within: .exact, "\(seed) \(episode)")
                    }
                }
            }
        }

        /// Moved objects stay within their ranges and come no closer to touching anything.
        @Test(arguments: folders)
        func perturbationsMoveWithinTheirRanges(folder: URL) throws {
            let environment = try environment(folder, suite: "libero_object")
            func places(_ perturbation: StartPerturbation?) throws -> ([String: ObjectPose], [Double]) {
                let start = EpisodeStart(task: 0, placement: .stored(index: 0), perturbation: perturbation)
                _ = try environment.reset(to: start)
                let simulator = try #require(environment.simulator)
                let poses = simulator.movableObjects.map { ($0, simulator.pose(of: $0)!) }
                return (Dictionary(uniqueKeysWithValues: poses), simulator.robot.jointPositions)
            }
            let (before, joints) = try places(nil)
            for seed in 0..<5 as Range<UInt64> {
                let change = StartPerturbation(targetRange: 0.04, otherRange: 0.02, armNoise: 0.02, seed: seed)
                let (after, moved) = try places(change)
                for (name, pose) in after {
                    let d = pose.position - before[name]!.position
                    let range = ["alphabet_soup_1", "basket_1"].contains(name) ? 0.04 : 0.02
                    #expect(abs(d.x) <= range + 1e-12 && abs(d.y) <= range + 1e-12 && d.z == 0, "\(name)")
                    #expect(d != .zero)
                }
                #expect(zip(joints, moved).allSatisfy { abs($0 - $1) < 0.12 && $0 != $1 })
            }
        }

        @Test(arguments: folders)
        func descriptionSaysWhatThereIs(folder: URL) throws {
            let environment = try LiberoEnvironment(suite: .named("libero_goal"), folder: folder)
            let description = environment.description
            #expect(description.tasks.count == 10 && description.initialStateCounts == Array(repeating: 50, count: 10))
            #expect(description.cameras[.wrist]?.width == 256 && description.cameras[.agentView]?.orientation == .raw)
            #expect(description.provenance["mujoco"] == "3.3.7" && description.provenance["assets"] != nil)
            #expect(throws: LiberoSimulationError.self) {
                try environment.reset(to: EpisodeStart(task: 10, placement: .stored(index: 0)))
            }
            #expect(throws: LiberoSimulationError.self) {
                try environment.reset(to: EpisodeStart(task: 0, placement: .stored(index: 50)))
            }
        }

        /// Images lie as the options say, and the description says so.
        @Test func imagesLieAsAskedFor() throws {
            func images(_ orientation: ImageOrientation) throws -> RGBImage {
                let world = try LiberoEnvironment(
                    builtIn: .init(
                        imageSize: 24, renderProfile: .fast, orientation: orientation, cameras: [.agentView]))
                #expect(world.description.cameras[.agentView]?.orientation == orientation)
                let observation = try world.reset(to: EpisodeStart(task: 0, placement: .drawn(seed: 1)))
                let frame = try #require(observation.cameras[.agentView])
                #expect(frame.description.orientation == orientation)
                return try frame.image()
            }
            let raw = try images(.raw)
            #expect(try images(.upright) == raw.flippedVertically())
            #expect(try images(.rotated180) == raw.flippedVertically().flippedHorizontally())
            #expect(raw.flippedVertically() != raw && raw.flippedHorizontally() != raw)
        }

        /// One task of every kind of scene and many of the others compose, reset and step.
        @Test(arguments: LiberoGolden.tasks.enumerated().filter { $0.offset % 12 == 0 }.map(\.element))
        func tasksComposeResetAndStep(task: LiberoTask) throws {
            let simulator = try LiberoSimulator(
                problem: LiberoGolden.problem(of: task), assets: LiberoGolden.assets())
            try simulator.reset()
            let states = try LiberoFolder(at: #require(LiberoGolden.liberoFolder)).initialStates(of: task)
            try simulator.apply(states, row: states.count - 1)
            #expect(!simulator.isSuccess)
            try simulator.step([0, 0, 0, 0, 0, 0, -1])
            #expect(simulator.qpos.allSatisfy { $0.isFinite })
        }
    }
#else
    import Foundation
    import LiberoTasks
    import Testing

    @testable import LiberoSimulation

    @Suite struct LiberoEnvironmentTests {
        @Test func errorNamesTheTrait() {
            #expect(throws: LiberoSimulationError.builtWithoutMuJoCo) {
                try LiberoEnvironment(suite: .named("libero_goal"), folder: URL(fileURLWithPath: "/"))
            }
        }
    }
#endif
