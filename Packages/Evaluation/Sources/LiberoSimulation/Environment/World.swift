#if MuJoCo
    import Evaluation
    import Foundation
    import ImageProcessing
    import LiberoTasks
    import RobotInterface

    /// Where the tasks of an environment come from.
    enum World {
        case libero(LiberoFolder, LiberoAssets)
        case builtIn
        case variants(VariantWorld)

        /// A task's scene, with its own goal or another task's.
        ///
        /// - Throws: ``LiberoSimulationError/unknownName(_:kind:known:)`` when the scene lacks an object of the goal.
        func simulator(of task: LiberoTask, goalOf other: LiberoTask?, isDrawn: Bool) throws -> LiberoSimulator {
            var problem = try problem(of: task)
            if let other {
                let goal = try self.problem(of: other).goal
                if let missing = problem.missingNames(of: goal).first {
                    throw LiberoSimulationError.unknownName(
                        missing, kind: "object or region for '\(other.name)' in the scene of '\(task.name)'",
                        known: problem.declaredNames.sorted())
                }
                problem.goal = goal
            }
            switch self {
            case .libero(_, let assets): return try LiberoSimulator(problem: problem, assets: assets, isDrawn: isDrawn)
            case .variants(let world):
                return try LiberoSimulator(problem: problem, assets: world.assets, isDrawn: isDrawn)
            case .builtIn: return try LiberoSimulator(problem: problem, sceneAssets: BuiltInWorld.assets)
            }
        }

        func problem(of task: LiberoTask) throws -> BDDLProblem {
            switch self {
            case .libero(let folder, _): try folder.problem(of: task)
            case .variants(let world): try world.task(task).problem()
            case .builtIn: try BuiltInWorld.problem(of: task)
            }
        }

        /// Composes a task's scene without compiling it.
        ///
        /// - Throws: What prevents an episode: ``LiberoSimulationError``, `BDDLError`, `LiberoTasksError`.
        func check(_ task: LiberoTask) throws {
            let problem = try problem(of: task)
            switch self {
            case .libero(_, let assets): _ = try SceneComposer.compose(problem, assets: assets)
            case .variants(let world): _ = try SceneComposer.compose(problem, assets: world.assets)
            case .builtIn: _ = try SceneComposer.compose(problem, assets: BuiltInWorld.assets)
            }
        }

        /// What a policy is told in a task.
        func instruction(of task: LiberoTask) throws -> String {
            switch self {
            case .libero(let folder, _): try folder.instruction(of: task)
            case .variants(let world): try world.task(task).instructionText()
            case .builtIn: task.instruction
            }
        }

        /// What scenes are told apart by: tasks of one key have the same model.
        func sceneKey(of task: LiberoTask) -> String {
            if case .variants(let world) = self, let variant = try? world.task(task) {
                return "\(variant.problemFile.path) \(variant.goal ?? [])"
            }
            return "\(task.suite)/\(task.name)"
        }

        /// How many states are stored for a task: 0 where there are none or a file holds no rows. Those of variants and
        /// own tasks that cannot be read count as 0 as well, so that one bad task does not stop the others.
        ///
        /// - Throws: When a file of LIBERO's own suites is damaged.
        func initialStateCount(of task: LiberoTask) throws -> Int {
            if case .libero = self {
                do { return try initialStates(of: task)?.count ?? 0 } catch InitialStatesError.noRows { return 0 }
            }
            if case .variants(let world) = self, let variant = try? world.task(task), let limit = variant.rowLimit {
                return FileManager.default.fileExists(atPath: variant.initialStatesFile.path) ? limit : 0
            }
            return (try? initialStates(of: task)?.count) ?? 0
        }

        /// The stored initial states; nil where there are none.
        func initialStates(of task: LiberoTask) throws -> InitialStates? {
            switch self {
            case .libero(let folder, _): try folder.hasInitialStates(of: task) ? folder.initialStates(of: task) : nil
            case .variants(let world): try world.task(task).initialStates()
            case .builtIn: nil
            }
        }

        /// What an environment of a suite gives and takes.
        func description(
            of suite: LiberoSuite, options: LiberoEnvironment.Options
        ) throws -> EnvironmentDescription {
            let camera = CameraDescription(
                width: options.imageSize, height: options.imageSize, orientation: options.orientation,
                renderProfile: options.renderProfile.name)
            var provenance = ["mujoco": MuJoCoLibrary.neededVersion]
            switch self {
            case .libero(_, let assets):
                provenance.merge(try assets.provenance()) { _, new in new }
            case .variants(let world):
                provenance.merge(try world.assets.provenance()) { _, new in new }
                provenance["variant"] = "\(world.suite.name)"
            case .builtIn:
                provenance["assets"] = "built in, \(BuiltInAssets.hash)"
            }
            return EnvironmentDescription(
                suite: suite.name, tasks: suite.tasks.map(\.name), actionSpace: .libero,
                cameras: Dictionary(options.cameras.map { ($0, camera) }) { first, _ in first },
                stateParts: StateLayout.Part.allCases,
                initialStateCounts: try suite.tasks.map(initialStateCount),
                provenance: provenance)
        }
    }

    /// The images of one task: its renderer is made when the first is asked for.
    final class TaskImages: @unchecked Sendable {
        // the lock guards the renderer; of the model only what compiling fixed is read
        private let lock = NSLock()
        private let model: MuJoCoModel
        private let profile: RenderProfile
        private var renderer: CameraRenderer?

        init(_ model: MuJoCoModel, profile: RenderProfile) {
            self.model = model
            self.profile = profile
        }

        func image(of state: RenderState, camera: String, size: Int) throws -> RGBImage {
            let ready = try lock.withLock {
                if let renderer { return renderer }
                let made = try CameraRenderer(model: model, profile: profile)
                renderer = made
                return made
            }
            return try ready.image(of: state, camera: camera, width: size, height: size)
        }
    }

    extension RenderState {
        /// What LIBERO's cameras see at the moment of sampling.
        init(_ model: MuJoCoModel, sample: Sample) {
            let m = model.pointer.pointee
            qpos = sample.posePositions
            bodyPositions = Array(UnsafeBufferPointer(start: m.body_pos, count: 3 * Int(m.nbody)))
            bodyQuaternions = Array(UnsafeBufferPointer(start: m.body_quat, count: 4 * Int(m.nbody)))
            siteColors = sample.siteColors
            cameraPoses = Self.cameraPoses(of: m)
        }
    }
#endif
