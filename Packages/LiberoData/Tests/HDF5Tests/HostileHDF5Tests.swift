import FileSupport
import Foundation
import HDF5
import Testing

@Suite final class HostileHDF5Tests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("HostileHDF5Tests-\(UUID())")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func file(_ bytes: [UInt8], _ name: String = "file.hdf5") throws -> HDF5File {
        let url = folder.appendingPathComponent(name)
        try Data(bytes).write(to: url)
        return try HDF5File(at: url)
    }

    /// A link to another file is refused, whatever leads to it; links inside of the file are followed.
    @Test func noLinkLeadsToAnotherFile() throws {
        try Data(HDF5Samples.other).write(to: folder.appendingPathComponent("other.hdf5"))
        #expect(
            try HDF5File(at: folder.appendingPathComponent("other.hdf5")).root.dataset("secret").doubles() == [1, 2])
        let file = try file(HDF5Samples.links, "links.hdf5")
        for path in ["secret", "soft", "relative", "twice", "out/secret", "group/secret"] {
            let error = try #require(throws: SerializationError.self, "\(path)") { try file.root.dataset(path) }
            #expect(error.kind == .refused, "\(path): \(error)")
        }
        for path in ["out", "group"] {
            let error = try #require(throws: SerializationError.self, "\(path)") { try file.root.group(path) }
            #expect(error.kind == .refused, "\(path): \(error)")
        }
        #expect(!file.root.isDataset("secret") && !file.root.isDataset("soft"))
        #expect(throws: SerializationError.self) { try file.root.dataset("loop") }
        #expect(throws: SerializationError.self) { try file.root.dataset("dangling") }
        for path in ["own/x", "own/y", "good"] { #expect(try file.root.dataset(path).doubles() == [3, 4], "\(path)") }
    }

    /// 2⁴⁵ paths in 10 kB: listing them ends with a sentence.
    @Test func sharedGroupsAreNotMultiplied() throws {
        let file = try file(HDF5Samples.shared)
        let start = ContinuousClock.now
        let error = try #require(throws: SerializationError.self) { try file.root.datasetPaths() }
        #expect(error.kind == .limitExceeded, "\(error)")
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    /// What is announced has to be stored.
    @Test(arguments: ["chunked", "empty", "unwritten"])
    func extentsWithoutDataAreRefused(name: String) throws {
        let file = try file(HDF5Samples.extents)
        let error = try #require(throws: SerializationError.self) { try file.root.dataset(name) }
        #expect(error.kind == .limitExceeded && error.description.contains("stored"), "\(error)")
        #expect(try file.root.dataset("small").bytes(rows: 0..<3) == [0, 0, 0])
    }

    /// Every flipped byte of a small file is an error or other values; libhdf5 crashes in a child process only.
    @Test func flippedBytesDoNotCrash() throws {
        let url = folder.appendingPathComponent("whole.hdf5")
        let writer = try HDF5Writer(to: url)
        try writer.write([0.5, 1], shape: [2, 1], to: "data/demo_0/actions")
        try writer.setAttribute("problem", of: "data", to: .text("pick up"))
        try writer.write(["demo_0"], to: "mask/train")
        try writer.close()
        let whole = [UInt8](try Data(contentsOf: url))
        var refused = 0
        // structure lies at the front; every seventh byte keeps this short
        for index in stride(from: 0, to: whole.count, by: 7) {
            var bytes = whole
            bytes[index] ^= 0x55
            do {
                let file = try file(bytes)
                for path in try file.root.datasetPaths() {
                    let dataset = try file.root.dataset(path)
                    _ = dataset.elementType == .string ? nil : try dataset.doubles()
                }
                _ = try file.root.group("data").attribute("problem")
            } catch is SerializationError {
                refused += 1
            }
        }
        #expect(refused > 10)
    }

    /// Equal content makes equal files, whenever they are written.
    @Test func filesCarryNoTimes() throws {
        func write(_ name: String) throws -> Data {
            let url = folder.appendingPathComponent(name)
            let writer = try HDF5Writer(to: url)
            try writer.write([1.0, 2], shape: [2], to: "data/demo_0/actions")
            try writer.setAttribute("n", of: "data/demo_0", to: .integer(1))
            try writer.close()
            return try Data(contentsOf: url)
        }
        let first = try write("a.hdf5")
        Thread.sleep(forTimeInterval: 1.1)
        #expect(try write("b.hdf5") == first)
    }
}
