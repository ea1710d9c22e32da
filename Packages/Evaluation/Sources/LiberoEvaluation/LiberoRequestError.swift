/// What is asked for does not exist in the suite.
public enum LiberoRequestError: Error, Equatable, CustomStringConvertible {
    case noSuchTask(Int, suite: String, taskCount: Int)
    /// No other task's goal can be reached in the scene of this task.
    case noOtherTask(Int)
    case tooFewStarts(task: Int, storedCount: Int, episodeCount: Int)
    /// The scripted expert cannot solve these tasks; it can solve the others that were chosen.
    case unsupportedByExpert([Int], supported: [Int])
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
        case .unsupportedByExpert(let tasks, let supported):
            "The expert only carries things; it cannot open, close or switch, as the tasks \(tasks) ask. "
                + (supported.isEmpty
                    ? "Choose another suite."
                    : "Use the tasks \(supported.map(String.init).joined(separator: ",")).")
        case .needsTwoAgents(let count): "A comparison that ends when it is decided needs two policies, not \(count)."
        }
    }
}
