import FileSupport
import Foundation
import HDF5
import TensorCore
import Testing

@Suite final class HDF5WriterTests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("HDF5WriterTests-\(UUID())")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func written(_ body: (HDF5Writer) throws -> Void) throws -> HDF5File {
        let url = folder.appendingPathComponent("\(UUID()).hdf5")
        let writer = try HDF5Writer(to: url)
        try body(writer)
        try writer.close()
        return try HDF5File(at: url)
    }

    @Test func arraysReadBackBitForBit() throws {
        let doubles = [0.1, -0.0, .infinity, .leastNonzeroMagnitude, 3, 4]
        let file = try written { writer in
            try writer.write(doubles, shape: [3, 2], to: "data/demo_0/actions")
            try writer.write([Float(0.1), 2], shape: [2], to: "data/demo_0/floats")
            try writer.write([Int64(1) << 52, -7], shape: [2, 1], to: "data/demo_0/integers")
            try writer.write([UInt8](0..<12), shape: [2, 1, 2, 3], to: "data/demo_0/obs/agentview_rgb")
            try writer.write([Double](), shape: [0, 7], to: "data/demo_0/nothing")
        }
        let demo = try file.root.group("data/demo_0")
        let actions = try demo.dataset("actions")
        #expect(actions.shape == [3, 2])
        #expect(actions.elementType == .float(byteCount: 8))
        #expect(try actions.doubles().map(\.bitPattern) == doubles.map(\.bitPattern))
        #expect(try actions.doubles(rows: 1..<2) == [.infinity, .leastNonzeroMagnitude])
        #expect(try demo.dataset("floats").doubles() == [Double(Float(0.1)), 2])
        #expect(try demo.dataset("integers").doubles() == [0x1p52, -7])
        #expect(try demo.dataset("nothing").doubles() == [])
        let images = try demo.dataset("obs/agentview_rgb")
        #expect(images.contiguousBytes?.count == 12)
        #expect(try images.bytes(rows: 1..<2) == [6, 7, 8, 9, 10, 11])
        #expect(throws: SerializationError.self) { try actions.bytes(rows: 0..<1) }
    }

    @Test func attributesReadBack() throws {
        let long = String(repeating: "<mujoco/>é", count: 20_000)
        let file = try written { writer in
            try writer.createGroup("data/demo_0")
            try writer.setAttribute("num_demos", of: "data", to: .integer(1))
            try writer.setAttribute("num_demos", of: "data", to: .integer(2))
            try writer.setAttribute("model_file", of: "data/demo_0", to: .text(long))
            try writer.setAttribute("init_state", of: "data/demo_0", to: .numbers([1, 2.5]))
        }
        let data = try file.root.group("data")
        #expect(try data.attribute("num_demos") == .integer(2))
        #expect(try data.attribute("absent") == nil)
        let demo = try data.group("demo_0")
        #expect(try demo.attribute("model_file")?.text == long)
        #expect(try demo.attribute("init_state") == .numbers([1, 2.5]))
        #expect(try demo.attributeNames() == ["init_state", "model_file"])
    }

    @Test func groupsAreCopiedBetweenFiles() throws {
        let first = try written { try $0.write([1.0, 2], shape: [2], to: "data/demo_0/actions") }
        let second = try written { writer in
            try writer.createGroup("data")
            try writer.copy(first.root.group("data/demo_0"), to: "data/demo_1")
        }
        #expect(try second.root.datasetPaths() == ["data/demo_1/actions"])
        #expect(try second.root.dataset("data/demo_1/actions").doubles() == [1, 2])
    }

    @Test func unfinishedFileLeavesNothing() throws {
        let url = folder.appendingPathComponent("unfinished.hdf5")
        do {
            let writer = try HDF5Writer(to: url)
            try writer.write([1.0], shape: [1], to: "a")
        }
        #expect(!FileManager.default.fileExists(atPath: url.path))
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(left.filter { $0.contains("unfinished") } == [])
    }

    @Test func cutFileIsRefused() throws {
        let url = try written { try $0.write([Double](repeating: 1, count: 1000), shape: [1000], to: "a") }.url
        let bytes = try Data(contentsOf: url)
        for count in [0, 7, 100, bytes.count - 1] {
            let cut = folder.appendingPathComponent("cut-\(count).hdf5")
            try bytes.prefix(count).write(to: cut)
            let error = #expect(throws: SerializationError.self) {
                try HDF5File(at: cut).root.dataset("a").doubles()
            }
            #expect(error?.file == cut.path)
        }
    }

    @Test func missingMemberIsNamed() throws {
        let file = try written { try $0.createGroup("data/demo_0") }
        let error = #expect(throws: SerializationError.self) {
            try file.root.dataset("data/demo_0/obs/eye_in_hand_rgb")
        }
        #expect(error?.kind == .notFound)
        #expect(error?.member == "data/demo_0/obs/eye_in_hand_rgb")
    }
}
