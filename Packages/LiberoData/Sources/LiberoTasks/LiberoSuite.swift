/// A list of tasks in the order that gives them their numbers.
public struct LiberoSuite: Hashable, Sendable {
    /// The name of its folder, such as `libero_spatial`.
    public let name: String
    /// The tasks; a task's number is its place here.
    public let tasks: [LiberoTask]
    /// After how many steps of the policy an episode counts as failed, where the evaluators agree on one.
    public let stepLimit: Int?

    /// A suite of one's own; the five of LIBERO are ``builtIn``.
    public init(name: String, taskNames: [String], stepLimit: Int? = nil) {
        self.name = name
        self.tasks = taskNames.map { LiberoTask(suite: name, name: $0) }
        self.stepLimit = stepLimit
    }

    /// The number of the task with this instruction; nil when there is none.
    ///
    /// Data sets hold the sentence, not the number. In `libero_90` the same sentence stands in several scenes:
    /// `nil` as well when more than one task has it.
    public func taskIndex(instruction: String) -> Int? {
        let found = tasks.indices.filter { tasks[$0].instruction == instruction }
        return found.count == 1 ? found[0] : nil
    }

    /// The suite of this name: one of LIBERO's, or ``builtInWorld``.
    ///
    /// - Throws: ``LiberoTasksError/unknownSuite(_:known:)`` for other names.
    public static func named(_ name: String) throws -> LiberoSuite {
        let known = builtIn + [builtInWorld]
        guard let suite = known.first(where: { $0.name == name }) else {
            throw LiberoTasksError.unknownSuite(name, known: known.map(\.name))
        }
        return suite
    }
}
