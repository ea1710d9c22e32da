import Foundation
import Testing

/// Evaluations that are killed, interrupted or run out of space lose and repeat nothing.
@Suite(.serialized, .enabled(if: Command.simulates, "vla was built without the trait MuJoCo"))
struct InterruptionTests {
    static let episodeCount = 6

    func evaluate(_ folder: URL, workers: Int, videos: Int = 0) -> [String] {
        ["evaluate", "--suite", "builtin", "--policy", "random", "--tasks", "0,3", "--episodes", "3"]
            + ["--settling-steps", "2", "--step-limit", "20", "--image-size", "32", "--videos", "\(videos)"]
            + ["--workers", "\(workers)", "-o", folder.path]
    }

    /// Runs a command and sends it a signal when its log has a line; begins anew when it was too fast for that.
    func outcome(
        of arguments: [String], stoppedBy signal: Int32, at folder: URL, logLength: Int
    ) throws -> Command.Outcome {
        let log = folder.appendingPathComponent("log.jsonl")
        for _ in 0..<5 {
            try? FileManager.default.removeItem(at: folder)
            let command = try Command(arguments)
            try command.start()
            while command.isRunning, lines(of: log).isEmpty { usleep(2000) }
            command.send(signal)
            let outcome = try command.wait()
            if outcome.isSignalled || outcome.status != 0, lines(of: log).count < logLength { return outcome }
        }
        throw CancellationError()
    }

    /// The records are those of an evaluation that nothing disturbed, and each episode is logged once.
    func expectComplete(_ folder: URL, like reference: URL) throws {
        let records = try contents(of: folder.appendingPathComponent("records"))
        #expect(records.count == Self.episodeCount)
        #expect(try records == contents(of: reference.appendingPathComponent("records")))
        #expect(lines(of: folder.appendingPathComponent("log.jsonl")).count == Self.episodeCount)
    }

    /// One worker without images, two with films: the same records. What was killed goes on to them as well.
    @Test func aKilledEvaluationGoesOnToTheSameBytes() throws {
        let folder = try TemporaryFolder()
        #expect(try Command(evaluate(folder("whole"), workers: 1)).run().status == 0)
        #expect(try Command(evaluate(folder("films"), workers: 2, videos: 1)).run().status == 0)
        try expectComplete(folder("films"), like: folder("whole"))

        let outcome = try outcome(
            of: evaluate(folder("killed"), workers: 2), stoppedBy: SIGKILL, at: folder("killed"),
            logLength: Self.episodeCount)
        #expect(outcome.isSignalled)
        #expect(!FileManager.default.fileExists(atPath: folder("killed/result.json").path))

        // the folder is free at once, though its workers may still be at an episode
        #expect(try Command(evaluate(folder("killed"), workers: 2)).run().status == 0)
        try expectComplete(folder("killed"), like: folder("whole"))
    }

    @Test func controlCEndsAtASafePoint() throws {
        let folder = try TemporaryFolder()
        #expect(try Command(evaluate(folder("whole"), workers: 1)).run().status == 0)
        let outcome = try outcome(
            of: evaluate(folder("stopped"), workers: 1), stoppedBy: SIGINT, at: folder("stopped"),
            logLength: Self.episodeCount)
        #expect(outcome.status == 130 && outcome.messages.contains("the same command goes on"))
        let done = lines(of: folder("stopped/log.jsonl"))
        #expect(try Command(evaluate(folder("stopped"), workers: 1)).run().status == 0)
        #expect(lines(of: folder("stopped/log.jsonl")).starts(with: done))
        try expectComplete(folder("stopped"), like: folder("whole"))
    }

    /// Files may not grow beyond a limit, as on a full disk: an error with the advice, and the same command goes on.
    @Test func withoutSpaceNothingIsLost() throws {
        let folder = try TemporaryFolder()
        #expect(try Command(evaluate(folder("whole"), workers: 1)).run().status == 0)
        // blocks of 512 bytes: enough for the plan, too few for a record
        let plan = try Data(contentsOf: folder("whole/plan.json")).count
        let limit = "trap '' XFSZ; ulimit -f \(plan / 512 + 2);"
        let outcome = try Command(evaluate(folder("full"), workers: 1), shell: limit).run()
        #expect(outcome.status == 1 && outcome.messages.contains("space"), "\(outcome.messages)")
        #expect(lines(of: folder("full/log.jsonl")).count < Self.episodeCount)
        #expect(try Command(evaluate(folder("full"), workers: 1)).run().status == 0)
        try expectComplete(folder("full"), like: folder("whole"))
    }

    /// Demonstrations: what was killed goes on to as many as were asked for, each once.
    @Test func aKilledCollectionGoesOn() throws {
        let folder = try TemporaryFolder()
        func collect(_ name: String) -> [String] {
            ["collect", "--suite", "builtin", "--tasks", "0,5", "--episodes", "2", "--workers", "2", "--steady"]
                + ["--image-size", "16", "--render-profile", "fast", "--json", "-o", folder(name).path]
        }
        let whole = try Command(collect("whole")).run()
        #expect(whole.status == 0, "\(whole.messages)")
        let outcome = try outcome(
            of: collect("killed"), stoppedBy: SIGKILL, at: folder("killed"), logLength: 4)
        #expect(outcome.isSignalled)
        let again = try Command(collect("killed")).run()
        #expect(again.status == 0, "\(again.messages)")
        // every number and image counts in the statistics
        let statistics = try ["whole", "killed"].map {
            try Command("data", "stats", folder($0).path, "--images", "1").run()
        }
        #expect(statistics[0].status == 0 && statistics[0].output.contains("\"action\""))
        #expect(statistics[0].output == statistics[1].output)
    }

    /// Whether this user may mount a file system of its own, to fill it.
    static let mounts =
        (try? Command(["info"], shell: "unshare -r -m mount -t tmpfs tmpfs /tmp ||").run().output.isEmpty) ?? false

    /// A full disk while demonstrations are merged: an error with the advice; with more room the same command ends it.
    @Test(.enabled(if: mounts, "unshare -r -m cannot mount a tmpfs here"))
    func aCollectionOnAFullDiskGoesOn() throws {
        let folder = try TemporaryFolder()
        let disk = folder("disk").path
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
        let twice = """
            unshare -r -m sh -c 'mount -t tmpfs -o size=12m tmpfs \(disk) && { "$0" "$@"; echo "status $?" >&2;
            mount -o remount,size=80m \(disk) && exec "$0" "$@"; }' "$0" "$@"; exit $?;
            """
        let outcome = try Command(
            ["collect", "--suite", "builtin", "--tasks", "0", "--episodes", "4", "--image-size", "64"]
                + ["--render-profile", "fast", "--json", "-o", "\(disk)/demonstrations"], shell: twice
        ).run()
        #expect(outcome.messages.contains("the disk has no room") && outcome.messages.contains("status 1"))
        #expect(outcome.status == 0 && outcome.output.contains("\"demonstrations\" : 4"), "\(outcome.messages)")
    }
}
