import FileSupport
import Foundation
import HDF5
import ImageProcessing
import LiberoData
import TensorCore
import TensorTestSupport
import Testing
import VLAPolicy

/// LIBERO's HDF5 files against what h5py reads of them.
@Suite struct LiberoHDF5GoldenTests {
    static let goldens = Samples.goldens(in: "libero_hdf5").filter {
        (try? Samples.json($0))?["demos"] != nil
    }

    /// Opens the file of a golden; nil when the golden allows to refuse it and the refusal has its words.
    func opened<Value>(_ golden: StrictJSON, _ open: () throws -> Value) throws -> Value? {
        do {
            return try open()
        } catch {
            let words = try #require(golden["may_refuse"]?.strings, "\(error)")
            for word in words { #expect("\(error)".localizedCaseInsensitiveContains(word), "\(error)") }
            return nil
        }
    }

    @Test(arguments: goldens)
    func datasetsHaveTheBytesOfH5py(url: URL) throws {
        let golden = try Samples.json(url)
        let file = try HDF5File(
            at: url.deletingLastPathComponent().appendingPathComponent(try #require(golden["file"]?.string)))
        let demos = try #require(golden["demos"]?.object)
        for (name, demo) in demos {
            let group = try file.root.group("data/\(name)")
            for (path, expected) in try #require(demo["datasets"]?.object) {
                guard let dataset = try opened(golden, { try group.dataset(path) }) else { continue }
                #expect(dataset.shape == expected["shape"]?.integers, "\(name)/\(path)")
                #expect(dataset.chunkShape == expected["chunks"]?.integers, "\(name)/\(path)")
                let bytes: [UInt8]
                switch expected["dtype"]?.string {
                case "uint8": bytes = try dataset.bytes(rows: 0..<dataset.shape[0])
                case "float64": bytes = try dataset.doubles().withUnsafeBytes { Array($0) }
                case "float32": bytes = try dataset.floats(rows: 0..<dataset.shape[0]).withUnsafeBytes { Array($0) }
                case let other: throw UnknownType(name: other ?? "none")
                }
                #expect(SHA256.hexadecimal(bytes) == expected["sha256"]?.string, "\(name)/\(path)")
            }
            for (key, value) in try #require(demo["attrs"]?.object) {
                try expectEqual(try group.attribute(key), value, "\(name)@\(key)")
            }
        }
        for (key, value) in try #require(golden["data_attrs"]?.object) {
            try expectEqual(try file.root.group("data").attribute(key), value, key)
        }
    }

    /// A chunk is expanded whole by the library, so that its size is looked at before anything is read.
    @Test(arguments: goldens)
    func chunksBeyondTheLimitsAreRefused(url: URL) throws {
        let golden = try Samples.json(url)
        var limits = FileLimits.default
        limits.expandedByteCount = 1
        let file = try HDF5File(
            at: url.deletingLastPathComponent().appendingPathComponent(try #require(golden["file"]?.string)),
            limits: limits)
        for (name, demo) in try #require(golden["demos"]?.object) {
            let group = try file.root.group("data/\(name)")
            for (path, expected) in try #require(demo["datasets"]?.object)
            where (expected["chunks"]?.integers ?? []).reduce(1, *) > 1 {
                let error = #expect(throws: SerializationError.self) { try group.dataset(path) }
                #expect(error?.kind == .limitExceeded, "\(name)/\(path)")
            }
        }
    }

    struct UnknownType: Error { var name: String }

    func expectEqual(_ attribute: HDF5Attribute?, _ expected: StrictJSON, _ name: String) throws {
        if let text = expected.string {
            #expect(attribute?.text == text, "\(name)")
        } else if let numbers = expected.doubles {
            #expect(attribute?.numbers == numbers, "\(name)")
        } else {
            #expect(attribute?.number == expected.double, "\(name)")
        }
    }

    @Test(arguments: goldens)
    func episodesHaveTheNumbersAndImagesOfH5py(url: URL) throws {
        let golden = try Samples.json(url)
        let values = try Samples.values(Samples.twin(url, ".values.json"))
        let file = url.deletingLastPathComponent().appendingPathComponent(try #require(golden["file"]?.string))
        var options = DatasetOptions()
        options.pairsCausally = false
        guard let dataset = try opened(golden, { try LiberoDataset(at: file, options: options) }) else { return }
        let demos = try #require(golden["demos"]?.object)
        #expect(Set(dataset.episodes.map(\.name)) == Set(demos.map(\.key)))

        for info in dataset.episodes {
            #expect(info.instruction == golden["language_instruction"]?.string)
            let demo = try #require(demos.first(where: { $0.key == info.name })).value
            #expect(info.length == demo["length"]?.integer)
            guard let episode = try opened(golden, { try dataset.episode(info.index) }) else { continue }
            #expect(episode.actions.values == values["\(info.name)__actions"]?.values)
            #expect(episode.states.values == values["\(info.name)__state8"]?.values)
            if let expected = values["\(info.name)__robot_states"] {
                #expect(try episode.column(ColumnName.robotState).values == expected.values)
            }
            for camera in episode.cameras {
                let hashes = try #require(demo["frame_sha256_upright_\(camera)_rgb"]?.strings)
                let means = try #require(demo["frame_mean_\(camera)_rgb"]?.array).compactMap(\.doubles)
                for frame in 0..<episode.length {
                    let image = try episode.image(of: camera, at: frame)
                    #expect(
                        SHA256.hexadecimal(image.rotated180().pixels) == hashes[frame],
                        "\(info.name) \(camera) \(frame)")
                    expectClose(channelMeans(image), means[frame], within: .elementwise)
                }
            }
        }
    }

    func channelMeans(_ image: RGBImage) -> [Double] {
        (0..<3).map { channel in
            var sum = 0
            for index in stride(from: channel, to: image.pixels.count, by: 3) { sum += Int(image.pixels[index]) }
            return Double(sum) / Double(image.width * image.height)
        }
    }
}
