// Lists LIBERO's tasks, with their goals when the folder of LIBERO's files is given.
//
//     swift run --package-path Packages/LiberoData ListTasks [folder]

import Foundation
import LiberoTasks

let folder = try CommandLine.arguments.dropFirst().first.map { try LiberoFolder(at: URL(fileURLWithPath: $0)) }
for suite in try folder?.suites() ?? LiberoSuite.builtIn {
    print("\(suite.name): \(suite.tasks.count) tasks")
    for (index, task) in suite.tasks.enumerated() {
        let goal = try folder?.problem(of: task).goal.map(\.description).joined(separator: " ") ?? ""
        print("  \(index)  \(task.instruction)  \(goal)")
    }
}
