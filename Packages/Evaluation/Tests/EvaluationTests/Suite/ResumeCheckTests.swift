import Evaluation
import Foundation
import SuccessStatistics
import Testing

/// An evaluation that goes on believes only what its records say.
@Suite struct ResumeCheckTests {
    typealias Suite = SuiteEvaluatorTests

    /// A finished evaluation whose log and files are then changed.
    func expectRefused(
        _ reason: String, _ change: (_ folder: URL, _ lines: inout [String]) throws -> Void
    ) throws {
        let suite = Suite()
        try withTemporaryFolder { folder in
            try suite.autoreleased {
                let evaluator = try SuiteEvaluator(suite.plan(), in: folder)
                try evaluator.run(suite.pool(suite.plan(), in: folder, workers: 1))
            }
            let isComplete = try suite.autoreleased { try SuiteEvaluator(suite.plan(), in: folder).isComplete }
            #expect(isComplete)
            let log = folder.appendingPathComponent("log.jsonl")
            var lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n").map(String.init)
            try change(folder, &lines)
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: log)
            let error = try #require(throws: RunFolderError.self, "\(reason)") {
                try SuiteEvaluator(suite.plan(), in: folder)
            }
            #expect(error.reason.contains(reason), "\(error)")
        }
    }

    @Test func aFlippedSuccessIsFound() throws {
        try expectRefused("its record says") { _, lines in
            let isSuccess = lines[0].contains("\"isSuccess\":true")
            lines[0] = lines[0].replacingOccurrences(
                of: "\"isSuccess\":\(isSuccess)", with: "\"isSuccess\":\(!isSuccess)")
        }
    }

    @Test func anotherEndOrLengthIsFound() throws {
        try expectRefused("its record says") { _, lines in
            lines[1] = lines[1].replacingOccurrences(of: "\"stepCount\":", with: "\"stepCount\":1")
        }
    }

    @Test func missingAndJunkRecordsAreFound() throws {
        try expectRefused("is missing") { folder, _ in
            try FileManager.default.removeItem(at: folder.appendingPathComponent("records/task00_episode001.jsonl"))
        }
        try expectRefused("the hash of its record") { folder, _ in
            try Data("junk".utf8).write(to: folder.appendingPathComponent("records/task00_episode001.jsonl"))
        }
        try expectRefused("the hash of its record") { folder, _ in
            let file = folder.appendingPathComponent("records/task01_episode000.jsonl")
            var bytes = try Data(contentsOf: file)
            bytes[bytes.count / 2] ^= 1
            try bytes.write(to: file)
        }
        try expectRefused("is missing") { folder, _ in
            let file = folder.appendingPathComponent("records/task01_episode000.jsonl")
            let other = folder.appendingPathComponent("../outside-\(UUID()).jsonl").standardizedFileURL
            try FileManager.default.moveItem(at: file, to: other)
            try FileManager.default.createSymbolicLink(at: file, withDestinationURL: other)
        }
    }

    @Test func pathsOfTheLogAreItsOwn() throws {
        try expectRefused("it names the record") { _, lines in
            lines[0] = lines[0].replacingOccurrences(of: "records/task", with: "../records/task")
        }
        try expectRefused("it names the film") { _, lines in
            lines[0] = lines[0].replacingOccurrences(
                of: "\"pictures\":{}", with: "\"pictures\":{\"video\":\"../../etc/passwd\"}")
        }
        try expectRefused("it names the images") { _, lines in
            lines[0] = lines[0].replacingOccurrences(
                of: "\"pictures\":{}", with: "\"pictures\":{\"contactSheet\":\"/etc/passwd\"}")
        }
        try expectRefused("an episode twice") { _, lines in lines.append(lines[0]) }
        // exchanged: each record is whole, and of another episode
        try expectRefused("it names the record") { _, lines in
            let (a, b) = ("task00_episode000", "task00_episode001")
            lines[0] = lines[0].replacingOccurrences(of: a, with: b)
        }
    }

    /// The lines of a log, without how long policies took.
    static func log(of folder: URL) throws -> [EpisodeOutcome] {
        let lines = try Data(contentsOf: folder.appendingPathComponent("log.jsonl")).split(
            separator: UInt8(ascii: "\n"))
        return try lines.map {
            var outcome = try JSONDecoder().decode(EpisodeOutcome.self, from: Data($0))
            outcome.inference = nil
            return outcome
        }
    }

    /// The same lines, whatever the number of workers and however often it was interrupted.
    @Test func theLogIsTheSameEveryTime() throws {
        let suite = Suite()
        let plan = suite.plan()
        func log(_ run: (URL) throws -> Void) throws -> [EpisodeOutcome] {
            try withTemporaryFolder { folder in
                try run(folder)
                return try Self.log(of: folder)
            }
        }
        let one = try log { try SuiteEvaluator(plan, in: $0).run(suite.pool(plan, in: $0, workers: 1)) }
        for workers in [2, 3] {
            let several = try log { try SuiteEvaluator(plan, in: $0).run(suite.pool(plan, in: $0, workers: workers)) }
            #expect(several == one, "\(workers) workers")
        }
        let interrupted = try log { folder in
            for _ in 0..<12 {
                try suite.autoreleased {
                    try SuiteEvaluator(plan, in: folder).run(
                        suite.pool(plan, in: folder, workers: 2), shouldStop: { true })
                }
            }
        }
        #expect(interrupted == one)
        #expect(one.count == 12 && one.allSatisfy { $0.seconds == 0 })
    }

    /// With an early stop, what other workers had begun leaves nothing behind.
    @Test func anEarlyStopLeavesTheSameFolder() throws {
        let suite = Suite()
        let plan = suite.plan(earlyStop: EarlyStop(.isBelow(0.5)), episodes: 40)
        let folders = try [1, 3].map { workers in
            try withTemporaryFolder { folder in
                let evaluator = try SuiteEvaluator(plan, in: folder)
                try evaluator.run(suite.pool(plan, in: folder, workers: workers, noise: 30))
                let records = try FileManager.default.contentsOfDirectory(
                    atPath: folder.appendingPathComponent("records").path)
                return (try Self.log(of: folder), Set(records))
            }
        }
        #expect(folders[0].0 == folders[1].0 && folders[0].1 == folders[1].1)
    }

    @Test func aReportEmbedsNothingFromOutside() throws {
        let suite = Suite()
        try withTemporaryFolder { folder in
            let plan = suite.plan()
            let evaluator = try SuiteEvaluator(plan, in: folder)
            try evaluator.run(suite.pool(plan, in: folder, workers: 1))
            try Data("secret".utf8).write(to: folder.appendingPathComponent("../secret.mp4").standardizedFileURL)
            defer {
                try? FileManager.default.removeItem(
                    at: folder.appendingPathComponent("../secret.mp4").standardizedFileURL)
            }
            try FileManager.default.createSymbolicLink(
                atPath: folder.appendingPathComponent("link.mp4").path, withDestinationPath: "../secret.mp4")
            for path in ["../secret.mp4", "link.mp4", "/etc/passwd", "videos/../../secret.mp4", "records", ""] {
                var outcomes = evaluator.outcomes
                outcomes[0].images.video = path
                let result = EvaluationResult(plan, outcomes: outcomes, decision: nil, instructions: [:], program: [:])
                let error = try #require(throws: RunFolderError.self, "\(path)") {
                    try EvaluationReport(result, folder: folder)
                }
                #expect(error.reason.contains("inside"), "\(error)")
            }
        }
    }
}
