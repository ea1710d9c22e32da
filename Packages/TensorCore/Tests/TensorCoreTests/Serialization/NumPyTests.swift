import FileSupport
import Foundation
import Testing

@testable import TensorCore

@Suite struct NumPyTests {
    /// `numpy.save` of `numpy.zeros((2, 3), '<f4')` (NumPy 2.4): 128 bytes of header.
    @Test func headerIsThatOfNumPy() throws {
        let text =
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }" + String(repeating: " ", count: 58) + "\n"
        let expected: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(text.utf8)
        #expect(expected.count == 128)
        #expect(try NumPyArray.data(.zeros([2, 3])) == expected + [UInt8](repeating: 0, count: 24))
    }

    @Test func arraysComeBackBitForBit() throws {
        try SampleFiles.withFolder { folder in
            for (name, tensor) in SampleFiles.tensors(of: SampleFiles.numPyTypes) {
                let url = folder.appendingPathComponent("\(name).npy")
                try NumPyArray.write(tensor, to: url)
                let read = try NumPyArray.read(at: url)
                expectIdentical(read, tensor, name)
                #expect(read.isBorrowed, "\(name) is copied although it is aligned")
            }
        }
    }

    @Test(arguments: [false, true])
    func archivesComeBackBitForBit(deflated: Bool) throws {
        try SampleFiles.withFolder { folder in
            let url = folder.appendingPathComponent("all.npz")
            let tensors =
                SampleFiles.tensors(of: SampleFiles.numPyTypes) + [("zeros/of ü", Tensor.zeros([1000, 100]))]
            try NumPyArchive.write(tensors, deflated: deflated, to: url)
            let archive = try NumPyArchive(at: url)
            #expect(archive.names == tensors.map(\.name))
            for (name, tensor) in tensors { expectIdentical(try archive.tensor(name), tensor, name) }
            #expect((archive.archive.file.byteCount < 100_000) == deflated)
        }
    }

    @Test func columnMajorArraysAreTurned() throws {
        let header = "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }\n"
        var bytes = SampleFiles.numPy(header: header, dataByteCount: 0)
        for value in [Int16(0), 10, 1, 11, 2, 12] { bytes.append(littleEndian: value) }
        let array = try NumPyArray.read(bytes: bytes, name: "sample")
        #expect(array.shape == [2, 3])
        #expect(array.elements(of: Int16.self) == [0, 1, 2, 10, 11, 12])
    }

    @Test func unsignedTypesAreWidened() throws {
        var short = SampleFiles.numPy(
            header: "{'descr': '<u2', 'fortran_order': False, 'shape': (2,)}", dataByteCount: 0)
        for value in [UInt16(1), .max] { short.append(littleEndian: value) }
        #expect(try NumPyArray.read(bytes: short, name: "sample").elements(of: Int32.self) == [1, 65_535])
        var long = SampleFiles.numPy(
            header: "{'shape': (1,), 'descr': \"<u4\", 'fortran_order': False}", dataByteCount: 0)
        long.append(littleEndian: UInt32.max)
        #expect(try NumPyArray.read(bytes: long, name: "sample").elements(of: Int64.self) == [4_294_967_295])
    }

    @Test(arguments: [UInt8(2), 3])
    func laterVersionsAreRead(version: UInt8) throws {
        let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (), }"
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [version, 0]
        bytes.append(littleEndian: UInt32(header.utf8.count))
        let array = try NumPyArray.read(bytes: bytes + Array(header.utf8) + [42], name: "sample")
        #expect(array.shape == [] && array.elements(of: UInt8.self) == [42])
    }

    /// Header, bytes of data, expected kind, words of the message.
    static let malformed: [(String, Int, SerializationError.Kind, String)] = [
        ("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", 4, .unsupported, "big-endian elements '>f4'"),
        ("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8, .unsupported, "'|O'"),
        ("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", 8, .unsupported, "'<c8'"),
        ("{'descr': '<U3', 'fortran_order': False, 'shape': (1,), }", 12, .unsupported, "'<U3'"),
        ("{'descr': '|f4', 'fortran_order': False, 'shape': (1,), }", 4, .unsupported, "'|f4'"),
        ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", 4, .unsupported, "structured"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 4, .truncated, "needs 8 bytes, 4 follow"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 8, .damaged, "needs 4 bytes, 8 follow"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 2), }", 4, .damaged, "larger"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 9223372036854775807), }", 0, .damaged, "larger"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775808,), }", 4, .damaged, "size expected"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", 4, .damaged, "size expected"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1), }", 4, .damaged, "(n,)"),
        ("{'descr': '<f4', 'shape': (1,), }", 4, .damaged, "lacks"),
        ("{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", 4, .damaged, "'descr'"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}", 4, .damaged, "'x'"),
        ("{'descr': '<f4", 4, .damaged, "does not end"),
        ("{'descr': '<f4', 'fortran_order': __import__('os').system('true'), 'shape': (1,), }", 4, .damaged, "'False'"),
        (
            "{'descr': '|b1', 'fortran_order': False, 'shape': (" + String(repeating: "1,", count: 65) + ")}", 1,
            .limitExceeded, "64 axes"
        ),
    ]

    @Test(arguments: malformed.indices)
    func malformedHeadersAreRefused(index: Int) {
        let (header, count, kind, word) = Self.malformed[index]
        expectError(kind, naming: [word, "byte "]) {
            _ = try NumPyArray.read(bytes: SampleFiles.numPy(header: header, dataByteCount: count), name: "sample")
        }
    }

    @Test func archivesNameWhatTheyLack() throws {
        let archive = try NumPyArchive(bytes: NumPyArchive.data([("x", Tensor([1]))]), name: "sample")
        expectError(.notFound, naming: ["'y'", "'x'"]) { _ = try archive.tensor("y") }
        let other = try SampleFiles.zip([("x.txt", [1])])
        expectError(.wrongFormat, naming: ["'x.txt'"]) { _ = try NumPyArchive(bytes: other, name: "sample") }
        let cut = try SampleFiles.zip([("x.npy", Array(NumPyArray.data(Tensor([1])).dropLast()))])
        expectError(.truncated, naming: ["'x.npy'", "byte 128"]) {
            _ = try NumPyArchive(bytes: cut, name: "sample").tensor("x")
        }
    }
}
