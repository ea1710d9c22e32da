import Foundation
import LiberoTasks
import TensorTestSupport
import Testing

@Suite struct LiberoSuiteTests {
    @Test func fiveSuitesHave130Tasks() {
        #expect(LiberoSuite.builtIn.map(\.tasks.count) == [10, 10, 10, 10, 90])
        #expect(
            LiberoSuite.spatial.tasks[9].instruction
                == "pick up the black bowl on the wooden cabinet and place it on the plate")
    }

    @Test(arguments: [
        ("KITCHEN_SCENE10_close_the_top_drawer", "close the top drawer", "KITCHEN_SCENE10"),
        ("LIVING_ROOM_SCENE2_put_both", "put both", "LIVING_ROOM_SCENE2"),
        ("turn_on_the_stove", "turn on the stove", nil),
        // only a capital letter in front makes it a scene
        ("watch_SCENE3_again", "watch SCENE3 again", nil),
        ("Stack_the_bowls", "Stack the bowls", nil),
        ("", "", nil),
    ])
    func instructionIsTheNameWithoutTheScene(name: String, instruction: String, scene: String?) {
        let task = LiberoTask(suite: "s", name: name)
        #expect(task.instruction == instruction)
        #expect(task.scene == scene)
    }

    @Test func instructionsThatOccurTwiceNameNoTask() throws {
        #expect(LiberoSuite.goal.taskIndex(instruction: "turn on the stove") == 7)
        #expect(LiberoSuite.goal.taskIndex(instruction: "make tea") == nil)
        let repeated = LiberoSuite(name: "own", taskNames: ["A_SCENE1_wait", "A_SCENE2_wait", "A_SCENE2_go"])
        #expect(repeated.taskIndex(instruction: "wait") == nil)
        #expect(repeated.taskIndex(instruction: "go") == 2)
    }

    @Test func unknownSuiteNamesTheKnownOnes() {
        let error = #expect(throws: LiberoTasksError.self) { try LiberoSuite.named("libero_long") }
        #expect(error?.description.contains("libero_10") == true)
    }

    @Test func aFolderWithoutTasksIsRefused() throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: LiberoTasksError.notALiberoFolder(path: folder.path)) { try LiberoFolder(at: folder) }
    }

    @Test func ownSuitesAreInTheOrderOfTheirNames() throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let suite = folder.appendingPathComponent("bddl_files/own")
        try FileManager.default.createDirectory(at: suite, withIntermediateDirectories: true)
        for name in ["b", "a", "c"] { try Data().write(to: suite.appendingPathComponent("\(name).bddl")) }
        try Data().write(to: suite.appendingPathComponent("notes.txt"))

        let found = try LiberoFolder(at: folder).suites()
        #expect(found == [LiberoSuite(name: "own", taskNames: ["a", "b", "c"])])
        let missing = LiberoTask(suite: "own", name: "d")
        #expect(throws: LiberoTasksError.self) { try LiberoFolder(at: folder).problem(of: missing) }
    }

    private func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}

/// The original's lists (`libero/suites.json`) and files.
@Suite struct LiberoSuiteGoldenTests {
    private struct Suite: Decodable {
        struct Task: Decodable {
            let task, language: String
        }
        let max_steps: Int
        let tasks: [Task]
    }

    static let lists = SharedFixtures.entries(in: "libero").filter { $0.lastPathComponent == "suites.json" }

    @Test(arguments: lists)
    func orderInstructionsAndLimitsAreLIBEROs(list: URL) throws {
        let expected = try JSONDecoder().decode([String: Suite].self, from: Data(contentsOf: list))
        #expect(Set(expected.keys) == Set(LiberoSuite.builtIn.map(\.name)))
        for (name, golden) in expected {
            let suite = try LiberoSuite.named(name)
            #expect(suite.tasks.map(\.name) == golden.tasks.map(\.task))
            #expect(suite.tasks.map(\.instruction) == golden.tasks.map(\.language))
            #expect(suite.stepLimit == golden.max_steps)
        }
    }

    @Test(arguments: lists)
    func everyTaskHasItsFiles(list: URL) throws {
        let folder = try LiberoFolder(at: list.deletingLastPathComponent())
        for task in try folder.suites().flatMap(\.tasks) {
            for file in [folder.problemFile(of: task), folder.initialStatesFile(of: task)] {
                #expect(FileManager.default.fileExists(atPath: file.path), "\(file.path)")
            }
        }
    }
}
