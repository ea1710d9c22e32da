import Foundation
import ImageProcessing
import LiberoData
import LiberoTasks
import Testing
import VLAPolicy

@Suite struct DatasetConversionTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let description = DatasetDescription(
        cameras: [
            .agentView: CameraDescription(width: 24, height: 16, orientation: .raw, renderProfile: "faithful"),
            .wrist: CameraDescription(width: 16, height: 16, orientation: .raw, renderProfile: "faithful"),
        ])
    static let tasks = [LiberoSuite.goal.tasks[3], LiberoSuite.goal.tasks[1]]

    /// Smooth pictures, so that JPEG keeps their sense; numbers that single precision does not hold.
    static func frame(_ seed: Int, _ step: Int) -> RecordedFrame {
        func image(_ width: Int, _ height: Int) -> RGBImage {
            var image = RGBImage(width: width, height: height)
            for y in 0..<height {
                for x in 0..<width {
                    image[x, y] = SIMD3(UInt8(x * 8 + seed), UInt8(y * 9 + step), UInt8((x + 2 * y) * 3))
                }
            }
            return image
        }
        var frame = EpisodeRecorderTests.frame(seed, step)
        frame.images = [.agentView: image(24, 16), .wrist: image(16, 16)]
        frame.action[1] = 0.1 * Double(step + 1) / 3
        return frame
    }

    /// Two tasks, their episodes in turn.
    static func record(into url: URL, episodes: Int = 4, length: Int = 3) throws {
        let recorder = try EpisodeRecorder(at: url, description: description)
        for seed in 0..<episodes {
            var episode = recorder.episode(of: tasks[seed % 2])
            for step in 0..<length + seed { try episode.append(frame(seed, step)) }
            try episode.finish(succeeded: true)
        }
        try recorder.close()
    }

    func url(_ name: String) -> URL { folder.url.appendingPathComponent(name) }

    func convert(_ from: String, _ to: String, _ format: LiberoDataset.Format) throws {
        let conversion = try DatasetConversion(LiberoDataset(at: url(from)), to: url(to), as: format)
        try conversion.run()
        let verification = try conversion.verify()
        #expect(verification.isEqual, "\(from) → \(to): \(verification.differences)")
        #expect(verification.episodeCount == 4)
        try conversion.writeManifest()
        #expect(try LiberoDataset(at: url(to)).manifestDifferences() == [])
    }

    @Test func roundTripThroughAllFormsKeepsTheNumbers() throws {
        try Self.record(into: url("hdf5"))
        try convert("hdf5", "v21", .leRobot21)
        try convert("v21", "v30", .leRobot30)
        try convert("v30", "libero_goal_no_noops", .rlds)
        try convert("libero_goal_no_noops", "again", .hdf5)

        let (first, last) = (try LiberoDataset(at: url("hdf5")), try LiberoDataset(at: url("again")))
        #expect(last.description.orientation == .raw && last.format == .hdf5)
        #expect(first.episodes.map(\.instruction) == last.episodes.map(\.instruction))
        #expect(first.episodes.map(\.file) == last.episodes.map(\.file))
        for info in first.episodes {
            let (a, b) = (try first.episode(info.index), try last.episode(info.index))
            #expect(a.actions.rounded.values == b.actions.values && a.states.rounded.values == b.states.values)
            let joints = (try a.column(ColumnName.jointState), try b.column(ColumnName.jointState))
            #expect(joints.0.rounded.values == joints.1.values)
            // one JPEG pass
            for (x, y) in zip(try a.image(of: .wrist, at: 0).pixels, try b.image(of: .wrist, at: 0).pixels) {
                #expect(abs(Int(x) - Int(y)) < 40)
            }
        }
        // the lossless half of the way
        let middle = try LiberoDataset(at: url("v30"))
        for info in first.episodes {
            let expected = try first.episode(info.index).image(of: .agentView, at: 1).rotated180()
            #expect(try middle.episode(info.index).image(of: .agentView, at: 1) == expected)
        }
    }

    @Test func hdf5KeepsEverythingOfHDF5() throws {
        try Self.record(into: url("hdf5"))
        try convert("hdf5", "copy", .hdf5)
        let (a, b) = (try LiberoDataset(at: url("hdf5")), try LiberoDataset(at: url("copy")))
        for info in a.episodes {
            let (x, y) = (try a.episode(info.index), try b.episode(info.index))
            #expect(try x.columnNames() == y.columnNames())
            for name in try x.columnNames() { #expect(try x.column(name).values == y.column(name).values, "\(name)") }
            #expect(x.info.succeeded == y.info.succeeded && x.info.name == y.info.name)
        }
    }

    @Test func anotherSetInTheTargetIsRefused() throws {
        try Self.record(into: url("hdf5"))
        try convert("hdf5", "v21", .leRobot21)
        let other = try DatasetConversion(LiberoDataset(at: url("v21")), to: url("v21"), as: .leRobot30)
        #expect(throws: LiberoDataError.self) { try other.run() }
        #expect(throws: LiberoDataError.self) {
            try DatasetConversion(LiberoDataset(at: url("hdf5")), to: url("x"), as: .leRobot20)
        }
    }

    @Test func damageIsFoundByVerificationAndManifest() throws {
        try Self.record(into: url("hdf5"))
        try convert("hdf5", "v21", .leRobot21)
        let path = "data/chunk-000/episode_000001.parquet"
        let file = url("v21").appendingPathComponent(path)
        let other = url("v21").appendingPathComponent("data/chunk-000/episode_000003.parquet")
        try FileManager.default.removeItem(at: file)
        try FileManager.default.copyItem(at: other, to: file)
        #expect(try LiberoDataset(at: url("v21")).manifestDifferences()?.count == 1)
        let conversion = try DatasetConversion(LiberoDataset(at: url("hdf5")), to: url("v21"), as: .leRobot21)
        #expect(throws: LiberoDataError.self) { try conversion.verify() }
    }

    /// The process dies at random moments of a conversion that is begun again each time, until it is complete.
    @Test(arguments: [LiberoDataset.Format.hdf5, .leRobot21, .leRobot30, .rlds])
    func killedConversionGoesOnAndDoublesNothing(format: LiberoDataset.Format) async throws {
        try Self.record(into: url("source"), episodes: 12, length: 4)
        let path = folder.url.path
        for attempt in 0..<6 {
            // dies after a number of episodes and a moment, the last time not at all
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, attempt = attempt as Int, name = format.rawValue as String] in
                let root = URL(fileURLWithPath: path)
                let source = try LiberoDataset(at: root.appendingPathComponent("source"))
                var conversion = try DatasetConversion(
                    source, to: root.appendingPathComponent("target"), as: LiberoDataset.Format(rawValue: name)!)
                conversion.dataFileSize = 0.02
                conversion.shardCount = 4
                var steps = 0
                try conversion.run { _, _ in
                    steps += 1
                    guard steps == 4 else { return }
                    Thread.detachNewThread {
                        usleep(UInt32(attempt * 3000))
                        kill(getpid(), SIGKILL)
                    }
                }
                kill(getpid(), SIGKILL)
            }
            // what is there reads
            if let half = try? LiberoDataset(at: url("target")) {
                for info in half.episodes { _ = try half.episode(info.index).image(of: .wrist, at: 0) }
            }
        }
        var conversion = try DatasetConversion(LiberoDataset(at: url("source")), to: url("target"), as: format)
        conversion.dataFileSize = 0.02
        conversion.shardCount = 4
        try conversion.run()
        let verification = try conversion.verify()
        #expect(verification.isEqual && verification.episodeCount == 12, "\(verification.differences)")
        #expect(try LiberoDataset(at: url("target")).warnings.isEmpty)
        #expect(try LiberoDataset(at: url("target")).validate().isClean)
    }
}
