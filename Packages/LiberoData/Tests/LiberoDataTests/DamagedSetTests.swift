import Foundation
import HDF5
import ImageProcessing
import LiberoData
import Parquet
import TensorCore
import Testing
import VLAPolicy

/// What is wrong in sets that were whole a moment ago is told at the right place.
@Suite struct DamagedSetTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func leRobot(_ format: LiberoDataset.Format) throws -> URL {
        let url = folder.url.appendingPathComponent(format.rawValue)
        let recorder = try SetRecorder(at: url, format: format, description: DatasetConversionTests.description)
        for seed in 0..<3 { try recorder.append(SetRecorderTests.record(seed)) }
        return url
    }

    func edit(_ url: URL, _ change: (String) -> String) throws {
        try change(String(contentsOf: url, encoding: .utf8)).write(to: url, atomically: true, encoding: .utf8)
    }

    func expectRefusal(_ url: URL, naming words: [String]) throws {
        let error = try #require(throws: LiberoDataError.self) { try LiberoDataset(at: url) }
        #expect(error.level == .open)
        for word in words { #expect("\(error)".contains(word), "\(word) in: \(error)") }
    }

    @Test func statisticsThatAreNoJSONAreNamedWithTheirLine() throws {
        let url = try leRobot(.leRobot21)
        try edit(url.appendingPathComponent("meta/episodes_stats.jsonl")) { $0 + "{\"episode_index\": 3, broken\n" }
        try expectRefusal(url, naming: ["meta/episodes_stats.jsonl", "line 4"])
    }

    @Test(arguments: [LiberoDataset.Format.leRobot21, .leRobot30])
    func statisticsOfAnotherWidthAreRefused(format: LiberoDataset.Format) throws {
        let url = try leRobot(format)
        let name = format == .leRobot21 ? "meta/episodes_stats.jsonl" : "meta/stats.json"
        let feature = try LiberoDataset(at: url).columnName(of: .agentView) == "image" ? "actions" : "action"
        try edit(url.appendingPathComponent(name)) { text in
            let start = text.range(of: "\"\(feature)\"")!.upperBound
            let mean = text.range(of: "\"mean\"", range: start..<text.endIndex)!.upperBound
            let open = text.range(of: "[", range: mean..<text.endIndex)!.upperBound
            return text[..<open] + "0.5, " + text[open...]
        }
        try expectRefusal(url, naming: [name, "'\(feature)'", "8 numbers", "7"])
    }

    /// Nothing counts twice.
    @Test func anEpisodeThatIsListedTwiceIsRefused() throws {
        let url = try leRobot(.leRobot21)
        try edit(url.appendingPathComponent("meta/episodes.jsonl")) { $0 + $0.prefix { $0 != "\n" } + "\n" }
        try expectRefusal(url, naming: ["meta/episodes.jsonl", "episode 0", "twice"])
    }

    @Test func lengthsThatNothingHasAreRefused() throws {
        let url = try leRobot(.leRobot21)
        try edit(url.appendingPathComponent("meta/episodes.jsonl")) {
            $0.replacing("\"length\": 3", with: "\"length\": 9223372036854775807")
        }
        try expectRefusal(url, naming: ["episode 0", "its length is 9223372036854775807"])
    }

    @Test func shapesThatNothingHasAreRefused() throws {
        let url = try leRobot(.leRobot21)
        let path = "meta/info.json"
        try edit(url.appendingPathComponent(path)) { text in
            let feature = text.range(of: "\"state\"")!.upperBound
            let shape = text.range(of: "\"shape\"", range: feature..<text.endIndex)!.upperBound
            let open = text.range(of: "[", range: shape..<text.endIndex)!.upperBound
            return text[..<open] + "4611686018427387904, 4, " + text[open...]
        }
        try expectRefusal(url, naming: [path, "'features'", "4611686018427387904"])
    }

    /// An image that is copied as it is, and one that is decoded for another form.
    @Test(arguments: [LiberoDataset.Format.leRobot30, .hdf5, .rlds])
    func imagesOfAnotherSizeAreNotConverted(format: LiberoDataset.Format) throws {
        let url = try leRobot(.leRobot21)
        let path = url.appendingPathComponent("data/chunk-000/episode_000001.parquet")
        let file = try ParquetFile(at: path)
        let names = file.fields.map(\.name)
        let small = PNG.encode(RGBImage(width: 2, height: 2, pixels: Array(repeating: 9, count: 12)))
        var (columns, values): ([ParquetWriter.Column], [ParquetWriter.Values]) = ([], [])
        for name in names {
            switch name {
            case "image", "wrist_image":
                var images = try file.rows(of: file.field(name)!).map { row -> (bytes: [UInt8], path: String) in
                    guard case .bytes(let bytes)? = row["bytes"] else { return ([], "") }
                    return (bytes, "x.png")
                }
                if name == "wrist_image" { images[2].bytes = small }
                columns.append(.init(name, .image))
                values.append(.images(images))
            case "actions", "state":
                let (width, numbers) = try file.matrix(file.leaf(name)!)
                columns.append(.init(name, .listOfFloat))
                values.append(.rowsOfFloat(numbers.map(Float.init), width: width))
            default:
                columns.append(.init(name, .double))
                values.append(.double(try file.matrix(file.leaf(name)!).values))
            }
        }
        let writer = try ParquetWriter(to: path, columns: columns)
        try writer.append(values)
        try writer.close()

        let conversion = try DatasetConversion(
            LiberoDataset(at: url), to: folder.url.appendingPathComponent("target"), as: format)
        let error = try #require(throws: LiberoDataError.self) { try conversion.run() }
        #expect(error.level == .frame && error.episode == 1 && error.frame == 2, "\(error)")
        #expect(error.column == "wrist_image" && error.reason.contains("2 × 2"), "\(error)")
    }

    @Test func recordersRefuseImagesOfAnotherSize() throws {
        var record = SetRecorderTests.record(3)
        record.images[.wrist]?[1] = .pixels(RGBImage(width: 2, height: 2, pixels: Array(repeating: 9, count: 12)))
        let recorder = try SetRecorder(
            at: folder.url.appendingPathComponent("set"), format: .leRobot21,
            description: DatasetConversionTests.description)
        let error = try #require(throws: LiberoDataError.self) { try recorder.append(record) }
        #expect(error.frame == 1 && error.reason.contains("2 × 2"), "\(error)")
        #expect(recorder.count == 0)
    }

    /// Bookkeeping columns of another type hold anything, also what is no whole number.
    @Test(arguments: [Double.nan, 1e300, 0.5])
    func bookkeepingThatIsNoWholeNumberIsTold(value: Double) throws {
        let url = try leRobot(.leRobot21)
        let path = url.appendingPathComponent("data/chunk-000/episode_000001.parquet")
        let names = ["timestamp", "frame_index", "episode_index", "index", "task_index"]
        for broken in names {
            let writer = try ParquetWriter(
                to: path,
                columns: [
                    .init("image", .image), .init("wrist_image", .image), .init("actions", .listOfFloat),
                    .init("state", .listOfFloat),
                ] + names.map { .init($0, .double) })
            func column(_ name: String, _ numbers: [Double]) -> ParquetWriter.Values {
                .double(name == broken ? [numbers[0], value, numbers[2]] : numbers)
            }
            let images = ParquetWriter.Values.images(Array(repeating: ([1], "x.png"), count: 3))
            try writer.append([
                images, images, .rowsOfFloat(Array(repeating: 1, count: 21), width: 7),
                .rowsOfFloat(Array(repeating: 0, count: 24), width: 8),
                column("timestamp", [0, 0.05, 0.1]), column("frame_index", [0, 1, 2]),
                column("episode_index", [1, 1, 1]), column("index", [3, 4, 5]), column("task_index", [0, 0, 0]),
            ])
            try writer.close()
            let dataset = try LiberoDataset(at: url)
            let error = try #require(throws: LiberoDataError.self) { try dataset.episode(1) }
            #expect(error.episode == 1 && error.frame == 1 && error.column == broken, "\(error)")
        }
    }

    @Test func totalsOfAnHDF5FileAreCompared() throws {
        let url = folder.url.appendingPathComponent("hdf5")
        try EpisodeRecorderTests.record(
            EpisodeRecorder(at: url, description: EpisodeRecorderTests.description), seed: 0, length: 4)
        let file = try #require(
            FileManager.default.enumerator(at: url, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL }
                .first { $0.pathExtension == "hdf5" })
        #expect(try LiberoDataset(at: file).warnings.filter { $0.text.contains("num_demos") }.isEmpty)

        let changed = folder.url.appendingPathComponent("push_the_plate_to_the_front_demo.hdf5")
        let writer = try HDF5Writer(to: changed, startingWith: file)
        try writer.setAttribute("num_demos", of: "data", to: .integer(7))
        try writer.setAttribute("total", of: "data", to: .integer(99))
        try writer.close()
        let warnings = try LiberoDataset(at: changed).warnings.map(\.description)
        #expect(warnings.contains { $0.contains("num_demos is 7") } && warnings.contains { $0.contains("total is 99") })

        // cut off: the library's own words say so
        let bytes = try Data(contentsOf: changed)
        let cut = folder.url.appendingPathComponent("cut_demo.hdf5")
        try bytes.prefix(bytes.count / 2).write(to: cut)
        try expectRefusal(cut, naming: ["cut_demo.hdf5", "truncated"])
    }
}
