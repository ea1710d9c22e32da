/// What is asked for does not exist in the suite.
public enum LiberoRequestError: Error, Equatable, CustomStringConvertible {
    case noSuchTask(Int, suite: String, taskCount: Int)
    /// No other task's goal can be reached in the scene of this task.
    case noOtherTask(Int)
    case tooFewStarts(task: Int, storedCount: Int, episodeCount: Int)
    /// The scripted expert has no skill for something that the task asks.
    case unsupportedByExpert(task: Int, obstacles: [String])
    /// Only what a policy does can be labelled, not what the expert does.
    case notAPolicy
    /// A sequential comparison is between two agents.
    case needsTwoAgents(Int)

    public var description: String {
        switch self {
        case .noSuchTask(let task, let suite, let count):
            "There is no task \(task) in \(suite); its tasks are 0...\(count - 1)."
        case .noOtherTask(let task):
            "No other task's goal can be reached in the scene of task \(task). Choose tasks of which one can."
        case .tooFewStarts(let task, let stored, let wanted):
            "Task \(task) has \(stored) stored starts, \(wanted) episodes were asked for. Use fewer, or drawn starts."
        case .unsupportedByExpert(let task, let obstacles):
            "The expert cannot solve task \(task): \(obstacles.joined(separator: "; ")). Leave it out with --tasks."
        case .notAPolicy: "The expert labels what a policy does. Give the folder of a trained policy."
        case .needsTwoAgents(let count): "A comparison that ends when it is decided needs two policies, not \(count)."
        }
    }
}
