import Foundation
import Testing

/// The snippets that README files open with, run as they are.
@Suite struct SnippetTests {
    /// The repository.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func run(_ name: String, _ arguments: String...) throws -> Command.Outcome {
        try Command(arguments, program: name).run()
    }

    @Test func aShippedPolicyActs() throws {
        let folder = Self.root.appendingPathComponent("Checkpoints/libero-object").path
        let outcome = try run("Act", folder)
        #expect(outcome.status == 0, "\(outcome.messages)")
        let actions = outcome.output.split(separator: "\n").dropFirst()
        #expect(!actions.isEmpty && actions.allSatisfy { $0.split(separator: ",").count == 7 })
    }

    @Test func aWorldOfOnesOwnIsSolvedByChance() throws {
        let folder = try TemporaryFolder()
        let outcome = try run("OwnEnvironment", folder("out").path)
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(outcome.output.contains("random on line") && outcome.output.contains("of 20 episodes"))
        #expect(!outcome.output.contains("0 of 20"))
    }

    @Test(.enabled(if: Command.simulates, "built without the trait MuJoCo"))
    func aPolicyOfOnesOwnActsInTheSimulator() throws {
        let folder = try TemporaryFolder()
        let outcome = try run("OwnPolicy", folder("out").path)
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(outcome.output.contains("reach on builtin") && outcome.output.contains("of 2 episodes"))
    }

    @Test(.enabled(if: Command.simulates, "built without the trait MuJoCo"))
    func theExpertIsComparedWithRandomMotions() throws {
        let folder = try TemporaryFolder()
        let outcome = try run("Evaluate", folder("out").path)
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(outcome.output.contains("expert − random"))
        #expect(FileManager.default.fileExists(atPath: folder("out/expert/report.html").path))
    }

    @Test(.enabled(if: Command.simulates, "built without the trait MuJoCo"))
    func aPolicyIsTrained() throws {
        let folder = try TemporaryFolder()
        let collected = try Command(
            "collect", "--suite", "builtin", "--tasks", "0", "--episodes", "2", "--workers", "1", "--image-size", "16",
            "--render-profile", "fast", "-o", folder("demonstrations").path
        ).run()
        #expect(collected.status == 0, "\(collected.messages)")
        let recipe = """
            {"name": "snippet", "action": {"horizon": 2}, "data": {"frameStride": 16},
             "regression": {"encoder": {"width": 16, "layerCount": 1, "headCount": 2, "intermediateSize": 32,
               "vision": {"kind": "keypoints", "stageWidths": [4, 8], "residualCount": 0, "keypointCount": 4}}},
             "training": {"stepCount": 4, "batchSize": 2, "stepsPerValidation": 2}}
            """
        try recipe.write(to: folder("recipe.json"), atomically: true, encoding: .utf8)
        let outcome = try run("Train", folder("demonstrations").path, folder("recipe.json").path, folder("policy").path)
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(outcome.output.contains("weights after") && outcome.output.contains("validation: "))
        #expect(try Command("inspect", folder("policy").path).run().status == 0)

        // a family that the program registers itself; others do not know its checkpoint
        let own = try run("OwnModelFamily", folder("demonstrations").path, folder("own").path)
        #expect(own.status == 0, "\(own.messages)")
        #expect(own.output.contains("weights after 200 of 200 updates") && own.output.contains("stateLayout"))
        let unknown = try Command("inspect", folder("own").path).run()
        #expect(unknown.status != 0 && unknown.messages.contains("register"), "\(unknown.messages)")
    }

    /// A reader takes one in at a glance.
    @Test(arguments: [
        "ActionTokenizer/Snippets/Act", "Evaluation/Snippets/Train", "Evaluation/Snippets/OwnModelFamily",
        "Evaluation/Snippets/Evaluate",
        "Evaluation/Snippets/OwnPolicy",
        "Evaluation/Snippets/OwnEnvironment",
    ])
    func snippetsAreShort(path: String) throws {
        let file = Self.root.appendingPathComponent("Packages/\(path).swift")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        #expect(lines.count { !$0.hasPrefix("//") } <= 30)
    }
}
