import LiberoTasks

/// The name and suite of a task of which only the sentence is known.
///
/// LIBERO's four suites of ten name each sentence once; others get the sentence with underscores.
enum TaskNaming {
    private static let known: [String: LiberoTask] = {
        var tasks: [String: LiberoTask] = [:]
        for suite in [LiberoSuite.spatial, .object, .goal, .ten] {
            for task in suite.tasks { tasks[task.instruction] = task }
        }
        return tasks
    }()

    static func task(of instruction: String, in suite: LiberoSuite?) -> LiberoTask {
        if let suite, let index = suite.taskIndex(instruction: instruction) { return suite.tasks[index] }
        if let task = known[instruction] { return task }
        let name = instruction.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
        return LiberoTask(suite: "", name: name.isEmpty ? "task" : name)
    }
}
