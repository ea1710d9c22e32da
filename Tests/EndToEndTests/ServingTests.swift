import Foundation
import Testing

/// Servers of the command, and the command as their client.
@Suite(.serialized, .enabled(if: Command.simulates, "vla was built without the trait MuJoCo"))
struct ServingTests {
    static let checkpoint = SnippetTests.root.appendingPathComponent("Checkpoints/libero-object").path

    /// A server on a free port for the time of `body`; ends by SIGTERM with status 0.
    private func whileServing(_ arguments: [String], _ body: (_ port: Int) throws -> Void) throws {
        struct Place: Decodable { var port: Int }
        let command = try Command(arguments + ["--port", "0", "--json"])
        try command.start()
        var port: Int?
        let deadline = Date() + 120
        while port == nil, command.isRunning, Date() < deadline {
            port = (try? JSONDecoder().decode(Place.self, from: Data(command.outputSoFar.utf8)))?.port
            usleep(20_000)
        }
        do {
            try body(#require(port, "the server does not listen"))
        } catch {
            command.send(SIGKILL)
            _ = try command.wait()
            throw error
        }
        command.send(SIGTERM)
        let outcome = try command.wait()
        #expect(outcome.status == 0 && !outcome.isSignalled, "\(outcome.messages)")
    }

    private func evaluate(_ agent: [String], into folder: URL, _ options: String...) throws -> Command.Outcome {
        try Command(
            ["evaluate", "--suite", "builtin", "--tasks", "0,3", "--episodes", "1", "--settling-steps", "2"]
                + ["--step-limit", "12", "--replan-interval", "4", "--videos", "0", "-o", folder.path]
                // the suite speaks of things that the policy was never told of
                + ["--instruction", "pick up the milk and place it in the basket"] + agent + options
        ).run()
    }

    /// The lines of all records but the first, which names the agent.
    private func steps(of folder: URL) throws -> [String: [Substring]] {
        let records = folder.appendingPathComponent("records")
        let names = try FileManager.default.contentsOfDirectory(atPath: records.path)
        return try Dictionary(
            uniqueKeysWithValues: names.map { name in
                let text = try String(contentsOf: records.appendingPathComponent(name), encoding: .utf8)
                return (name, Array(text.split(separator: "\n").dropFirst()))
            })
    }

    @Test func remotePolicyHasTheRecordsOfTheLocalOne() throws {
        let folder = try TemporaryFolder()
        #expect(try evaluate(["--checkpoint", Self.checkpoint], into: folder("local")).status == 0)
        try whileServing(["serve", "--checkpoint", Self.checkpoint, "--protocol", "openpi"]) { port in
            let outcome = try evaluate(["--server", "ws://127.0.0.1:\(port)"], into: folder("remote"))
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect(outcome.output.contains("0 time-outs"))
        }
        let local = try steps(of: folder("local"))
        #expect(local.count == 2)
        #expect(try steps(of: folder("remote")) == local)
        let times = try String(contentsOf: folder("remote/inference.json"), encoding: .utf8)
        #expect(times.contains("\"timeOutCount\" : 0") && times.contains("computingSeconds"))
    }

    @Test func lateActionsAreCounted() throws {
        let folder = try TemporaryFolder()
        for name in ["a", "b"] {
            let outcome = try evaluate(
                ["--checkpoint", Self.checkpoint], into: folder(name), "--latency", "0.1")
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect(outcome.output.contains("as if each answer took 0.1 s"))
            #expect(outcome.output.contains("4 steps without an action"), "two in each episode:\n\(outcome.output)")
        }
        #expect(try steps(of: folder("a")) == steps(of: folder("b")))
    }

    @Test func missingServerIsNamed() throws {
        let folder = try TemporaryFolder()
        let outcome = try evaluate(["--server", "ws://127.0.0.1:1"], into: folder("out"))
        #expect(outcome.status == 1 && outcome.messages.contains("127.0.0.1:1"), "\(outcome.messages)")
    }

    @Test func environmentIsServed() throws {
        try whileServing(["serve-environment", "--suite", "builtin"]) { port in
            #expect(port > 0)
        }
        let unknown = try Command("serve-environment", "--suite", "nowhere", "--port", "0").run()
        #expect(unknown.status != 0 && unknown.messages.contains("nowhere"))
    }
}
