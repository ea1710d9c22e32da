import Evaluation
import Foundation
import RobotInterface
import Testing

@testable import PolicyServing

/// Worlds stepped over the network, beside the same worlds in this process.
@Suite struct EnvironmentServerTests {
    /// A server of table worlds for the time of a test.
    static func withEnvironmentServer<Result: Sendable>(
        adjust: (inout EnvironmentServerConfiguration) -> Void = { _ in },
        body: @escaping @Sendable (Int) throws -> Result
    ) async throws -> Result {
        var configuration = EnvironmentServerConfiguration(suites: ["table"])
        configuration.port = 0
        adjust(&configuration)
        let server = try EnvironmentServer(configuration: configuration, logger: quietLogger) { settings in
            guard settings.renderProfile != "broken" else { throw WireError(.execution, "cannot be made") }
            return TableWorld()
        }
        return try await whileRunning({ try await server.run(onListening: $0) }, body)
    }

    /// A client without a library.
    private final class Client {
        let connection: RawConnection
        let greeting: WireMap

        init(port: Int) throws {
            connection = try RawConnection(port: port)
            _ = connection.upgrade()
            greeting = try Self.map(#require(connection.message()).payload)
        }

        func ask(_ operation: String, _ entries: WireMap = WireMap()) throws -> WireMap {
            var request = entries
            request["op"] = .text(operation)
            connection.sendFrame(2, WireValue.map(request).encoded(.vlaEval))
            return try Self.map(#require(connection.message()).payload)
        }

        func error(_ operation: String, _ entries: WireMap = WireMap()) throws -> String {
            try ask(operation, entries)["error"]?.text ?? "no error"
        }

        private static func map(_ bytes: [UInt8]) throws -> WireMap {
            try #require(WireValue(decoding: bytes, .vlaEval).map)
        }
    }

    private static func action(world: Int, step: Int) -> [Double] {
        (0..<7).map { dimension in
            let number = (dimension * 7 + world * 3 + step * 5) % 19
            return 0.1 * Double(number) - 0.9
        }
    }

    private static func text(_ hash: UInt64) -> WireValue {
        .text(String(repeating: "0", count: 16 - String(hash, radix: 16).count) + String(hash, radix: 16))
    }

    private static func small(_ entries: [(String, WireValue)]) -> WireMap {
        WireMap([(.text("image_size"), 16), (.text("orientation"), "raw")] + entries.map { (.text($0.0), $0.1) })
    }

    @Test func batchedWorldsAreThoseOfThisProcess() async throws {
        try await Self.withEnvironmentServer { port in
            let client = try Client(port: port)
            #expect(client.greeting["protocol"] == "vla-environment" && client.greeting["version"] == 1)
            let made = try client.ask("make", Self.small([("suite", "table"), ("worlds", 3)]))
            #expect(made["worlds"] == 3 && made["tasks"] == ["reach_left", "reach_right"])
            #expect(made["initial_states"] == [4, 4] && made["cameras"] == ["agentview", "eye_in_hand"])

            let starts = [(0, 1), (1, 2), (0, 3)]
            var local = starts.map { _ in TableWorld() }
            var seen = local.indices.map {
                local[$0].reset(to: EpisodeStart(task: starts[$0].0, placement: .stored(index: starts[$0].1)))
            }
            var report = try client.ask(
                "reset",
                WireMap([(.text("task"), [0, 1, 0]), (.text("initial_state"), [1, 2, 3]), (.text("id"), 7)]))
            #expect(report["id"] == 7)
            #expect(report["instruction"] == .list(local.map { .text($0.instruction) }))
            for step in 0..<12 {
                let actions = local.indices.map { Self.action(world: $0, step: step) }
                var success: [Bool] = []
                for world in local.indices {
                    let result = local[world].step(actions[world])
                    seen[world] = result.observation
                    success.append(result.isSuccess)
                }
                let array = NumericArray(doubles: Array(actions.joined()), shape: [3, 7])
                report = try client.ask("step", WireMap([(.text("actions"), .array(array)), (.text("images"), true)]))
                #expect(report["state_hash"] == .list(local.map { Self.text($0.stateHash) }))
                #expect(report["success"]?.array?.doubles() == success.map { $0 ? 1 : 0 })
                #expect(report["steps"]?.array?.doubles() == [Double](repeating: Double(step + 1), count: 3))
                let states = try seen.map { try StateLayout.libero.values(of: #require($0.state)) }
                #expect(report["state"]?.array?.doubles() == Array(states.joined()))
                let images = try #require(report["images"]?.map?["agentview"]?.array)
                #expect(images.shape == [3, 16, 16, 3])
                #expect(try images.bytes == seen.flatMap { try #require($0.cameras[.agentView]).image().pixels })
            }
        }
    }

    /// A single world of several is reset and stepped; the others stay where they are.
    @Test func worldsCanBeSteppedAlone() async throws {
        try await Self.withEnvironmentServer { port in
            let client = try Client(port: port)
            _ = try client.ask("make", Self.small([("worlds", 2)]))
            let first = try client.ask("reset", WireMap([(.text("task"), 0), (.text("seed"), [5, -6])]))
            let action = WireValue.array(NumericArray(doubles: [1, 0, 0, 0, 0, 0, 1], shape: [1, 7]))
            let step = try client.ask("step", WireMap([(.text("actions"), action), (.text("worlds"), [1])]))
            #expect(step["state"]?.array?.shape == [1, 8])
            #expect(step["state_hash"]?.list?[0] != first["state_hash"]?.list?[1])
            // no step has changed world 0
            let images = try client.ask("render", WireMap([(.text("images"), ["agentview"]), (.text("worlds"), [0])]))
            #expect(images["images"]?.map?.textKeys == ["agentview"])
            _ = try client.ask("reset", WireMap([(.text("task"), 0), (.text("seed"), 5), (.text("worlds"), [1])]))
            let both = try client.ask(
                "step",
                WireMap([
                    (.text("actions"), .array(NumericArray(doubles: [Double](repeating: 0, count: 14), shape: [2, 7])))
                ]))
            #expect(both["state_hash"]?.list?.count == 2)
            #expect(both["state_hash"]?.list?[0] == both["state_hash"]?.list?[1], "both began from seed 5")
        }
    }

    @Test func settlingStepsComeBeforeTheFirstReport() async throws {
        try await Self.withEnvironmentServer { port in
            let client = try Client(port: port)
            _ = try client.ask("make", Self.small([]))
            let report = try client.ask(
                "reset", WireMap([(.text("task"), 1), (.text("initial_state"), 0), (.text("settle"), 10)]))
            var world = TableWorld()
            _ = world.reset(to: EpisodeStart(task: 1, placement: .stored(index: 0)))
            for _ in 0..<10 { _ = world.step([0, 0, 0, 0, 0, 0, -1]) }
            #expect(report["state_hash"] == [Self.text(world.stateHash)])
        }
    }

    @Test func wrongRequestsAreExplainedAndTheConnectionStays() async throws {
        try await Self.withEnvironmentServer {
            $0.worldLimit = 4
        } body: { port in
            let client = try Client(port: port)
            #expect(try client.error("step").hasPrefix("schema.missing: "))
            #expect(try client.error("fly").hasPrefix("schema.type: "))
            #expect(try client.error("make", Self.small([("suite", "/etc/passwd")])).hasPrefix("schema.type: "))
            #expect(try client.error("make", Self.small([("worlds", 5)])).hasPrefix("busy: "))
            #expect(try client.error("make", Self.small([("worlds", 0)])).hasPrefix("schema.type: "))
            #expect(try client.error("make", WireMap([(.text("image_size"), 4)])).hasPrefix("schema.type: "))
            #expect(try client.error("make", Self.small([("render_profile", "broken")])).hasPrefix("execution: "))
            #expect(try client.ask("make", Self.small([("worlds", 4)]))["error"] == nil)
            for entries in [
                [("task", 0)], [("task", 9), ("seed", 1)], [("task", 0), ("initial_state", 4)],
                [("task", [0, 1]), ("seed", 1)], [("task", 0), ("seed", 1), ("initial_state", 1)],
                [("task", 0), ("seed", 1), ("images", ["nobody"])], [("task", 0), ("seed", 1), ("worlds", [0, 0])],
                [("task", 0), ("seed", 1), ("settle", 5000)],
            ] as [[(String, WireValue)]] {
                #expect(try client.error("reset", WireMap(entries.map { (.text($0.0), $0.1) })).hasPrefix("schema."))
            }
            #expect(try client.error("render").hasPrefix("schema.missing: "))
            _ = try client.ask("reset", WireMap([(.text("task"), 0), (.text("seed"), 1)]))
            let nan = NumericArray(doubles: [Double](repeating: .nan, count: 28), shape: [4, 7])
            #expect(try client.error("step", WireMap([(.text("actions"), .array(nan))])).hasPrefix("value.nonFinite: "))
            let few = NumericArray(doubles: [0, 0], shape: [1, 2])
            #expect(try client.error("step", WireMap([(.text("actions"), .array(few))])).hasPrefix("array.shape: "))
            client.connection.sendFrame(1, Array("step".utf8))
            #expect(client.connection.message()?.opcode == 2)
        }
    }

    /// Worlds of a client that has gone are another's.
    @Test func worldsAreGivenBack() async throws {
        try await Self.withEnvironmentServer {
            $0.worldLimit = 2
        } body: { port in
            do {
                let client = try Client(port: port)
                #expect(try client.ask("make", Self.small([("worlds", 2)]))["error"] == nil)
                #expect(try Client(port: port).error("make", Self.small([])).hasPrefix("busy: "))
                _ = try client.ask("close")
                #expect(try client.ask("make", Self.small([("worlds", 1)]))["error"] == nil)
                client.connection.sendFrame(8, [0x03, 0xE8])
                _ = client.connection.rest()
            }
            let other = try Client(port: port)
            let deadline = Date() + 10
            while try other.error("make", Self.small([("worlds", 2)])) != "no error", Date() < deadline {}
            #expect(try other.ask("make", Self.small([("worlds", 2)]))["error"] == nil)
        }
    }

    @Test func imagesThatFitNoMessageAreRefused() async throws {
        try await Self.withEnvironmentServer {
            $0.limits.messageSize = 65_536 + 2 * 16 * 16 * 3
        } body: { port in
            let client = try Client(port: port)
            _ = try client.ask("make", Self.small([("worlds", 2)]))
            _ = try client.ask("reset", WireMap([(.text("task"), 0), (.text("seed"), 1)]))
            #expect(try client.error("render").hasPrefix("limit.bytes: "))
            #expect(try client.ask("render", WireMap([(.text("images"), ["agentview"])]))["error"] == nil)
        }
    }

    /// The client of the documentation, in the interpreter of `VLA_PYTHON` or the one of the path.
    @Test(.enabled(if: PythonInterpreter.path != nil, "no Python with msgpack, numpy and websockets; see VLA_PYTHON"))
    func documentedPythonClientStepsWorlds() async throws {
        let program = """
            import sys, numpy as np
            sys.path.insert(0, sys.argv[2])
            from vla_environment import Environment
            with Environment(f"ws://127.0.0.1:{sys.argv[1]}", worlds=2, image_size=16, orientation="raw") as env:
                assert env.info["tasks"] == ["reach_left", "reach_right"], env.info
                seen = env.reset(task=[0, 1], initial_state=1, settle=2, images=True)
                assert seen["images"]["agentview"].shape == (2, 16, 16, 3)
                for step in range(5):
                    actions = np.full((2, 7), 0.25, np.float32) * (step + 1)
                    seen = env.step(actions)
                assert seen["success"].shape == (2,) and seen["steps"].tolist() == [5, 5]
                assert env.render(["eye_in_hand"], worlds=[1])["eye_in_hand"].dtype == np.uint8
                try:
                    env.reset(task=5, seed=1)
                    raise SystemExit("a task that does not exist was accepted")
                except RuntimeError as error:
                    assert str(error).startswith("schema.type: "), error
                print(" ".join(seen["state_hash"]))
            """
        let interpreter = try #require(PythonInterpreter.path)
        let printed = try await Self.withEnvironmentServer { port in
            try PythonInterpreter.run(interpreter, ["-c", program, "\(port)", PythonInterpreter.documents])
        }
        let hashes = (0..<2).map { task in
            var world = TableWorld()
            _ = world.reset(to: EpisodeStart(task: task, placement: .stored(index: 1)))
            for _ in 0..<2 { _ = world.step([0, 0, 0, 0, 0, 0, -1]) }
            for step in 0..<5 { _ = world.step([Double](repeating: 0.25 * Double(step + 1), count: 7)) }
            return Self.text(world.stateHash).text ?? ""
        }
        #expect(printed == hashes.joined(separator: " "))
    }
}

/// Python with the packages that clients need.
enum PythonInterpreter {
    /// `nil` where there is none.
    static let path: String? = {
        let candidates = [ProcessInfo.processInfo.environment["VLA_PYTHON"], "/usr/bin/env python3"].compactMap { $0 }
        return candidates.first { (try? run($0, ["-c", "import msgpack, numpy, websockets.sync.client"])) != nil }
    }()

    /// The folder `Docs` of the repository.
    static let documents: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<5 { url.deleteLastPathComponent() }
        return url.appendingPathComponent("Docs").path
    }()

    struct Failure: Error { var output: String }

    /// Standard output, without the last line's end.
    static func run(_ interpreter: String, _ arguments: [String]) throws -> String {
        let words = interpreter.split(separator: " ").map(String.init)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = words.dropFirst() + arguments
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(output: String(decoding: complaint, as: UTF8.self))
        }
        return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
