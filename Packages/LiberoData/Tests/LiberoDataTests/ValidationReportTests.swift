import Foundation
import LiberoData
import Testing

@Suite struct ValidationReportTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A number that is not finite spoils the chunks before it: the episode cannot be used, and the error names the frame.
    @Test func episodesWithNumbersThatAreNotFiniteAreNamed() throws {
        let recorder = try EpisodeRecorder(at: folder.url, description: EpisodeRecorderTests.description)
        for seed in 0..<3 { try EpisodeRecorderTests.record(recorder, seed: seed, length: 3 + seed) }
        var episode = recorder.episode(of: EpisodeRecorderTests.task)
        let value = 0.123456789
        for step in 0..<4 {
            var frame = EpisodeRecorderTests.frame(0, step)
            if step == 2 { frame.action[1] = value }
            try episode.append(frame)
        }
        try episode.finish(succeeded: true)
        try recorder.close()
        let file = folder.url.appendingPathComponent("my_suite/push_the_plate_to_the_front_demo.hdf5")
        var bytes = try Data(contentsOf: file)
        let place = try #require(bytes.firstRange(of: withUnsafeBytes(of: value) { Data($0) }))
        bytes.replaceSubrange(place, with: withUnsafeBytes(of: Double.infinity) { Data($0) })
        try bytes.write(to: file, options: .atomic)

        let report = try LiberoDataset(at: file).validate()
        let error = try #require(report.errors.first)
        #expect(error.kind == .notFinite && error.level == .frame && error.episode == 3 && error.frame == 2)
        #expect(Array(report.episodes.keys) == [3] && report.frames.isEmpty && report.errors.count == 1)
    }

    @Test func framesHaveTheirPlaces() throws {
        let recorder = try EpisodeRecorder(at: folder.url, description: EpisodeRecorderTests.description)
        for seed in 0..<3 { try EpisodeRecorderTests.record(recorder, seed: seed, length: 3 + seed) }
        let dataset = try LiberoDataset(at: folder.url)
        #expect(dataset.frameCount == 12)
        #expect((0..<12).map { dataset.place(ofFrame: $0).episode } == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2])
        #expect(dataset.place(ofFrame: 6).frame == 3)
    }
}
