public import RobotInterface
public import ActionTokenizer

/// A recorded episode, as much of it as a policy learns from.
public struct Demonstration: Sendable {
    /// The sentence that asks for the task.
    public var instruction: String
    /// Name of the task, for weights and reports.
    public var task: String
    /// Row by row, in the units of the set's action space.
    public var actions: [[Double]]
    /// The hand's position at each frame, metres.
    public var handPositions: [SIMD3<Double>]
    /// The observation in front of an action; images are read when somebody looks.
    public var observation: @Sendable (_ frame: Int) throws -> Observation

    public init(
        instruction: String, task: String, actions: [[Double]], handPositions: [SIMD3<Double>],
        observation: @escaping @Sendable (_ frame: Int) throws -> Observation
    ) {
        precondition(
            actions.count == handPositions.count, "\(actions.count) actions, \(handPositions.count) hand positions")
        self.instruction = instruction
        self.task = task
        self.actions = actions
        self.handPositions = handPositions
        self.observation = observation
    }

    /// The moments a policy with this horizon learns from: every `stride`-th frame of those that `noOps` keeps, with the
    /// actions of the kept frames that follow; nil keeps all.
    public func examples(
        horizon: Int, stride: Int, convention: GripperConvention, noOps: NoOpFilter? = nil, weight: Float, episode: Int
    ) throws -> [PolicyExample] {
        let events = GripperEvents.nextEvent(commands: actions.map { $0[$0.count - 1] }, convention: convention)
        let kept = noOps?.keptFrames(actions) ?? Array(actions.indices)
        return try Swift.stride(from: 0, to: kept.count, by: stride).map { place in
            let frame = kept[place]
            let valid = min(horizon, kept.count - place)
            var rows = kept[place..<place + valid].map { actions[$0] }
            rows += Array(repeating: actions[actions.count - 1], count: horizon - valid)
            return PolicyExample(
                observation: try observation(frame), actions: ActionChunk(rows), validCount: valid,
                nextGripperEvent: events[frame].map { handPositions[$0] }, weight: weight, task: task,
                episode: episode, frame: frame)
        }
    }
}

/// Demonstrations that share their cameras, state and action space, with the statistics of their numbers.
public struct DemonstrationSet: Sendable {
    /// Such as the data set's name and the hash of its content.
    public var name: String
    public var contentHash: String
    /// Of every camera there is.
    public var cameras: [CameraName: CameraDescription]
    public var stateLayout: StateLayout
    public var actionSpace: ActionSpace
    public var demonstrations: [Demonstration]

    public init(
        name: String, contentHash: String, cameras: [CameraName: CameraDescription], stateLayout: StateLayout,
        actionSpace: ActionSpace, demonstrations: [Demonstration]
    ) {
        self.name = name
        self.contentHash = contentHash
        self.cameras = cameras
        self.stateLayout = stateLayout
        self.actionSpace = actionSpace
        self.demonstrations = demonstrations
    }
}
