public import RobotInterface
import ActionTokenizer

/// One moment of a demonstration: what the robot saw, and what it did then.
public struct PolicyExample: Sendable {
    /// As recorded; its images are read when the example is prepared.
    public var observation: Observation
    /// What follows, as long as the policy's horizon, in the units of the data set's action space. Behind the end of the
    /// demonstration the last action is repeated.
    public var actions: ActionChunk
    /// Actions before the demonstration's end; the others are not learnt.
    public var validCount: Int
    /// Where the hand is when the gripper's command next changes, in metres and the frame of the state's position; nil
    /// when it does not change any more. Told by the demonstration itself; see ``GripperEvents``.
    public var nextGripperEvent: SIMD3<Double>?
    /// How much it counts beside others.
    public var weight: Float
    /// Which task and which demonstration, for splits and reports.
    public var task: String
    public var episode: Int
    /// Frame of the demonstration.
    public var frame: Int

    public init(
        observation: Observation, actions: ActionChunk, validCount: Int? = nil, nextGripperEvent: SIMD3<Double>? = nil,
        weight: Float = 1, task: String = "", episode: Int = 0, frame: Int = 0
    ) {
        let validCount = validCount ?? actions.horizon
        precondition((1...actions.horizon).contains(validCount), "\(validCount) valid actions of \(actions.horizon)")
        self.observation = observation
        self.actions = actions
        self.validCount = validCount
        self.nextGripperEvent = nextGripperEvent
        self.weight = weight
        self.task = task
        self.episode = episode
        self.frame = frame
    }
}

/// The moments of a demonstration at which the gripper's command changes: where it grasps and where it lets go.
///
/// Where the hand is then is what a policy has to find in the images; every earlier frame can be taught to predict it,
/// without any knowledge of the objects.
public enum GripperEvents {
    /// For each frame, the first later frame (or this one) whose command differs from the one before it; nil without one.
    ///
    /// - Parameters:
    ///   - commands: The last dimension of the recorded actions.
    ///   - convention: Which values mean open and closed.
    public static func nextEvent(
        commands: [Double], convention: GripperConvention
    ) -> [Int?] {
        let closes = commands.map { GripperCoding.closes($0, convention) }
        var next: Int?
        var result = [Int?](repeating: nil, count: commands.count)
        for frame in commands.indices.reversed() {
            if frame > 0, closes[frame] != closes[frame - 1] { next = frame }
            result[frame] = next
        }
        return result
    }
}
