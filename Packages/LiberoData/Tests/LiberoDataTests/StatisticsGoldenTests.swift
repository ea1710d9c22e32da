import FileSupport
import ActionTokenizer
import Foundation
import LiberoData
import TensorCore
import TensorTestSupport
import Testing

/// Statistics against NumPy in double, and openpi's histogram.
@Suite struct StatisticsGoldenTests {
    static let folders = SharedFixtures.all(Samples.path + "/statistics")
    /// Sums of a thousand doubles against NumPy's pairwise ones.
    static let exact = Tolerance(relative: 1e-12, absolute: 1e-15)

    func actions(_ folder: URL) throws -> NumberColumn {
        let entry = try #require(try Samples.values(folder.appendingPathComponent("actions.values.json"))["actions"])
        return NumberColumn(width: entry.shape[1], values: entry.values)
    }

    func golden(_ folder: URL) throws -> StrictJSON {
        try Samples.json(folder.appendingPathComponent("golden.json"))
    }

    @Test(arguments: folders)
    func exactStatisticsMatchNumPy(folder: URL) throws {
        let statistics = ColumnStatistics(try actions(folder))
        let expected = try #require(try golden(folder)["exact_float64"])
        #expect(statistics.count == expected["count"]?.integer)
        for (key, values) in [
            ("mean", statistics.mean), ("std", statistics.standardDeviation), ("min", statistics.minimum),
            ("max", statistics.maximum), ("q01", statistics.quantile(0.01) ?? []),
            ("q10", statistics.quantile(0.1) ?? []), ("q50", statistics.quantile(0.5) ?? []),
            ("q90", statistics.quantile(0.9) ?? []), ("q99", statistics.quantile(0.99) ?? []),
        ] {
            expectClose(values, try #require(expected[key]?.doubles), within: Self.exact, key)
        }
    }

    @Test(arguments: folders)
    func mergedPartsMatchTheWhole(folder: URL) throws {
        let expected = try #require(try golden(folder)["merge_of_two_parts"])
        let all = try actions(folder)
        let split = try #require(expected["split_at"]?.integer)
        let merged = ColumnStatistics(all.rows(0..<split)).merged(with: ColumnStatistics(all.rows(split..<all.count)))
        expectClose(merged.mean, try #require(expected["mean"]?.doubles), within: Self.exact)
        expectClose(merged.standardDeviation, try #require(expected["std"]?.doubles), within: Self.exact)
        #expect(merged.count == all.count && merged.minimum == ColumnStatistics(all).minimum)
    }

    /// openpi's own bins: within one bin's width, as the numbers depend on rounding at edges.
    @Test(arguments: folders)
    func histogramMatchesOpenPI(folder: URL) throws {
        let expected = try #require(try golden(folder)["openpi_running_histogram_batches_of_64"])
        #expect(expected["bins"]?.integer == RunningHistogram.binCount)
        let all = try actions(folder)
        var histogram = RunningHistogram()
        for start in stride(from: 0, to: all.count, by: 64) {
            histogram.add(all.rows(start..<min(start + 64, all.count)))
        }
        let statistics = ColumnStatistics(all)
        let width = zip(statistics.maximum, statistics.minimum).map { ($0 - $1) / Double(RunningHistogram.binCount) }
            .max()!
        for (key, share) in [("q01", 0.01), ("q99", 0.99)] {
            expectClose(
                histogram.quantile(share), try #require(expected[key]?.doubles),
                within: Tolerance(relative: 0, absolute: width), key)
        }
    }

    /// What is written in the research code's form is what its file holds, and ActionTokenizer reads the three forms.
    @Test(arguments: folders)
    func writtenFilesHaveTheFormsOfTheirReaders(folder: URL) throws {
        let all = try actions(folder)
        let description = EpisodeRecorderTests.description
        let temporary = try TemporaryFolder()
        let recorder = try EpisodeRecorder(at: temporary.url, description: description)
        var episode = recorder.episode(of: EpisodeRecorderTests.task)
        for row in 0..<all.count {
            var frame = EpisodeRecorderTests.frame(0, row)
            frame.action = Array(all[row])
            try episode.append(frame)
        }
        try episode.finish(succeeded: true)
        let statistics = try DatasetStatistics(of: LiberoDataset(at: temporary.url), imageStride: 100)
        let expected = try #require(try golden(folder)["research_code_file_format"]?["actions"]?.object)

        let file = temporary.url.appendingPathComponent("stats.json")
        try Data(#"{"kept": {"b": 1, "a": [2.50]}}"#.utf8).write(to: file)
        try statistics.write(researchCode: file)
        let written = try Samples.json(file)
        #expect(written["kept"]?.text() == #"{"b": 1, "a": [2.50]}"#)
        #expect(written["actions"]?.object?.map(\.key) == expected.map(\.key))
        for (key, values) in expected {
            expectClose(
                try #require(written["actions"]?[key]?.doubles), try #require(values.doubles), within: Self.exact, key)
        }
        let research = try ActionStatistics(leRobot: file, feature: "actions")
        #expect(research.gripperConvention == .environment)

        let openVLA = temporary.url.appendingPathComponent("dataset_statistics.json")
        try statistics.write(openVLA: openVLA, dataset: "libero_spatial")
        let read = try ActionStatistics(openVLA: openVLA)
        #expect(read.gripperConvention == .openVLA && read.mask == [true, true, true, true, true, true, false])
        let mean = try #require(research.mean?.last)
        expectClose(try #require(read.mean?.last), (1 - mean) / 2, within: Self.exact)

        // looked for under the name with `_no_noops`, and without an outer key
        let inner = try #require(try Samples.json(openVLA)["libero_spatial"])
        for content in [StrictJSON.object([("libero_spatial_no_noops", inner), ("other", inner)]), inner] {
            let file = temporary.url.appendingPathComponent("cached.json")
            try Data(content.text().utf8).write(to: file)
            #expect(try ActionStatistics(openVLA: file, dataset: "libero_spatial") == read)
        }

        let openPI = temporary.url.appendingPathComponent("norm_stats.json")
        try statistics.write(openPI: openPI)
        #expect(try ActionStatistics(openPI: openPI).upperQuantile?.count == all.width)
    }

    @Test func statisticsAreCachedByContent() throws {
        let temporary = try TemporaryFolder()
        let data = temporary.url.appendingPathComponent("data")
        let recorder = try EpisodeRecorder(at: data, description: EpisodeRecorderTests.description)
        try EpisodeRecorderTests.record(recorder, seed: 1, length: 5)
        let cache = temporary.url.appendingPathComponent("cache")
        let first = try DatasetStatistics.cached(in: cache, of: LiberoDataset(at: data))
        #expect(try DatasetStatistics.cached(in: cache, of: LiberoDataset(at: data)) == first)
        #expect(try FileManager.default.contentsOfDirectory(atPath: cache.path).count == 1)
        try EpisodeRecorderTests.record(recorder, seed: 2, length: 5)
        let second = try DatasetStatistics.cached(in: cache, of: LiberoDataset(at: data))
        #expect(second.contentHash != first.contentHash && second.action.count == 10)
    }

    @Test func chunksCountEachActionAsOftenAsItIsTarget() throws {
        let temporary = try TemporaryFolder()
        let recorder = try EpisodeRecorder(at: temporary.url, description: EpisodeRecorderTests.description)
        try EpisodeRecorderTests.record(recorder, seed: 0, length: 3)
        // actions 0, 1, 2 in dimension 0; chunks of two: 0 1, 1 2, 2 2
        let statistics = try DatasetStatistics(of: LiberoDataset(at: temporary.url), rows: .chunks(horizon: 2))
        #expect(statistics.action.count == 6)
        #expect(abs(statistics.action.mean[0] - 8.0 / 6) < 1e-15)
    }
}
