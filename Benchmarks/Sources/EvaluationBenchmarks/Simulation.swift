#if MuJoCo
    import BenchmarkKit
    import Evaluation
    import Foundation
    import LiberoSimulation
    import LiberoTasks

    /// The first task of libero_object, as it stands after the first reset with seed 0.
    enum Simulation {
        /// Opens the gripper and stays where it is.
        private static let idle: [Double] = [0, 0, 0, 0, 0, 0, -1]
        private static let imageSize = 256

        private static var folder: URL? {
            let shared = ProcessInfo.processInfo.environment["VLA_SHARED"] ?? "../shared"
            let folder = URL(fileURLWithPath: shared).appendingPathComponent("libero")
            return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
        }

        static var benchmarks: [BenchmarkCase] {
            guard let folder else { return [] }
            return [controlStep(folder), imagePair(folder), replannedSteps(folder), twoWorkers(folder)]
        }

        private static func environment(_ folder: URL, _ profile: RenderProfile) throws -> LiberoEnvironment {
            let environment = try LiberoEnvironment(
                suite: .object, folder: folder, options: .init(imageSize: imageSize, renderProfile: profile))
            _ = try environment.reset(to: EpisodeStart(task: 0, placement: .stored(index: 0)))
            _ = try environment.step(idle)
            return environment
        }

        /// A step of the environment, its observation without images.
        private static func controlStep(_ folder: URL) -> BenchmarkCase {
            BenchmarkCase("control_step") {
                let environment = try environment(folder, .faithful)
                return {
                    _ = try environment.reset(to: EpisodeStart(task: 0, placement: .stored(index: 0)))
                    let seconds = try secondsToRun { for _ in 0..<20 { _ = try environment.step(idle) } }
                    return [MeasuredValue("control_step", seconds / 20, unit: "s")]
                }
            }
        }

        /// Both cameras' images of one state, faithful to the byte.
        private static func imagePair(_ folder: URL) -> BenchmarkCase {
            BenchmarkCase("image_pair") {
                let environment = try environment(folder, .faithful)
                return {
                    var best = Double.infinity
                    for _ in 0..<5 {
                        let observation = try environment.step(idle).observation
                        best = min(
                            best,
                            try secondsToRun { for frame in observation.cameras.values { _ = try frame.image() } })
                    }
                    _ = try environment.reset(to: EpisodeStart(task: 0, placement: .stored(index: 0)))
                    return [MeasuredValue("image_pair", best, unit: "s")]
                }
            }
        }

        /// Eight steps of a policy that plans eight ahead: images of the first observation only. The original's loop
        /// makes them at every step.
        private static func replannedSteps(_ folder: URL) -> BenchmarkCase {
            BenchmarkCase("replanned_steps") {
                let environment = try environment(folder, .faithful)
                var row = 0
                return {
                    // another start each round: images of the state drawn last are remembered
                    row = (row + 1) % 50
                    var observation = try environment.reset(to: EpisodeStart(task: 0, placement: .stored(index: row)))
                    let seconds = try secondsToRun {
                        for frame in observation.cameras.values { _ = try frame.image() }
                        for _ in 0..<8 { observation = try environment.step(idle).observation }
                    }
                    return [MeasuredValue("replanned_steps", seconds, unit: "s")]
                }
            }
        }

        /// Two environments beside each other against one: control steps a second, with an image in eight.
        private static func twoWorkers(_ folder: URL) -> BenchmarkCase {
            BenchmarkCase("two_workers") {
                // as the workers of `vla` draw: on the thread that asks, not on all processors
                setenv("LP_NUM_THREADS", "0", 1)
                let environments = try (0..<2).map { _ in Shared(try environment(folder, .fast)) }
                let stepCount = 160
                return {
                    let one = try secondsToRun { try environments[0].work(stepCount) }
                    let group = DispatchGroup()
                    let two = secondsToRun {
                        for environment in environments {
                            group.enter()
                            let thread = Thread {
                                try? environment.work(stepCount)
                                group.leave()
                            }
                            thread.stackSize = 16 << 20
                            thread.start()
                        }
                        group.wait()
                    }
                    return [
                        MeasuredValue("two_workers", Double(2 * stepCount) / two, unit: "steps/s"),
                        MeasuredValue("two_workers", Double(stepCount) / one, unit: "steps/s", role: .peer),
                    ]
                }
            }
        }

        /// An environment that is used by one thread at a time.
        private final class Shared: @unchecked Sendable {
            private let environment: LiberoEnvironment

            init(_ environment: LiberoEnvironment) { self.environment = environment }

            func work(_ stepCount: Int) throws {
                var observation = try environment.reset(to: EpisodeStart(task: 0, placement: .stored(index: 0)))
                for step in 0..<stepCount {
                    if step % 8 == 0 { for frame in observation.cameras.values { _ = try frame.image() } }
                    observation = try environment.step(idle).observation
                }
            }
        }
    }
#endif
