import FileSupport
import ActionTokenizer
import Foundation
import ImageProcessing
import LiberoData
import TFRecord
import TensorCore
import TensorTestSupport
import Testing
import VLAPolicy

/// RLDS sets against what tensorflow-datasets and OpenVLA read of them.
@Suite struct RLDSGoldenTests {
    static let goldens = SharedFixtures.folders(in: "\(Samples.path)/rlds").flatMap { folder in
        Samples.goldens(in: "rlds/\(folder.lastPathComponent)")
    }

    @Test(arguments: goldens)
    func recordsAndFeaturesMatch(url: URL) throws {
        let golden = try Samples.json(url)
        let folder = url.deletingLastPathComponent().appendingPathComponent(try #require(golden["dir"]?.string))
        // the set's episodes are those of its files, one after the other
        var firstEpisode = 0
        let episodes = try #require(golden["episodes"]?.array)
        for expected in try #require(golden["files"]?.array) {
            let file = try TFRecordFile(at: folder.appendingPathComponent(try #require(expected["name"]?.string)))
            let records = try #require(expected["records"]?.array)
            #expect(file.records.map { $0.lowerBound - 12 } == records.map { $0["offset"]?.integer })
            #expect(file.records.map(\.count) == records.map { $0["length"]?.integer })
            for (index, record) in records.enumerated() {
                let crc = try file.withRecord(index) { Int(CRC32C.masked($0)) }
                #expect(crc == record["data_crc_masked"]?.integer)
            }
            let own = episodes.dropFirst(firstEpisode).prefix(file.records.count)
            firstEpisode += file.records.count
            for (index, episode) in own.enumerated() {
                let example = try file.withRecord(index) { try TFExample(serialized: $0, name: file.name) }
                for (key, feature) in try #require(episode["features"]?.object) {
                    let found = try #require(example.features[key])
                    #expect(found.count == feature["count"]?.integer, "\(key)")
                    let kind =
                        switch found {
                        case .bytes: "bytes_list"
                        case .floats: "float_list"
                        case .integers: "int64_list"
                        }
                    #expect(kind == feature["kind"]?.string, "\(key)")
                }
                // what is written again is the same example
                let again = example.serialized()
                #expect(try again.withUnsafeBytes { try TFExample(serialized: $0, name: "again") } == example)
            }
        }
        #expect(firstEpisode >= episodes.count)
    }

    @Test(arguments: goldens, [JPEG.InverseTransform.accurate, .fast])
    func episodesMatch(url: URL, transform: JPEG.InverseTransform) throws {
        let golden = try Samples.json(url)
        let values = try Samples.values(Samples.twin(url, ".values.json"))
        var options = DatasetOptions()
        options.inverseTransform = transform
        let dataset = try LiberoDataset(at: Samples.twin(url, ""), options: options)
        #expect(dataset.format == .rlds && dataset.warnings.isEmpty)
        let episodes = try #require(golden["episodes"]?.array)
        #expect(dataset.episodes.map(\.length) == episodes.map { $0["length"]?.integer })
        #expect(dataset.episodes.map(\.instruction) == episodes.map { $0["language"]?.string })
        for (index, expected) in episodes.enumerated() {
            let episode = try dataset.episode(index)
            #expect(episode.actions.values == values["ep\(index)_action"]?.values)
            #expect(episode.states.values == values["ep\(index)_state"]?.values)
            for camera in episode.cameras {
                let name = try #require(dataset.columnName(of: camera).split(separator: "/").last)
                let key = transform == .accurate ? "sha256_islow_\(name)" : "sha256_tf_default_\(name)"
                let hashes = try #require(expected[key]?.strings)
                let sizes = try #require(expected["jpeg_bytes_\(name)"]?.integers)
                for frame in 0..<episode.length {
                    #expect(SHA256.hexadecimal(try episode.image(of: camera, at: frame).pixels) == hashes[frame])
                    if case .jpeg(let bytes) = try episode.storedImage(of: camera, at: frame) {
                        #expect(bytes.count == sizes[frame])
                    }
                }
            }
        }
    }

    /// What OpenVLA makes of the stored actions: its own gripper, then scaled to the quantiles.
    @Test(arguments: goldens)
    func actionsBecomeOpenVLAs(url: URL) throws {
        let values = try Samples.values(Samples.twin(url, ".values.json"))
        let dataset = try LiberoDataset(at: Samples.twin(url, ""))
        let convention = dataset.description.actionSpace.gripperConvention
        let actions = try dataset.episodes.indices.flatMap { index in
            let actions = try dataset.episode(index).actions
            return (0..<actions.count).map { frame in
                Array(actions[frame].dropLast())
                    + [convention.converted(actions[frame, actions.width - 1], to: .openVLA)]
            }
        }
        if let expected = values["openvla_action"] {
            expectClose(actions.flatMap { $0 }, expected.values, within: .elementwise)
        }
        if let expected = values["openvla_action_bounds_q99"] {
            let temporary = try TemporaryFolder()
            let file = temporary.url.appendingPathComponent("dataset_statistics.json")
            try DatasetStatistics(of: dataset).write(openVLA: file, dataset: "x")
            let normalizer = try ActionNormalizer(ActionStatistics(openVLA: file), method: .openVLAQuantiles)
            expectClose(
                actions.flatMap { normalizer.normalized($0) }, expected.values,
                within: Tolerance(relative: 1e-5, absolute: 1e-6))
        }
    }

    /// OpenVLA's statistics: its gripper is 1 open, 0 closed.
    @Test(arguments: goldens)
    func statisticsMatchOpenVLA(url: URL) throws {
        let golden = try #require(try Samples.json(url)["openvla_statistics"])
        let temporary = try TemporaryFolder()
        let statistics = try DatasetStatistics(of: LiberoDataset(at: Samples.twin(url, "")))
        let file = temporary.url.appendingPathComponent("dataset_statistics.json")
        try statistics.write(openVLA: file, dataset: "x")
        let written = try #require(try Samples.json(file)["x"])
        for (name, expected) in [("action", golden["action"]), ("proprio", golden["proprio8"])] {
            for key in ["mean", "std", "min", "max", "q01", "q99"] {
                guard let wanted = expected?[key]?.doubles else { continue }
                expectClose(
                    try #require(written[name]?[key]?.doubles), wanted,
                    within: Tolerance(relative: 1e-9, absolute: 1e-12),
                    "\(name) \(key)")
            }
        }
        #expect(written["num_transitions"]?.integer == golden["num_transitions"]?.integer)
        #expect(written["num_trajectories"]?.integer == golden["num_trajectories"]?.integer)
    }
}

/// Damaged RLDS sets; single files are read by TFRecordTests.
@Suite struct CorruptRLDSGoldenTests {
    static let cases = CorruptCase.all(in: "\(Samples.path)/corrupt/rlds").filter {
        (try? FileManager.default.contentsOfDirectory(atPath: $0.url.path)) != nil
    }

