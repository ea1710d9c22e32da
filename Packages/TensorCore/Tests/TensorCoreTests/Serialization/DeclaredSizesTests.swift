import FileSupport
import Foundation
import Testing

@testable import TensorCore

/// Memory stays in proportion to a file's size, whatever it declares.
@Suite struct DeclaredSizesTests {
    func archive(_ pickle: [UInt8]) throws -> TorchArchive {
        let bytes = try SampleFiles.zip([
            ("m/data.pkl", Pickle.file(pickle)), ("m/data/0", [UInt8](repeating: 1, count: 24)),
        ])
        return try TorchArchive(bytes: bytes, name: "sample")
    }

    /// Views of one element that show gigabytes: whoever copied one, perhaps as `Double`, would pay.
    @Test(arguments: [[Int32(1 << 30)], [1 << 20, 1 << 12], [1 << 24]])
    func repeatedViewsAreRefused(sizes: [Int32]) throws {
        let strides = [Int32](repeating: 0, count: sizes.count)
        expectError(.limitExceeded, naming: ["views"]) {
            _ = try archive(Pickle.torchTensor("FloatStorage", key: "0", count: 6, sizes: sizes, strides: strides))
        }
    }

    /// Many views, none of them large.
    @Test func repeatedViewsAddUp() throws {
        let view = Pickle.torchTensor("FloatStorage", key: "0", count: 6, sizes: [1 << 20], strides: [0])
        #expect(try archive(view).root.tensor?.shape == [1 << 20])
        expectError(.limitExceeded, naming: ["views"]) {
            _ = try archive(Pickle.tuple([[UInt8]](repeating: view, count: 20)))
        }
    }

    @Test func archivesDoNotExpandBeyondTheirSize() throws {
        let zeros = [UInt8](repeating: 0, count: FileLimits.freeByteCount / 2 + 1)
        let one = try SampleFiles.zip([("a", zeros)], deflated: true)
        #expect(try ZipArchive(bytes: one, name: "sample").members.count == 1)
        let two = try SampleFiles.zip([("a", zeros), ("b", zeros)], deflated: true)
        expectError(.limitExceeded, naming: ["'b'", "allowed to an archive"]) {
            _ = try ZipArchive(bytes: two, name: "sample")
        }
    }

    /// An axis of 2⁴⁰ beside one of 0 takes no byte and any loop over it forever.
    @Test func emptyArraysHaveNoLongAxes() throws {
        let shape = "{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776, 0), }"
        let text = Array(shape.utf8) + [UInt8](repeating: 0x20, count: 118 - shape.utf8.count) + [0x0A]
        let bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count), 0] + text
        expectError(.damaged, naming: ["1099511627776"]) { _ = try NumPyArray.read(bytes: bytes, name: "sample") }

        let header = Array(#"{"a":{"dtype":"F32","shape":[1099511627776,0],"data_offsets":[0,0]}}"#.utf8)
        let count = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
        expectError(.damaged, naming: ["shape"]) {
            _ = try SafetensorsFile(bytes: count + header, name: "sample")
        }
    }

    /// Objects that show the same bytes of the file are copies each.
    @Test func copiesOfBytesHaveABudget() throws {
        let text = Pickle.text(String(repeating: "a", count: 1 << 16))
        // _codecs.encode(text, 'latin1'), then with both from the memo
        let encode = Pickle.global("_codecs", "encode")
        var body: [UInt8] =
            Array("(".utf8) + encode + text + [0x71, 0] + Pickle.text("latin1") + [0x71, 1, 0x86, 0x52]
        for _ in 0..<1100 { body += encode + [0x68, 0, 0x68, 1, 0x86, 0x52] }
        expectError(.limitExceeded, naming: ["copies"]) {
            _ = try RestrictedPickle.read(bytes: Pickle.file(body + Array("t".utf8)), name: "sample")
        }
    }

    @Test func theBudgetGrowsWithTheFile() {
        let limits = FileLimits()
        #expect(limits.budget(for: 0) == FileLimits.freeByteCount && limits.budget(for: -1) == FileLimits.freeByteCount)
        #expect(limits.budget(for: 1 << 20) == 128 << 20)
        #expect(limits.budget(for: .max) == limits.expandedByteCount)
    }
}
