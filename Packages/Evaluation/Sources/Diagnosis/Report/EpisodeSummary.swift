public import Evaluation

/// Summary of one episode of the policy.
public struct EpisodeSummary: Hashable, Codable, Sendable {
    public enum End: String, CaseIterable, Codable, Sendable {
        case success
        /// The policy returned an invalid action.
        case fault
        case sameAction, stoodStill
        /// Moved, then stood still although steps were left.
        case froze
        case neverClosed, neverOpened
        /// Never came near the goal's object.
        case neverReached
        case closedOnNothing, heldUntilTheEnd, letGo

        var words: String {
            switch self {
            case .success: "reached its goal"
            case .fault: "gave an action that is none"
            case .sameAction: "did the same at every step"
            case .stoodStill: "stood still"
            case .froze: "went and then stood still"
            case .neverClosed: "never closed the gripper"
            case .neverOpened: "never opened the gripper"
            case .neverReached: "never reached what it has to move"
            case .closedOnNothing: "closed the gripper on nothing"
            case .heldUntilTheEnd: "held something until the time was over"
            case .letGo: "let go of what it held before the goal"
            }
        }
    }

    public var task: Int
    public var end: End
    public var stepCount: Int
    /// Length of the hand's path, metres.
    public var path: Double
    public var gripperChangeCount: Int
    /// The longest period without commanded motion: its steps, the first of them, and how many repeat the action before
    /// to 0.001.
    public var stillCount, stillStart, repeatedCount: Int
    /// Whether an object was between the fingers in that period.
    public var holdsWhileStill: Bool
    /// The smallest distance of the hand to the goal's object; `nil` if the world does not report it.
    public var closest: ObjectDistance?

    public var isSuccess: Bool { end == .success }

    var text: String {
        var words = "task \(task): \(end.words)"
        if end == .success { return words + " after \(stepCount) steps" }
        words += ", \(stepCount) steps, \(Evidence.short(path)) m, gripper changed \(gripperChangeCount) times"
        if stillCount >= Self.longPause {
            words += ", no motion in \(stillCount) steps from step \(stillStart)"
            words += holdsWhileStill ? " with something in the hand" : ""
        }
        if let closest { words += ", nearest to \(closest.object): \(Evidence.short(closest.distance * 100)) cm" }
        return words
    }

    /// Steps without motion from which on it is no pause: longer than closing a gripper takes, which is 10.
    static let longPause = 40
}
