import Foundation
import ImageProcessing
import LiberoData
import Testing
import VLAPolicy

@Suite struct FrameCacheTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func url(_ name: String) -> URL { folder.url.appendingPathComponent(name) }

    /// Every image of a data set.
    func images(_ dataset: LiberoDataset) throws -> [RGBImage] {
        try dataset.episodes.indices.flatMap { index -> [RGBImage] in
            let episode = try dataset.episode(index)
            return try episode.cameras.flatMap { camera in
                try (0..<episode.length).map { try episode.image(of: camera, at: $0) }
            }
        }
    }

    @Test(arguments: FrameCache.Form.allCases)
    func cachedImagesAreThoseOfTheFiles(form: FrameCache.Form) throws {
        try DatasetConversionTests.record(into: url("hdf5"))
        try DatasetConversion(LiberoDataset(at: url("hdf5")), to: url("v21"), as: .leRobot21).run()
        let dataset = try LiberoDataset(at: url("v21"))
        let expected = try images(dataset)
        var steps = 0
        let cached = try dataset.cachingFrames(in: url("cache"), form: form) { _, _ in steps += 1 }
        #expect(try images(cached) == expected && steps == 5)
        // it is there: nothing is made again
        _ = try dataset.cachingFrames(in: url("cache"), form: form) { _, _ in Issue.record("made again") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: url("cache").path).count == 2)
    }

    @Test func changedContentIsMadeAgain() throws {
        try DatasetConversionTests.record(into: url("hdf5"))
        let dataset = try LiberoDataset(at: url("hdf5"))
        _ = try dataset.cachingFrames(in: url("cache"))
        let file = url("hdf5").appendingPathComponent(dataset.episodes[0].file)
        // another time, the same content
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: file.path)
        _ = try dataset.cachingFrames(in: url("cache")) { _, _ in Issue.record("made again") }
        // another content
        let pixels = try #require(try images(dataset).first).pixels
        var bytes = try Data(contentsOf: file)
        let place = try #require(bytes.firstRange(of: Data(pixels.prefix(40))))
        bytes[place.lowerBound] ^= 255
        try bytes.write(to: file)
        let changed = try LiberoDataset(at: url("hdf5"))
        var steps = 0
        let cached = try changed.cachingFrames(in: url("cache")) { _, _ in steps += 1 }
        #expect(steps == 5)
        #expect(try images(cached) == images(changed))
    }

    @Test func damagedCacheIsMadeAgain() throws {
        try DatasetConversionTests.record(into: url("hdf5"))
        let dataset = try LiberoDataset(at: url("hdf5"))
        let cache = try FrameCache(of: dataset, in: url("cache"))
        let expected = try images(dataset)
        let whole = try Data(contentsOf: cache.url)
        for count in [0, 8, 100, whole.count - 1] {
            try whole.prefix(count).write(to: cache.url)
            var steps = 0
            let cached = try dataset.cachingFrames(in: url("cache")) { _, _ in steps += 1 }
            #expect(try images(cached) == expected && steps == 5)
        }
    }

    @Test func whatCannotBeReadIsLeftToTheSource() throws {
        try DatasetConversionTests.record(into: url("hdf5"))
        try DatasetConversion(LiberoDataset(at: url("hdf5")), to: url("v21"), as: .leRobot21).run()
        try FileManager.default.removeItem(at: url("v21/data/chunk-000/episode_000001.parquet"))
        let cached = try LiberoDataset(at: url("v21")).cachingFrames(in: url("cache"))
        #expect(throws: LiberoDataError.self) { try cached.episode(1) }
        #expect(try cached.episode(2).image(of: .wrist, at: 0).width == 16)
    }
}
