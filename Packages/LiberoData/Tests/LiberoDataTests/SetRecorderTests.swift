import RobotInterface
import Foundation
import LiberoData
import Testing
import VLAPolicy

@Suite struct SetRecorderTests {
    static func record(_ seed: Int) -> EpisodeRecord {
        let frames = (0..<3).map { DatasetConversionTests.frame(seed, $0) }
        let states = frames.flatMap { (try? StateLayout.libero.values(of: $0.state)) ?? [] }
        return EpisodeRecord(
            taskName: "a_task", instruction: "a task",
            columns: [
                ColumnName.action: NumberColumn(width: 7, values: frames.flatMap(\.action)),
                ColumnName.state: NumberColumn(width: 8, values: states),
            ],
            images: [
                .agentView: frames.map { .pixels($0.images[.agentView]!) },
                .wrist: frames.map { .pixels($0.images[.wrist]!) },
            ])
    }

    /// The process dies while it records; what was appended is there, and recording goes on behind it.
    @Test(arguments: [LiberoDataset.Format.leRobot21, .leRobot30, .rlds])
    func killedRecordingGoesOn(format: LiberoDataset.Format) async throws {
        let folder = try TemporaryFolder()
        let path = folder.url.appendingPathComponent("set").path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, name = format.rawValue as String] in
            let recorder = try SetRecorder(
                at: URL(fileURLWithPath: path), format: LiberoDataset.Format(rawValue: name)!,
                description: DatasetConversionTests.description)
            for seed in 0..<4 { try recorder.append(SetRecorderTests.record(seed)) }
            Thread.detachNewThread {
                usleep(3000)
                kill(getpid(), SIGKILL)
            }
            for seed in 4..<1000 { try recorder.append(SetRecorderTests.record(seed % 10)) }
        }
        let url = URL(fileURLWithPath: path)
        let recorder = try SetRecorder(at: url, format: format, description: DatasetConversionTests.description)
        #expect(recorder.count >= 4)
        let next = recorder.count
        try recorder.append(Self.record(7))
        let dataset = try LiberoDataset(at: url)
        #expect(dataset.episodes.count == next + 1)
        #expect(try dataset.validate().isClean)
        for (episode, seed) in [(0, 0), (3, 3), (next, 7)] {
            let expected = Self.record(seed).columns[ColumnName.action]!.rounded.values
            #expect(try dataset.episode(episode).actions.values == expected)
        }
    }

    @Test(arguments: [LiberoDataset.Format.leRobot21, .leRobot30, .rlds])
    func stepsAreRecordedAndEpisodesOfOtherSetsTaken(format: LiberoDataset.Format) throws {
        let folder = try TemporaryFolder()
        try DatasetConversionTests.record(into: folder.url.appendingPathComponent("source"))
        let source = try LiberoDataset(at: folder.url.appendingPathComponent("source"))
        let url = folder.url.appendingPathComponent("set")
        let recorder = try SetRecorder(
            at: url, format: format, description: DatasetConversionTests.description, hasJointState: true)
        var episode = recorder.episode(of: DatasetConversionTests.tasks[0])
        for step in 0..<4 { try episode.append(DatasetConversionTests.frame(7, step)) }
        var bad = DatasetConversionTests.frame(7, 4)
        bad.images[.wrist] = nil
        #expect(throws: LiberoDataError.self) { try episode.append(bad) }
        #expect(try episode.finish(succeeded: true) == 0)
        #expect(try recorder.append(2, of: source) == 1)
        // one without the joints that the others have
        #expect(throws: LiberoDataError.self) { try recorder.append(Self.record(1)) }
        #expect(recorder.count == 2)

        let dataset = try LiberoDataset(at: url)
        #expect(try dataset.validate().isClean && dataset.warnings.isEmpty, "\(dataset.warnings)")
        #expect(dataset.episodes.map(\.length) == [4, source.episodes[2].length])
        #expect(dataset.description.orientation == .rotated180)
        #expect(dataset.episodes[0].instruction == DatasetConversionTests.tasks[0].instruction)
        let joints = try dataset.episode(0).column(ColumnName.jointState)
        #expect(Array(joints[3]) == DatasetConversionTests.frame(7, 3).state.jointPositions!.map { Double(Float($0)) })
        #expect(try dataset.episode(1).actions == source.episode(2).actions.rounded)
    }

    /// What a killed recorder left behind the last record is noted and in nobody's way.
    @Test func brokenTailOfRLDSIsNoted() throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appendingPathComponent("set")
        let recorder = try SetRecorder(at: url, format: .rlds, description: DatasetConversionTests.description)
        for seed in 0..<2 { try recorder.append(Self.record(seed)) }
        let shard = url.appendingPathComponent("1.0.0/set-train.tfrecord-00000-of-00001")
        let whole = try Data(contentsOf: shard)
        try (whole + whole.prefix(whole.count / 4)).write(to: shard)
        let dataset = try LiberoDataset(at: url)
        #expect(dataset.episodes.count == 2 && dataset.warnings.count == 1)
        #expect(try dataset.validate().isClean)

        // cut inside of what the metadata announce: the last episode is damaged, the first one reads
        try whole.prefix(whole.count - 9).write(to: shard)
        let cut = try LiberoDataset(at: url)
        #expect(cut.episodes.count == 2)
        let report = try cut.validate()
        #expect(report.errors.count == 1 && report.episodes.keys.first == 1 && report.episodeCount == 1)
        #expect(report.errors.first?.level == .episode)
    }

    @Test func formsWithoutRecorderAreRefused() throws {
        let folder = try TemporaryFolder()
        for format in [LiberoDataset.Format.hdf5, .leRobot20] {
            #expect(throws: LiberoDataError.self) {
                try SetRecorder(at: folder.url, format: format, description: DatasetConversionTests.description)
            }
        }
    }
}
