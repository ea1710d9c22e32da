/// A recorded episode: what the robot observed, and the action that followed each observation.
///
/// Its numbers are in memory; an image is read when the observation's frame is asked for it.
public protocol Demonstration: Sendable {
    /// The sentence that asks for the task.
    var instruction: String { get }
    /// Every sentence of the demonstration in order, where they change on the way; ``instruction`` alone by default.
    var allInstructions: [String] { get }
    /// Name of the task, for weights and reports; the instruction by default.
    var task: String { get }
    /// Name of the suite that the task belongs to, for weights; empty by default.
    var suite: String { get }
    /// Frames.
    var length: Int { get }
    /// The action of a frame, in the units of the set's action space.
    func action(at frame: Int) -> [Double]
    /// The robot's state at a frame, laid out as the set's ``DemonstrationSet/stateLayout``.
    func stateValues(at frame: Int) -> [Double]
    /// What the robot observed before the action of a frame.
    ///
    /// - Throws: What reading its numbers throws; images fail when they are asked for.
    func observation(at frame: Int) throws -> Observation
}

extension Demonstration {
    public var allInstructions: [String] { [instruction] }
    public var task: String { instruction }
    public var suite: String { "" }
}

/// Demonstrations that share cameras, state layout and action space: what a policy is trained on.
///
/// `LiberoDemonstrations` reads data sets from disk; ``InMemoryDemonstrationSet`` takes demonstrations of your own.
public protocol DemonstrationSet: Sendable {
    /// Such as the name of the data set's folder.
    var name: String { get }
    /// Every camera the observations have.
    var cameras: [CameraName: CameraDescription] { get }
    var stateLayout: StateLayout { get }
    var actionSpace: ActionSpace { get }
    /// Number of demonstrations.
    var demonstrationCount: Int { get }
    /// Named lists of demonstrations that are kept with the data, such as robomimic's `train` and `valid`; none by default.
    var lists: [String: [Int]] { get }

    /// A demonstration, its numbers read and checked.
    ///
    /// Called once for each demonstration of a training, from one thread at a time; the result is kept.
    ///
    /// - Parameters:
    ///   - index: From 0 to ``demonstrationCount``.
    ///   - actionColumn: The recorded column that the actions are taken from, such as an expert's actions before noise was
    ///     added to what was executed; `nil` for the executed actions.
    /// - Throws: When the demonstration is damaged or lacks the column.
    func demonstration(_ index: Int, actionColumn: String?) throws -> any Demonstration
}

extension DemonstrationSet {
    public var lists: [String: [Int]] { [:] }
}

/// A demonstration whose numbers are given, and whose observations are made by a closure.
public struct InMemoryDemonstration: Demonstration {
    public var instruction: String
    public var task: String
    /// One row per frame.
    public var actions: [[Double]]
    /// One row per frame.
    public var states: [[Double]]
    /// The observation before the action of a frame.
    public var observation: @Sendable (_ frame: Int) throws -> Observation

    /// - Parameters:
    ///   - instruction: The sentence that asks for the task.
    ///   - task: Name of the task; the instruction by default.
    ///   - actions: One row per frame, in the units of the set's action space.
    ///   - states: One row per frame, laid out as the set's state layout.
    ///   - observation: The observation before the action of a frame.
    public init(
        instruction: String, task: String? = nil, actions: [[Double]], states: [[Double]],
        observation: @escaping @Sendable (_ frame: Int) throws -> Observation
    ) {
        precondition(
            actions.count == states.count, "InMemoryDemonstration: \(actions.count) actions, \(states.count) states")
        self.instruction = instruction
        self.task = task ?? instruction
        self.actions = actions
        self.states = states
        self.observation = observation
    }

    public var length: Int { actions.count }
    public func action(at frame: Int) -> [Double] { actions[frame] }
    public func stateValues(at frame: Int) -> [Double] { states[frame] }
    public func observation(at frame: Int) throws -> Observation { try observation(frame) }
}

/// Demonstrations of your own.
public struct InMemoryDemonstrationSet: DemonstrationSet {
    public var name: String
    public var cameras: [CameraName: CameraDescription]
    public var stateLayout: StateLayout
    public var actionSpace: ActionSpace
    public var demonstrations: [InMemoryDemonstration]

    public init(
        name: String, cameras: [CameraName: CameraDescription], stateLayout: StateLayout, actionSpace: ActionSpace,
        demonstrations: [InMemoryDemonstration]
    ) {
        self.name = name
        self.cameras = cameras
        self.stateLayout = stateLayout
        self.actionSpace = actionSpace
        self.demonstrations = demonstrations
    }

    public var demonstrationCount: Int { demonstrations.count }

    /// - Throws: ``DemonstrationError/noActionColumn(_:demonstration:)`` for any column but `action`.
    public func demonstration(_ index: Int, actionColumn: String?) throws -> any Demonstration {
        if let actionColumn, actionColumn != "action" {
            throw DemonstrationError.noActionColumn(actionColumn, demonstration: index)
        }
        return demonstrations[index]
    }
}

/// Demonstrations that a policy cannot be trained on.
public enum DemonstrationError: Error, Equatable, CustomStringConvertible {
    case noActionColumn(String, demonstration: Int)
    case noFrames(demonstration: Int)
    /// An action or state has another number of values than the set's description says.
    case wrongWidth(String, demonstration: Int, frame: Int, found: Int, expected: Int)

    public var description: String {
        switch self {
        case .noActionColumn(let name, let demonstration):
            "Demonstration \(demonstration) has no column '\(name)' to learn; leave data.actionColumn out of the recipe to "
                + "learn the executed actions."
        case .noFrames(let demonstration): "Demonstration \(demonstration) has no frames; leave it out of the set."
        case .wrongWidth(let what, let demonstration, let frame, let found, let expected):
            "The \(what) of frame \(frame) of demonstration \(demonstration) has \(found) values; the set's description "
                + "says \(expected)."
        }
    }
}
