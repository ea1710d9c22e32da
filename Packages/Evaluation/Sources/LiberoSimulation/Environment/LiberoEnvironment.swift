public import RobotInterface
public import Evaluation
public import Foundation
public import LiberoTasks

/// The tasks of a LIBERO suite, simulated.
///
/// One task is in memory at a time; another is composed and compiled when an episode asks for it. Images are made when
/// somebody looks, on a thread of their own.
public final class LiberoEnvironment: Environment {
    /// What of the world can be chosen.
    public struct Options: Hashable, Codable, Sendable {
        /// Width and height of the images, in pixels.
        public var imageSize: Int
        /// How images are drawn.
        public var renderProfile: RenderProfile
        /// How the images' rows and columns lie; the simulator's own is `raw`.
        public var orientation: ImageOrientation
        /// Which cameras look.
        public var cameras: [CameraName]
        /// Seeds the draws of resets, which place fixtures; OpenVLA evaluates with 0, openpi with 7.
        public var placementSeed: UInt32

        public init(
            imageSize: Int = 256, renderProfile: RenderProfile = .faithful, orientation: ImageOrientation = .raw,
            cameras: [CameraName] = [.agentView, .wrist], placementSeed: UInt32 = 0
        ) {
            self.imageSize = imageSize
            self.renderProfile = renderProfile
            self.orientation = orientation
            self.cameras = cameras
            self.placementSeed = placementSeed
        }
    }

    public let suite: LiberoSuite
    public let options: Options
    public let description: EnvironmentDescription
    public private(set) var instruction: String

    #if MuJoCo
        private let world: World
        private var current: (scene: String, goalTask: Int?, simulator: LiberoSimulator, images: TaskImages)?
        private var start: EpisodeStart?
        /// The perturbed task of the episode; nil in suites without perturbation.
        private var variant: VariantTask?
        /// The noise of the image that was seen last.
        private var noise: NoiseDraw?
    #endif

    /// Opens a suite below a folder of LIBERO's files and assets.
    ///
    /// - Parameters:
    ///   - suite: One of LIBERO's, or of the folder's own.
    ///   - folder: A LIBERO checkout, with robosuite 1.4's assets in it or beside it.
    ///   - tasks: Where the tasks' files lie otherwise: a checkout, or a folder of BDDL files.
    ///   - robosuite: Where those are otherwise.
    ///   - options: Cameras, sizes and how images are drawn.
    /// - Throws: ``LiberoSimulationError``, `LiberoTasksError`; without the trait `MuJoCo` always
    ///   ``LiberoSimulationError/builtWithoutMuJoCo``.
    public init(
        suite: LiberoSuite, folder: URL, tasks: LiberoFolder? = nil, robosuite: URL? = nil, options: Options = Options()
    ) throws {
        #if MuJoCo
            try MuJoCoLibrary.check()
            let assets = try LiberoAssets(at: folder, robosuite: robosuite)
            world = .libero(try tasks ?? LiberoFolder(at: folder), assets)
            self.suite = suite
            self.options = options
            // a damaged task says so when it is begun
            instruction = suite.tasks.first.flatMap { [world] in try? world.instruction(of: $0) } ?? ""
            description = try world.description(of: suite, options: options)
        #else
            throw LiberoSimulationError.builtWithoutMuJoCo
        #endif
    }

    /// Opens a suite of variants.
    ///
    /// - Parameters:
    ///   - variants: The tasks.
    ///   - folder: As for LIBERO's suites; LIBERO-PRO's own objects are found in `assets`.
    ///   - assets: A folder with LIBERO-PRO's files and assets; nil for the folder's own assets.
    /// - Throws: As ``init(suite:folder:tasks:robosuite:options:)``.
    public init(
        variants: VariantSuite, folder: URL, assets: URL? = nil, robosuite: URL? = nil, options: Options = Options()
    ) throws {
        #if MuJoCo
            try MuJoCoLibrary.check()
            let libero = try LiberoAssets(at: folder, robosuite: robosuite)
            let assets = try assets.map { try LiberoAssets(at: $0, robosuite: libero.robosuiteFolder) } ?? libero
            world = .variants(VariantWorld(suite: variants, assets: assets))
            suite = variants.suite
            self.options = options
            instruction = suite.tasks.first.flatMap { [world] in try? world.instruction(of: $0) } ?? ""
            description = try world.description(of: suite, options: options)
        #else
            throw LiberoSimulationError.builtWithoutMuJoCo
        #endif
    }

