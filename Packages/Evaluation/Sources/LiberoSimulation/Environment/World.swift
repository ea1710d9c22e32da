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

        /// A task's scene, with its own goal or another task's.
        ///
        /// - Throws: ``LiberoSimulationError/unknownName(_:kind:known:)`` when the scene lacks what that goal speaks of.
        func simulator(of task: LiberoTask, goalOf other: LiberoTask?) throws -> LiberoSimulator {
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
            case .libero(_, let assets): return try LiberoSimulator(problem: problem, assets: assets)
            case .builtIn: return try LiberoSimulator(problem: problem, sceneAssets: BuiltInWorld.assets)
            }
        }

        private func problem(of task: LiberoTask) throws -> BDDLProblem {
            switch self {
            case .libero(let folder, _): try folder.problem(of: task)
            case .builtIn: try BuiltInWorld.problem(of: task)
            }
        }

        /// The stored initial states; nil where there are none.
        func initialStates(of task: LiberoTask) throws -> InitialStates? {
            switch self {
            case .libero(let folder, _): try folder.initialStates(of: task)
            case .builtIn: nil
            }
        }

        /// What an environment of a suite gives and takes.
        func description(
            of suite: LiberoSuite, options: LiberoEnvironment.Options
        ) throws -> EnvironmentDescription {
            let camera = CameraDescription(
                width: options.pictureSize, height: options.pictureSize, orientation: options.orientation,
                renderProfile: options.renderProfile.name)
            var provenance = ["mujoco": MuJoCoLibrary.neededVersion]
            switch self {
            case .libero(_, let assets):
                provenance.merge(try assets.provenance()) { _, new in new }
            case .builtIn:
                provenance["assets"] = "built in, \(BuiltInAssets.hash)"
            }
            return EnvironmentDescription(
                suite: suite.name, tasks: suite.tasks.map(\.name), actionSpace: .libero,
                cameras: Dictionary(options.cameras.map { ($0, camera) }) { first, _ in first },
                stateParts: StateLayout.Part.allCases,
                initialStateCounts: try suite.tasks.map { try initialStates(of: $0)?.count ?? 0 },
                provenance: provenance)
        }
    }

    /// The pictures of one task: its renderer is made when the first is asked for.
    final class TaskPictures: @unchecked Sendable {
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

    extension RGBImage {
        /// The simulator's own picture as it lies in an orientation.
        func turned(to orientation: ImageOrientation) -> RGBImage {
            switch orientation {
            case .raw: self
            case .upright: flippedVertically()
            case .rotated180: rotated180()
            }
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
        }
    }
#endif
