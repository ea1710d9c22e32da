import Foundation
import LiberoData
import LiberoTasks
import Testing

/// Sets that announce absurd lengths, and folders that hold somebody else's files.
@Suite struct HostileSetTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func url(_ name: String) -> URL { folder.url.appendingPathComponent(name) }

    @Test(arguments: [
        "1099511627776", "16777217", "16000000", "-1", "9223372036854775807", "1e300", "[1, 2]", "null",
    ])
    func episodeLengthsAreBounded(length: String) throws {
        try DatasetConversionTests.record(into: url("source"))
        try DatasetConversion(LiberoDataset(at: url("source")), to: url("set"), as: .leRobot21).run()
        let path = url("set/meta/episodes.jsonl")
        var lines = try String(contentsOf: path, encoding: .utf8).split(separator: "\n").map(String.init)
        let changed = lines[0].replacingOccurrences(
            of: "\"length\": [0-9]+", with: "\"length\": \(length)", options: .regularExpression)
        try #require(changed != lines[0])
        lines[0] = changed
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: path)
        let start = ContinuousClock.now
        #expect(throws: LiberoDataError.self, "\(length)") { try LiberoDataset(at: url("set")) }
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test(arguments: [
        ("dataset_info.json", LiberoDataset.Format.rlds), ("features.json", .rlds),
        ("other-train.tfrecord-00000-of-00001", .rlds), ("suite/task_demo.hdf5", .hdf5), ("task_demo.hdf5", .hdf5),
        ("data/chunk-000/file-000.parquet", .leRobot30), ("meta/episodes.jsonl", .leRobot21),
    ])
    func foreignFilesAreNotReplaced(name: String, format: LiberoDataset.Format) throws {
        try DatasetConversionTests.record(into: url("source"))
        let target = url("target")
        let file = (format == .rlds ? target.appendingPathComponent("1.0.0") : target).appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("foreign".utf8).write(to: file)
        let error = try #require(throws: LiberoDataError.self, "\(name)") {
            try DatasetConversion(LiberoDataset(at: url("source")), to: target, as: format).run()
        }
        #expect(error.description.contains("not begun by this program"), "\(error)")
        #expect(try Data(contentsOf: file) == Data("foreign".utf8))
    }

    /// The second of two conversions into one folder is refused.
    @Test func oneConversionAFolder() throws {
        try DatasetConversionTests.record(into: url("source"))
        let conversion = try DatasetConversion(LiberoDataset(at: url("source")), to: url("target"), as: .leRobot21)
        let other = conversion
        var refusal: (any Error)?
        try conversion.run { done, _ in
            guard done == 0 else { return }
            do { try other.run() } catch { refusal = error }
        }
        #expect("\(try #require(refusal))".contains("another process writes to this folder"))
    }

    @Test func scenesOfThousandsAreRefused() throws {
        let names = (0..<3000).map { "bowl_\($0)" }.joined(separator: " ")
        let text = """
            (define (problem P) (:domain robosuite) (:language pick up) (:regions) (:fixtures table - table)
              (:objects \(names) - akita_black_bowl) (:obj_of_interest bowl_0) (:init (on bowl_0 table))
              (:goal (and (on bowl_0 table))))
            """
        let error = try #require(throws: BDDLError.self) { try BDDLParser().problem(text: text) }
        #expect(error.message.contains("at most"), "\(error)")
    }
}
