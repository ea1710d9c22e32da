import Foundation
import LiberoTasks
import TensorTestSupport
import Testing

/// `cases/22…`: tasks and initial states as users have them.
@Suite struct TaskCasesTests {
    static let folders = SharedFixtures.folders(in: "cases") { $0.hasPrefix("22") }

    private static func tasks(of folder: URL) throws -> [(files: LiberoFolder, task: LiberoTask)] {
        let files = try LiberoFolder(at: folder)
        return try files.suites().flatMap { suite in suite.tasks.map { (files, $0) } }.filter {
            FileManager.default.fileExists(atPath: files.problemFile(of: $0.task).path)
        }
    }

    /// Outside of LIBERO's five suites the `:language` line is what a policy is told, and a difference is noted.
    @Test(arguments: folders)
    func instructionsAreThoseOfTheProblem(folder: URL) throws {
        let tasks = try Self.tasks(of: folder)
        #expect(!tasks.isEmpty)
        for (files, task) in tasks {
            let language = try files.problem(of: task).language
            let isBuiltIn = LiberoSuite.builtIn.contains { $0.name == task.suite }
            #expect(try files.instruction(of: task) == (isBuiltIn ? task.instruction : language))
            let note = try files.instructionNote(of: task)
            #expect((note == nil) == (language == task.instruction.lowercased()))
            #expect(note?.contains(language) ?? true && note?.contains(task.instruction) ?? true)
        }
    }

    /// No stored states are none; a file without rows says so, and which forms are read.
    @Test(arguments: folders)
    func initialStatesAreReadOrNamed(folder: URL) throws {
        for (files, task) in try Self.tasks(of: folder) {
            guard files.hasInitialStates(of: task) else {
                let error = #expect(throws: LiberoTasksError.self) { try files.initialStates(of: task) }
                #expect(error?.description.contains(task.name) == true)
                continue
            }
            do {
                #expect(try files.initialStates(of: task).count > 0)
            } catch let error as InitialStatesError {
                #expect(error.description.contains("holds no rows") || error.description.contains("forms"), "\(error)")
                #expect(error.description.contains(".pruned_init"))
            }
        }
    }
}