    @Test(arguments: cases)
    func damageIsTold(expected: CorruptCase) throws { try expected.check { try LiberoDataset(at: $0) } }

    /// The bytes of a set's first file with the first record's example changed, in a folder of its own.
    private func changed(_ url: URL, _ change: (inout [String: TFFeature]) throws -> Void) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let source = Samples.twin(url, "")
        let manager = FileManager.default
        // a set lies in a folder of its version, or is one
        let found = manager.enumerator(atPath: source.path)?.compactMap { $0 as? String } ?? []
        for path in found.sorted() {
            let (from, to) = (source.appendingPathComponent(path), folder.url.appendingPathComponent(path))
            var isFolder: ObjCBool = false
            _ = manager.fileExists(atPath: from.path, isDirectory: &isFolder)
            if isFolder.boolValue {
                try manager.createDirectory(at: to, withIntermediateDirectories: true)
            } else {
                try manager.copyItem(at: from, to: to)
            }
        }
        let shard = try #require(found.sorted().first { $0.contains(".tfrecord") })
        let target = folder.url.appendingPathComponent(shard)
        let file = try TFRecordFile(at: target)
        var records = try file.records.indices.map { index in try file.withRecord(index) { Array($0) } }
        var example = try records[0].withUnsafeBytes { try TFExample(serialized: $0, name: shard) }
        try change(&example.features)
        records[0] = Array(example.serialized())
        var bytes: [UInt8] = []
        for record in records { bytes += Self.framed(record) }
        try Data(bytes).write(to: target)
        return folder
    }

    /// A record with its length and checksums.
    private static func framed(_ content: [UInt8]) -> [UInt8] {
        func little<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
            withUnsafeBytes(of: value.littleEndian) { Array($0) }
        }
        let length = little(UInt64(content.count))
        return length + length.withUnsafeBytes { little(CRC32C.masked($0)) } + content
            + content.withUnsafeBytes { little(CRC32C.masked($0)) }
    }

    /// What is wrong inside of a sound record is found when its episode is read; the others load.
    @Test(arguments: RLDSGoldenTests.goldens)
    func damageInsideOfRecordsIsFoundByTheSet(url: URL) throws {
        let short = try changed(url) { features in
            guard case .floats(let actions)? = features["steps/action"] else { return }
            features["steps/action"] = .floats(Array(actions.dropLast(7)))
        }
        let dataset = try LiberoDataset(at: short.url)
        let error = #expect(throws: LiberoDataError.self) { try dataset.episode(0) }
        #expect(
            error?.level == .episode && error?.episode == 0 && error?.column == "steps/action",
            "\(String(describing: error))")
        for index in dataset.episodes.indices.dropFirst() { _ = try dataset.episode(index) }

        var camera = ""
        let cut = try changed(url) { features in
            camera = try #require(
                features.keys.sorted().first { key in
                    guard key.hasPrefix("steps/observation/"), case .bytes? = features[key] else { return false }
                    return true
                })
            guard case .bytes(var images)? = features[camera] else { return }
            images[1] = images[1].prefix(images[1].count / 3)
            features[camera] = .bytes(images)
        }
        let damaged = try LiberoDataset(at: cut.url)
        let report = try damaged.validate()
        let found = try #require(report.errors.first)
        #expect(found.level == .frame && found.frame == 1 && found.column == camera, "\(found)")
        #expect(report.frames == [0: [1]] && report.episodes.isEmpty)
    }
}
