#if MuJoCo
    import CMuJoCo
    import Kinematics
    public import LiberoTasks
    public import TensorCore

    /// A LIBERO task in MuJoCo, step for step as robosuite 1.4 and LIBERO compute it.
    ///
    /// Made once a task; ``reset()`` draws where things stand, ``apply(_:row:)`` takes a stored initial state,
    /// ``step(_:)`` carries out an action for 1/20 s. To be used by one thread at a time; several simulators run side
    /// by side.
    public final class LiberoSimulator {
        /// Substeps of 2 ms in one step.
        public static let substepCount = 25
        /// Steps after which an episode has to end.
        public static let horizon = 1000

        public let problem: BDDLProblem
        let scene: ComposedScene
        let model: MuJoCoModel
        let data: MuJoCoData
        let ids: SceneIDs
        let controller: ArmController
        /// Shapes, regions and goal, for scripted experts.
        public let geometry: SceneGeometry

        /// Draws of resets, as NumPy's global generator would make them; seeding begins a new series.
        public internal(set) var generator = NumPyGenerator(seed: 0)
        /// Resets since the simulator was made; the constructor of the original counts as one more.
        public internal(set) var resetCount = 0
        /// The series of resets that is under way, and the number of its next.
        var series: (seed: UInt32, next: Int)?
        /// Steps since the last reset.
        public internal(set) var stepCount = 0
        /// Whether the goal held after the last step, or in the state applied since.
        public internal(set) var isSuccess = false

        /// What the last step, reset or applied state lets one see.
        var sample: Sample
        /// Joint positions at the last forward pass; MuJoCo's poses and contacts belong to them.
        var forwardPositions: [Double]
        /// States applied since the reset; each moves the moment of sampling by one substep.
        var appliedCount = 0

        /// Composes and compiles a task's scene and resets it once, as the original's constructor does.
        ///
        /// - Parameter isDrawn: Whether images are wanted; without, the scene is compiled several times faster.
        /// - Throws: ``LiberoSimulationError`` for missing or damaged assets and another version of MuJoCo.
        public convenience init(problem: BDDLProblem, assets: LiberoAssets, isDrawn: Bool = true) throws {
            try self.init(problem: problem, sceneAssets: assets, isDrawn: isDrawn)
        }

        init(problem: BDDLProblem, sceneAssets: any SceneAssets, isDrawn: Bool = true) throws {
            self.problem = problem
            scene = try SceneComposer.compose(problem, assets: sceneAssets, isDrawn: isDrawn)
            model = try MuJoCoModel(xml: scene.xml, name: "the scene of '\(problem.language)'")
            data = MuJoCoData(model)
            ids = try SceneIDs(scene, model: model)
            var geometry = Self.geometry(of: scene, model: model, ids: ids)
            geometry.goal = problem.goal
            self.geometry = geometry
            mj_forward(model.pointer, data.pointer)
            controller = try ArmController(data)
            forwardPositions = [Double](repeating: 0, count: model.positionCount)
            sample = Sample(model: model)
            hideSites()
        }

        /// Begins a new series of draws, as `numpy.random.seed` does.
        public func seed(_ seed: UInt32) {
            generator = NumPyGenerator(seed: seed)
            series = nil
        }

        /// The categories of the movable objects, by name, in the order of the model.
        public var movableObjects: [String] { scene.objects.filter { !$0.isFixture }.map(\.name) }

        /// Where the robot was when the last step was sampled.
        public var robot: RobotReading { sample.robot(ids) }

        /// Where an object was when the last step was sampled; nil when there is none of this name.
        public func pose(of object: String) -> ObjectPose? {
            ids.rootBodies[object].map { sample.pose(ofBody: $0) }
        }
    }
#endif
