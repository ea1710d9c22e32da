import ActionTokenizer
import RobotInterface
import FileSupport
import Foundation
import ImageProcessing
import LiberoData
import Parquet
import TensorCore
import TensorTestSupport
import Testing
import VLAPolicy

/// LeRobot sets of every version against what lerobot and pyarrow read of them.
@Suite struct LeRobotGoldenTests {
    static let goldens = Samples.goldens(in: "lerobot")

    func dataset(_ golden: URL) throws -> LiberoDataset { try LiberoDataset(at: Samples.twin(golden, "")) }

    @Test(arguments: goldens)
    func filesHaveTheStructurePyArrowSees(url: URL) throws {
        let golden = try Samples.json(url)
        for expected in try #require(golden["files"]?.array) {
            let path = try #require(expected["path"]?.string)
            let file = try ParquetFile(at: Samples.twin(url, "").appendingPathComponent(path))
            #expect(
                file.rowCount == expected["rows"]?.integer && file.rowGroups.count == expected["row_groups"]?.integer)
            let columns = try #require(expected["columns"]?.array)
            #expect(file.leaves.map(\.name) == columns.map { $0["path"]?.string })
            #expect(file.leaves.map(\.type.name) == columns.map { $0["physical"]?.string })
            #expect(Set(file.keyValues.keys).isSuperset(of: expected["key_value_keys"]?.strings ?? []))
        }
    }

    @Test(arguments: goldens)
    func numbersMatch(url: URL) throws {
        let golden = try Samples.json(url)
        let values = try Samples.values(Samples.twin(url, ".values.json"))
        let dataset = try dataset(url)
        #expect(dataset.format.rawValue == "lerobot-" + (golden["info_codebase_version"]?.string ?? ""))
        #expect(dataset.warnings.isEmpty, "\(dataset.warnings)")
        let episodes = try dataset.episodes.map { try dataset.episode($0.index) }
        for (name, expected) in values {
            // action and state go by their own names here
            let found = episodes.map { episode in
                if let column = try? episode.column(name) { return column }
                return name.contains("action") ? episode.actions : episode.states
            }
            let numbers = found.flatMap(\.values)
            #expect(numbers == expected.values, "\(name)")
            #expect(numbers.count / max(expected.shape.dropFirst().reduce(1, *), 1) == expected.shape[0])
        }
        for (index, expected) in try #require(golden["episodes"]?.array).enumerated() {
            let info = dataset.episodes[index]
            #expect(info.length == expected["length"]?.integer && info.instruction == expected["tasks"]?.strings?.first)
            #expect(golden["tasks"]?["\(info.taskIndex)"]?.string == info.instruction)
            #expect(try episodes[index].column("timestamp").values == expected["timestamps"]?.doubles)
        }
    }

    @Test(arguments: goldens)
    func imagesMatch(url: URL) throws {
        let golden = try Samples.json(url)
        let dataset = try dataset(url)
        for (index, expected) in try #require(golden["episodes"]?.array).enumerated() {
            let episode = try dataset.episode(index)
            for camera in episode.cameras {
                let name = dataset.columnName(of: camera)
                guard let hashes = expected["frame_sha256_\(name)"]?.strings else {
                    // video: channel means, as decoders differ by a level or two
                    let info = try Samples.json(Samples.twin(url, "/meta/info.json"))
                    let feature = info["features"]?[name]
                    try compareVideo(
                        episode, camera, try #require(expected["frame_mean_\(name)"]?.array).compactMap(\.doubles),
                        codec: (feature?["info"] ?? feature?["video_info"])?["video.codec"]?.string)
                    continue
                }
                let sizes = expected["png_bytes_\(name)"]?.integers
                for frame in 0..<episode.length {
                    #expect(SHA256.hexadecimal(try episode.image(of: camera, at: frame).pixels) == hashes[frame])
                    guard case .png(let bytes) = try episode.storedImage(of: camera, at: frame) else { continue }
                    #expect(bytes.count == sizes?[frame])
                }
            }
        }
    }

    func compareVideo(
        _ episode: LiberoEpisode, _ camera: CameraName, _ means: [[Double]], codec: String?
    ) throws {
        #if Video
            for frame in 0..<episode.length {
                let image = try episode.image(of: camera, at: frame)
                for channel in 0..<3 {
                    var sum = 0
                    for index in stride(from: channel, to: image.pixels.count, by: 3) {
                        sum += Int(image.pixels[index])
                    }
                    let mean = Double(sum) / Double(image.width * image.height)
                    #expect(abs(mean - means[frame][channel]) < 2, "frame \(frame), channel \(channel)")
                }
            }
        #else
            // without the trait the error names codec and file
            let error = #expect(throws: LiberoDataError.self) { try episode.image(of: camera, at: 0) }
            #expect(error?.kind == .unsupported && error?.file.hasSuffix(".mp4") == true)
            #expect(codec != nil && error.map { $0.reason.contains(codec!) } == true, "\(codec ?? "no codec")")
        #endif
    }

    @Test(arguments: goldens)
    func statisticsMatch(url: URL) throws {
        let golden = try #require(try Samples.json(url)["statistics_over_frames"]?.object)
        let dataset = try dataset(url)
        let hasImages = golden.contains { entry in
            dataset.description.cameras.keys.contains { dataset.columnName(of: $0) == entry.key }
        }
        let statistics = try DatasetStatistics(of: dataset, imageStride: hasImages ? 1 : nil)
        for (name, expected) in golden {
            let found: ColumnStatistics
            if let camera = statistics.cameras.keys.first(where: { dataset.columnName(of: $0) == name }) {
                found = try #require(statistics.cameras[camera])
            } else {
                found = name.contains("action") ? statistics.action : statistics.state
                #expect(found.count == expected["count"]?.integer)
            }
            for (key, values) in [
                ("mean", found.mean), ("std", found.standardDeviation), ("min", found.minimum), ("max", found.maximum),
                ("q01", found.quantile(0.01)), ("q50", found.quantile(0.5)), ("q99", found.quantile(0.99)),
            ] {
                guard let wanted = expected[key]?.doubles, let values else { continue }
                expectClose(values, wanted, within: Tolerance(relative: 1e-9, absolute: 1e-12), "\(name) \(key)")
            }
        }
    }
}

/// Damaged LeRobot sets fail where `expected.json` says, and what is intact in them loads.
@Suite struct CorruptLeRobotGoldenTests {
    static let cases = CorruptCase.all(in: "\(Samples.path)/corrupt/lerobot")

    @Test(arguments: cases)
    func damageIsTold(expected: CorruptCase) throws { try expected.check { try LiberoDataset(at: $0) } }
}
