import FileSupport
import Foundation
import Testing

@testable import TensorCore

@Suite struct SafetensorsTests {
    /// `safetensors.numpy.save` 0.8 of `{"a": uint8 [3], "b": int32 [1, 2]}, {"k": "v"}`: the larger type comes first.
    @Test func bytesAreThoseOfTheReference() {
        let header =
            #"{"__metadata__":{"k":"v"},"b":{"dtype":"I32","shape":[1,2],"data_offsets":[0,8]},"#
            + #""a":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}"#
        var expected: [UInt8] = []
        let padded = (header.utf8.count + 7) / 8 * 8
        expected.append(littleEndian: UInt64(padded))
        expected += Array(header.utf8) + [UInt8](repeating: 0x20, count: padded - header.utf8.count)
        expected += [1, 0, 0, 0, 2, 0, 0, 0, 7, 8, 9]
        let bytes = Safetensors.data(
            [("a", Tensor(scalars: [UInt8(7), 8, 9], [3])), ("b", Tensor(scalars: [Int32(1), 2], [1, 2]))],
            metadata: ["k": "v"])
        #expect(bytes == expected)
    }

    @Test func savedTensorsComeBackBitForBit() throws {
        try SampleFiles.withFolder { folder in
            let url = folder.appendingPathComponent("all.safetensors")
            let tensors = SampleFiles.tensors() + [("ü \"\\\n\u{1}", Tensor([1, 2]))]
            try Safetensors.write(tensors, metadata: ["é\n": "\"x\""], to: url)
            let file = try SafetensorsFile(at: url)
            #expect(file.metadata == ["é\n": "\"x\""])
            #expect(Set(file.names) == Set(tensors.map(\.name)) && file.names.count == tensors.count)
            for (name, tensor) in tensors {
                let read = try file.tensor(name)
                expectIdentical(read, tensor, name)
                #expect(read.isBorrowed, "\(name) is copied although it is aligned")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["all.safetensors"])
        }
    }

    @Test func transposedTensorsAreWrittenRowMajor() throws {
        let tensor = Tensor([Float(0), 1, 2, 3, 4, 5], [2, 3]).transposed(0, 1)
        let file = try SafetensorsFile(bytes: Safetensors.data([("x", tensor)]), name: "sample")
        #expect(try file.tensor("x").elements(of: Float.self) == [0, 3, 1, 4, 2, 5])
    }

    @Test func unalignedTensorsAreCopied() throws {
        let header =
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}"#
        let bytes = SafetensorsFileTestsHeader.padded(header) + [9, 0, 0, 0x80, 0x3F]
        let file = try SafetensorsFile(bytes: bytes, name: "sample")
        #expect(try file.tensor("b").elements(of: Float.self) == [1])
        #expect(try file.tensor("b").isBorrowed == false)
        #expect(try file.tensor("a").isBorrowed)
    }

    @Test func tensorsOutliveTheFileObject() throws {
        try SampleFiles.withFolder { folder in
            let url = folder.appendingPathComponent("x.safetensors")
            try Safetensors.write([("x", Tensor([1, 2, 3]))], to: url)
            var tensor = try SafetensorsFile(at: url).tensor("x")
            try FileManager.default.removeItem(at: url)
            tensor.withMutableSpan(of: Float.self) { $0[0] = 5 }
            #expect(tensor.elements(of: Float.self) == [5, 2, 3])
        }
    }

    @Test func aFailedWriteLeavesTheOldFile() throws {
        try SampleFiles.withFolder { folder in
            let url = folder.appendingPathComponent("x.npz")
            try NumPyArchive.write([("x", Tensor([1]))], to: url)
            expectError(.unsupported, naming: ["bfloat16", "'y'"], file: url.path) {
                try NumPyArchive.write([("y", SampleFiles.tensor(.bfloat16, [1]))], to: url)
            }
            #expect(try NumPyArchive(at: url).names == ["x"])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x.npz"])
            let missing = folder.appendingPathComponent("absent/x.safetensors")
            expectError(.cannotWrite, file: missing.path) { try Safetensors.write([], to: missing) }
        }
    }