    /// Opens the world that comes with the program; it has no stored initial states, all starts are drawn.
    ///
    /// - Throws: ``LiberoSimulationError/wrongMuJoCoVersion(found:needed:)``; without the trait `MuJoCo` always
    ///   ``LiberoSimulationError/builtWithoutMuJoCo``.
    public init(builtIn options: Options = Options()) throws {
        #if MuJoCo
            try MuJoCoLibrary.check()
            world = .builtIn
            suite = BuiltInWorld.suite
            self.options = options
            instruction = suite.tasks.first?.instruction ?? ""
            description = try world.description(of: suite, options: options)
        #else
            throw LiberoSimulationError.builtWithoutMuJoCo
        #endif
    }
}

#if MuJoCo
    extension LiberoEnvironment {
        /// The simulator of the current task; nil before the first reset.
        public var simulator: LiberoSimulator? { current?.simulator }

        /// Everything about the scene, for scripted experts.
        public var view: SceneView {
            guard let current else { preconditionFailure("LiberoEnvironment: no episode has begun") }
            return current.simulator.view
        }

        public func reset(to start: EpisodeStart) throws -> Observation {
            let task = try task(start.task)
            let scene = world.sceneKey(of: task)
            if current?.scene != scene || current?.goalTask != start.goalTask {
                current = nil
                let simulator = try world.simulator(
                    of: task, goalOf: start.goalTask.map(self.task), isDrawn: !options.cameras.isEmpty)
                let images = TaskImages(simulator.model, profile: options.renderProfile)
                current = (scene, start.goalTask, simulator, images)
            }
            guard let current else { preconditionFailure("LiberoEnvironment: the task was just made") }
            instruction = try world.instruction(of: task)
            self.start = start
            try begin(world.variant(of: task), in: current.simulator)
            switch start.placement {
            case .stored(let index):
                let states = try world.initialStates(of: task)
                guard let states, 0..<states.count ~= index else {
                    throw LiberoSimulationError.unknownName(
                        "\(index)", kind: "stored initial state of '\(task.name)'",
                        known: states.map { ["0…\($0.count - 1)"] } ?? ["none, starts are drawn"])
                }
                try current.simulator.reset(series: options.placementSeed, number: index)
                if variant != nil { drawNoise(of: current.simulator, isSeen: false) }
                try current.simulator.apply(states, row: index)
            case .drawn(let seed):
                try current.simulator.reset(drawing: seed)
            }
            finishStart(of: current.simulator)
            if let perturbation = start.perturbation { try current.simulator.perturb(perturbation) }
            return observation()
        }

        /// Sets the camera and the posture of a perturbed task; of others the ordinary ones.
        private func begin(_ variant: VariantTask?, in simulator: LiberoSimulator) throws {
            (self.variant, noise) = (variant, nil)
            simulator.resetPosture = RobotPosture.joints(variant?.posture ?? 0)
            guard let variant, let view = variant.view else { return }
            try simulator.setAgentView(.agentView(problem: simulator.problem.name, view: view))
        }

        /// Moves the arm of a perturbed task, and draws the noise of the image that the policy may see first.
        private func finishStart(of simulator: LiberoSimulator) {
            guard let variant else { return }
            if variant.movesArm { simulator.moveArm(to: RobotPosture.joints(variant.posture)) }
            if variant.isStartNoisy { drawNoise(of: simulator, isSeen: true) }
        }

        /// Draws the noise of one image from the generator of the resets; `isSeen` is false for the image that a row of
        /// initial states replaces.
        private func drawNoise(of simulator: LiberoSimulator, isSeen: Bool) {
            guard let number = variant?.noise else { return }
            let draw = NoiseDraw(noise: SensorNoise(number), generator: simulator.generator)
            draw.skip(size: options.imageSize, using: &simulator.generator)
            noise = isSeen ? draw : nil
        }

        /// What prevents a task's episodes: its files and its scene are read, nothing is run.
        ///
        /// - Throws: What an episode of it would throw.
        public func check(task number: Int) throws { try world.check(task(number)) }

        /// What a policy is told in a task.
        ///
        /// - Throws: `BDDLError` or `LiberoTasksError` where the instruction is in a file that cannot be read.
        public func instruction(ofTask number: Int) throws -> String { try world.instruction(of: task(number)) }

        private func task(_ number: Int) throws -> LiberoTask {
            guard suite.tasks.indices.contains(number) else {
                throw LiberoSimulationError.unknownName(
                    "task \(number)", kind: "task of \(suite.name)", known: ["0…\(suite.tasks.count - 1)"])
            }
            return suite.tasks[number]
        }

        public func step(_ action: [Double]) throws -> EnvironmentStep {
            guard let current else { preconditionFailure("LiberoEnvironment: a step before the first reset") }
            let result: StepResult
            do throws(LiberoSimulationError) { result = try current.simulator.step(action) } catch {
                if case .unstable(let reason) = error { throw EpisodeFault(reason, isTimeOut: false) }
                throw error
            }
            drawNoise(of: current.simulator, isSeen: true)
            return EnvironmentStep(observation: observation(), isSuccess: result.isSuccess)
        }

        public var stateHash: UInt64 { current?.simulator.stateHash ?? 0 }

        /// What the last step or reset lets a policy see.
        public func observation() -> Observation {
            guard let current else { preconditionFailure("LiberoEnvironment: no episode has begun") }
            let robot = current.simulator.robot
            let state = RenderState(current.simulator.model, sample: current.simulator.sample)
            let images = current.images
            var cameras: [CameraName: CameraFrame] = [:]
            for (name, description) in self.description.cameras {
                let camera = name == .wrist ? "robot0_eye_in_hand" : name.rawValue
                let noise = name == .agentView ? noise : nil
                cameras[name] = CameraFrame(description) {
                    let image = try images.image(of: state, camera: camera, size: description.width)
                    return try (noise?.apply(to: image) ?? image).turned(
                        from: .raw, to: description.orientation)
                }
            }
            return Observation(
                cameras: cameras,
                state: RobotState(
                    endEffectorPosition: robot.endEffectorPosition,
                    endEffectorOrientation: .quaternionXYZW(robot.endEffectorQuaternion),
                    fingerPositions: [robot.gripperPositions.x, robot.gripperPositions.y],
                    jointPositions: robot.jointPositions),
                instruction: instruction)
        }
    }
#else
    extension LiberoEnvironment {
        private static var never: Never { fatalError("LiberoEnvironment cannot be made without the trait MuJoCo") }

        public var view: SceneView { Self.never }
        public func check(task number: Int) throws { Self.never }
        public func instruction(ofTask number: Int) throws -> String { Self.never }
        public func reset(to start: EpisodeStart) throws -> Observation { Self.never }
        public func step(_ action: [Double]) throws -> EnvironmentStep { Self.never }
        public var stateHash: UInt64 { Self.never }
    }
#endif

extension LiberoEnvironment: StateRestoring {
    /// Puts the world into a state as LIBERO's files hold them: time, joint positions, joint velocities.
    ///
    /// - Throws: ``LiberoSimulationError/wrongState(reason:)`` when it is of another scene.
    public func restore(task: Int, simulatorState: [Double]) throws -> Observation {
        #if MuJoCo
            _ = try reset(to: EpisodeStart(task: task, placement: .drawn(seed: 0)))
            guard let simulator else { preconditionFailure("LiberoEnvironment: the task was just made") }
            try simulator.resume(state: simulatorState)
            return observation()
        #else
            throw LiberoSimulationError.builtWithoutMuJoCo
        #endif
    }
}
