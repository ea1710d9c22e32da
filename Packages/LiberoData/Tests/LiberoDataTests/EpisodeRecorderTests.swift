import RobotInterface
import ActionTokenizer
import Foundation
import ImageProcessing
import LiberoData
import LiberoTasks
import Testing
import VLAPolicy

@Suite struct EpisodeRecorderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let task = LiberoTask(suite: "my_suite", name: "push_the_plate_to_the_front")
    static let description = DatasetDescription(
        cameras: [
            .agentView: CameraDescription(width: 12, height: 8, orientation: .rotated180, renderProfile: "fast"),
            .wrist: CameraDescription(width: 6, height: 6, orientation: .rotated180, renderProfile: "fast"),
        ])

    /// A frame that is different for each seed and step.
    static func frame(_ seed: Int, _ step: Int) -> RecordedFrame {
        func image(_ width: Int, _ height: Int, _ salt: Int) -> RGBImage {
            let pixels = (0..<width * height * 3).map {
                UInt8(truncatingIfNeeded: $0 * 7 + seed * 31 + step * 3 + salt)
            }
            return RGBImage(width: width, height: height, pixels: pixels)
        }
        let t = Double(step) + 0.1 * Double(seed)
        let state = RobotState(
            endEffectorPosition: SIMD3(t, 0.1, 1), endEffectorOrientation: .quaternionXYZW(SIMD4(1, 0, 0, 0)),
            fingerPositions: [0.04, -0.04], jointPositions: (0..<7).map { t + Double($0) })
        return RecordedFrame(
            images: [.agentView: image(12, 8, 0), .wrist: image(6, 6, 1)], state: state,
            action: [t, 0, 0.1, -0.2, 0, 0, step % 2 == 0 ? -1 : 1], simulatorState: [t, 2, 3],
            extras: ["expert_action": Array(repeating: t / 3, count: 7)])
    }

    @discardableResult
    static func record(_ recorder: EpisodeRecorder, seed: Int, length: Int, demonstration: Int? = nil) throws -> Int {
        var episode = recorder.episode(of: task, demonstration: demonstration)
        for step in 0..<length { try episode.append(frame(seed, step)) }
        episode.attributes["seed"] = "\(seed)"
        return try episode.finish(succeeded: seed % 2 == 0)
    }

    static func expectRecorded(_ dataset: LiberoDataset, seeds: [Int], length: (Int) -> Int) throws {
        #expect(dataset.episodes.map(\.length) == seeds.map(length))
        #expect(dataset.description == description)
        for (index, seed) in seeds.enumerated() where length(seed) > 0 {
            let episode = try dataset.episode(index)
            #expect(episode.info.succeeded == (seed % 2 == 0))
            #expect(episode.instruction == "push the plate to the front")
            for step in 0..<episode.length {
                let expected = frame(seed, step)
                #expect(Array(episode.actions[step]) == expected.action)
                #expect(try episode.state(at: step).axisAngle == expected.state.axisAngle)
                #expect(try episode.image(of: .agentView, at: step) == expected.images[.agentView])
                #expect(try episode.image(of: .wrist, at: step) == expected.images[.wrist])
                #expect(try Array(episode.column("expert_action")[step]) == expected.extras["expert_action"])
                #expect(try Array(episode.column(ColumnName.jointState)[step]) == expected.state.jointPositions)
                #expect(try Array(episode.column(ColumnName.simulatorState)[step]) == expected.simulatorState)
            }
        }
    }

    @Test func attributesAreKept() throws {
        let url = folder.url.appendingPathComponent("attributes")
        try Self.record(EpisodeRecorder(at: url, description: Self.description), seed: 3, length: 2)
        #expect(try LiberoDataset(at: url).episode(0).attributes()["seed"] == "3")
    }

    @Test func episodesReadBackBeforeAndAfterMerging() throws {
        let recorder = try EpisodeRecorder(at: folder.url, description: Self.description)
        for seed in 0..<3 { #expect(try Self.record(recorder, seed: seed, length: 2 + seed) == seed) }
        try Self.expectRecorded(LiberoDataset(at: folder.url), seeds: [0, 1, 2]) { 2 + $0 }
        try recorder.close()
        try Self.expectRecorded(LiberoDataset(at: folder.url), seeds: [0, 1, 2]) { 2 + $0 }
        let file = folder.url.appendingPathComponent("my_suite/push_the_plate_to_the_front_demo.hdf5")
        try Self.expectRecorded(LiberoDataset(at: file), seeds: [0, 1, 2]) { 2 + $0 }
    }

    @Test func recorderGoesOnWhereItWasStopped() throws {
        try Self.record(EpisodeRecorder(at: folder.url, description: Self.description), seed: 0, length: 3)
        let second = try EpisodeRecorder(at: folder.url, description: Self.description)
        #expect(try second.contains(Self.task, demonstration: 0))
        #expect(try !second.contains(Self.task, demonstration: 1))
        #expect(throws: LiberoDataError.self) { try Self.record(second, seed: 0, length: 3, demonstration: 0) }
        try second.close()
        try Self.record(second, seed: 5, length: 2, demonstration: 5)
        let third = try EpisodeRecorder(at: folder.url, description: Self.description)
        #expect(try Self.record(third, seed: 6, length: 2) == 6)
        try third.close()
        try Self.expectRecorded(LiberoDataset(at: folder.url), seeds: [0, 5, 6]) { $0 == 0 ? 3 : 2 }
    }

    @Test func anotherMeaningIsRefused() throws {
        try Self.record(EpisodeRecorder(at: folder.url, description: Self.description), seed: 0, length: 1)
        var other = Self.description
        other.cameras[.wrist]?.renderProfile = "faithful"
        let recorder = try EpisodeRecorder(at: folder.url, description: other)
        let error = #expect(throws: LiberoDataError.self) { try Self.record(recorder, seed: 1, length: 1) }
        #expect(error?.kind == .meaning)
        #expect(error?.reason.contains("renderProfile") == true)
    }

    @Test func framesThatDoNotFitAreRefused() throws {
        let recorder = try EpisodeRecorder(at: folder.url, description: Self.description)
        var episode = recorder.episode(of: Self.task)
        try episode.append(Self.frame(0, 0))
        var bad = Self.frame(0, 1)
        bad.images[.wrist] = nil
        #expect(throws: LiberoDataError.self) { try episode.append(bad) }
        bad = Self.frame(0, 1)
        bad.images[.wrist] = RGBImage(width: 5, height: 6)
        #expect(throws: LiberoDataError.self) { try episode.append(bad) }
        bad = Self.frame(0, 1)
        bad.action[2] = .nan
        #expect(throws: LiberoDataError.self) { try episode.append(bad) }
        bad = Self.frame(0, 1)
        bad.action.removeLast()
        #expect(throws: LiberoDataError.self) { try episode.append(bad) }
        bad = Self.frame(0, 1)
        bad.extras["expert_action"] = nil
        #expect(throws: LiberoDataError.self) { try episode.append(bad) }
        bad = Self.frame(0, 1)
        bad.extras["more"] = [1]
        #expect(throws: LiberoDataError.self) { try episode.append(bad) }
        #expect(episode.length == 1)
        try episode.append(Self.frame(0, 1))
        try episode.finish(succeeded: true)
        try Self.expectRecorded(LiberoDataset(at: folder.url), seeds: [0]) { _ in 2 }
    }

    /// The process dies at a random moment of recording or merging: what was finished is there, and nothing twice.
    @Test(arguments: [30, 60, 110, 170])
    func killedRecorderLosesNothingFinished(milliseconds: Int) async throws {
        let path = folder.url.path
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, milliseconds = milliseconds as Int] in
            Thread.detachNewThread {
                usleep(UInt32(milliseconds) * 1000)
                kill(getpid(), SIGKILL)
            }
            let recorder = try EpisodeRecorder(
                at: URL(fileURLWithPath: path), description: EpisodeRecorderTests.description)
            let journal = open(path + "/finished", O_WRONLY | O_CREAT | O_APPEND, 0o644)
            for seed in 0..<1_000_000 {
                try EpisodeRecorderTests.record(recorder, seed: seed, length: 3)
                // what is written here was finished before
                _ = withUnsafeBytes(of: UInt8(1)) { write(journal, $0.baseAddress, 1) }
                if seed % 5 == 4 { try recorder.close() }
            }
        }
        let finished = try Data(contentsOf: folder.url.appendingPathComponent("finished")).count
        let recorder = try EpisodeRecorder(at: folder.url, description: Self.description)
        let count = try recorder.demonstrations(of: Self.task).count
        #expect(count == finished || count == finished + 1)
        // it goes on
        #expect(try Self.record(recorder, seed: count, length: 3) == count)
        try recorder.close()
        try Self.expectRecorded(LiberoDataset(at: folder.url), seeds: Array(0...count)) { _ in 3 }
        let left = FileManager.default.enumerator(atPath: folder.url.path)?.allObjects as? [String] ?? []
        #expect(left.filter { $0.contains(".parts") } == [])
    }
}