    @Test func filesThatCannotBeReadAreNamed() throws {
        expectError(.cannotRead, file: "/nonexistent/x") {
            _ = try MappedFile(at: URL(fileURLWithPath: "/nonexistent/x"))
        }
        expectError(.cannotRead, naming: ["regular"], file: "/tmp") {
            _ = try MappedFile(at: URL(fileURLWithPath: "/tmp"))
        }
        expectError(.notFound, naming: ["'y'", "'x'"]) {
            _ = try SafetensorsFile(bytes: Safetensors.data([("x", Tensor([1]))]), name: "sample").tensor("y")
        }
    }

    /// Header, bytes of data, expected kind, words of the message.
    static let malicious: [(String, Int, SerializationError.Kind, String)] = [
        (
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            8,
            .damaged, "'a' occurs twice"
        ),
        (#"{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 4, .damaged, "'dtype' occurs twice"),
        (
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
            12,
            .damaged, "overlaps"
        ),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, .damaged, "gap"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 5, .damaged, "tensors end"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 3, .truncated, "tensors end"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, .damaged, "needs 8"),
        (#"{"a":{"dtype":"F32","shape":[9223372036854775807],"data_offsets":[0,4]}}"#, 4, .damaged, "shape"),
        (#"{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}"#, 4, .damaged, "shape"),
        (#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#, 0, .damaged, "shape"),
        (#"{"a":{"dtype":"F32","shape":[0,9223372036854775807,4],"data_offsets":[0,0]}}"#, 0, .damaged, "shape"),
        (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, .damaged, "shape"),
        (#"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, 4, .damaged, "shape"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775807]}}"#, 4, .damaged, "data_offsets"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, .damaged, "data_offsets"),
        (#"{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}"#, 1, .unsupported, "F8_E4M3"),
        (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, .damaged, "'a'"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}"#, 4, .damaged, "'a'"),
        (#"{"__metadata__":{"k":1}}"#, 0, .damaged, "'k'"),
        (#" {}"#, 0, .wrongFormat, "'{'"),
        (#"{} x"#, 0, .damaged, "follows the end"),
        (#"{"a":}"#, 0, .damaged, "value"),
        (#"{"a":01}"#, 0, .damaged, "byte"),
        (#"{"\ud800":1}"#, 0, .damaged, "surrogate"),
        ("{\"a\":" + String(repeating: "[", count: 200_000), 0, .limitExceeded, "nested"),
    ]

    @Test(arguments: malicious.indices)
    func malformedHeadersAreRefused(index: Int) {
        let (header, count, kind, word) = Self.malicious[index]
        expectError(kind, naming: [word]) {
            _ = try SafetensorsFile(
                bytes: SampleFiles.safetensors(header: header, dataByteCount: count), name: "sample")
        }
    }

    @Test func lengthsBeyondTheFileOrTheLimitAreRefused() {
        var huge: [UInt8] = []
        huge.append(littleEndian: UInt64.max)
        expectError(.limitExceeded, naming: ["byte 0"]) { _ = try SafetensorsFile(bytes: huge, name: "sample") }
        var long: [UInt8] = []
        long.append(littleEndian: UInt64(1000))
        expectError(.truncated, naming: ["byte 8", "1000"]) { _ = try SafetensorsFile(bytes: long, name: "sample") }
        expectError(.truncated) { _ = try SafetensorsFile(bytes: [1, 2, 3], name: "sample") }
        expectError(.truncated) { _ = try SafetensorsFile(bytes: [], name: "sample") }
    }

    @Test func otherBooleansAreRefusedWithTheirPlace() throws {
        let header = #"{"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}"#
        let bytes = SafetensorsFileTestsHeader.padded(header) + [1, 2]
        let file = try SafetensorsFile(bytes: bytes, name: "sample")
        expectError(.damaged, naming: ["'a'", "byte \(bytes.count - 1)"]) { _ = try file.tensor("a") }
    }
}

private enum SafetensorsFileTestsHeader {
    /// Length and header, padded to 8 bytes.
    static func padded(_ header: String) -> [UInt8] {
        SampleFiles.safetensors(
            header: header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8), dataByteCount: 0)
    }
}
