import Foundation
import Testing

/// Collect, train, evaluate, replay and report with the command, on the built-in suite; ended and gone on with.
@Suite(.serialized, .enabled(if: Command.simulates, "vla was built without the trait MuJoCo"))
final class MainJobTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vla-\(UUID())")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: folder) }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func collect(_ name: String) -> [String] {
        [
            "collect", "--suite", "builtin", "--tasks", "0", "--episodes", "2", "--workers", "1", "--image-size",
            "32",
            "--render-profile", "fast", "--json", "-o", path(name),
        ]
    }

    private func train(_ name: String) -> [String] {
        [
            "train", "--data", path("demonstrations"), "--recipe", path("recipe.json"), "--threads", "1", "--json",
            "-o",
            path(name),
        ]
    }

    private func evaluate(_ name: String) -> [String] {
        [
            "evaluate", "--suite", "builtin", "--tasks", "0", "--checkpoint", path("policy"), "--policy", "untrained",
            "--episodes", "2", "--videos", "1", "--step-limit", "12", "--json", "-o", path(name),
        ]
    }

    /// A policy small enough for a debug build; a state is kept after every second update.
    private func writeRecipe() throws {
        let recipe = """
            {"name": "end-to-end", "family": "regression", "action": {"horizon": 4},
             "data": {"frameStride": 8, "actionColumn": "action"},
             "regression": {"encoder": {"width": 16, "layerCount": 1, "headCount": 2, "intermediateSize": 32,
               "vision": {"kind": "keypoints", "stageWidths": [4, 8], "residualCount": 0, "keypointCount": 4}}},
             "training": {"stepCount": 12, "batchSize": 4, "stepsPerValidation": 6, "stepsPerState": 2}}
            """
        try recipe.write(toFile: path("recipe.json"), atomically: true, encoding: .utf8)
    }

    private struct Trained: Decodable {
        var contentHash: String
        var lastStep: Int
        var wasInterrupted: Bool
    }

    private func trained(_ outcome: Command.Outcome) throws -> Trained {
        try JSONDecoder().decode(Trained.self, from: Data(outcome.output.utf8))
    }

    /// The records of an evaluation by name; they hold every state of every episode.
    private func records(_ name: String) throws -> [String: Data] {
        let root = folder.appendingPathComponent(name)
        let files = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
        return try Dictionary(
            uniqueKeysWithValues: files.filter { $0.hasSuffix(".jsonl") && $0.contains("records/") }.map {
                ($0, try Data(contentsOf: root.appendingPathComponent($0)))
            })
    }

    @Test func theMainJobRunsRepeatsAndSurvivesItsEnd() throws {
        // demonstrations; a second time nothing is left to do
        let collected = try Command(collect("demonstrations")).run()
        #expect(collected.status == 0, "\(collected.messages)")
        let again = try Command(collect("demonstrations")).run()
        func lines(_ outcome: Command.Outcome) -> [Substring] {
            outcome.output.split(separator: "\n").filter { !$0.contains("workerSeconds") }
        }
        #expect(lines(again) == lines(collected))

        // training: in one go, killed and gone on with, and interrupted: the same weights
        try writeRecipe()
        let whole = try Command(train("policy")).run()
        try #require(whole.status == 0, "\(whole.messages)")
        let hash = try trained(whole).contentHash
        for (name, signal) in [("killed", SIGKILL), ("interrupted", SIGINT)] {
            let run = try Command(train(name))
            try run.start()
            let states = path("\(name).run/states")
            while run.isRunning, (try? FileManager.default.contentsOfDirectory(atPath: states))?.isEmpty ?? true {
                usleep(2000)
            }
            run.send(signal)
            let end = try run.wait()
            #expect(end.status == (signal == SIGKILL ? SIGKILL : 130) || end.status == 0, "\(name): \(end.messages)")
            let resumed = try Command(train(name)).run()
            #expect(resumed.status == 0, "\(name): \(resumed.messages)")
            #expect(try trained(resumed).contentHash == hash, "\(name)")
        }

        // a run does not go on with other settings
        let other = try Command(train("policy") + ["--steps", "9"]).run()
        #expect(other.status == 1 && other.messages.contains("recipe.training.stepCount: found 12, expected 9"))

        // evaluation twice: the same episodes to the bit
        let first = try Command(evaluate("first")).run()
        #expect(first.status == 0, "\(first.messages)")
        #expect(try Command(evaluate("second")).run().status == 0)
        let records = try records("first")
        #expect(records.count == 4)
        #expect(try self.records("second") == records)
        for name in records.keys.sorted() {
            let replayed = try Command("replay", path("first/\(name)")).run()
            #expect(replayed.status == 0 && replayed.output.contains("all identical"), "\(replayed.output)")
        }

        // the page
        let page = try Command(
            "report", "--evaluation", "Built-in=\(path("first"))", "--training", path("policy.run"), "-o",
            path("index.html")
        ).run()
        #expect(page.status == 0, "\(page.messages)")
        let html = try String(contentsOfFile: path("index.html"), encoding: .utf8)
        #expect(html.contains("Built-in") && html.contains("<svg"))
        #expect(html.contains("data:image/") || html.contains("data:video/"), "no film of an episode")

        // in a pipe no line is written over
        for outcome in [collected, whole, first] { #expect(!outcome.messages.contains("\r")) }
    }
}
