import FileSupport
import Foundation
import Testing

@testable import TensorCore

@Suite struct TorchArchiveTests {
    /// An archive with one storage of six floats 0…5 and this pickle.
    func archive(
        _ pickle: [UInt8], folder: String = "m", extra: [(name: String, content: [UInt8])] = [],
        limits: FileLimits = .default
    ) throws -> TorchArchive {
        let storage = Tensor((0..<6).map(Float.init)).rowMajorBytes
        let members = [("\(folder)/data.pkl", Pickle.file(pickle)), ("\(folder)/data/0", storage)] + extra
        return try TorchArchive(bytes: SampleFiles.zip(members), name: "sample", limits: limits)
    }

    func view(
        offset: Int32 = 0, sizes: [Int32], strides: [Int32], count: Int32 = 6, key: String = "0",
        type: String = "FloatStorage", limits: FileLimits = .default
    ) throws -> Tensor? {
        try archive(
            Pickle.torchTensor(type, key: key, count: count, offset: offset, sizes: sizes, strides: strides),
            limits: limits
        ).root.tensor
    }

    @Test(arguments: [false, true])
    func dictionariesOfTensorsAreRead(deflated: Bool) throws {
        let archive = try TorchArchive(bytes: SampleFiles.torch(deflated: deflated), name: "sample")
        let stored = SampleFiles.tensor(.float32, [6]).elements(of: Float.self)
        let weight = try #require(archive.root["weight"]?.tensor)
        #expect(weight.shape == [2, 3])
        #expect(weight.elements(of: Float.self) == [0, 2, 4, 1, 3, 5].map { stored[$0] })
        #expect(archive.root["flags"]?.tensor?.elements(of: Bool.self) == [true, false])
        #expect(archive.root["epoch"]?.integer == 7)
        expectError(.unsupported, naming: ["'epoch'", "an integer"]) { _ = try archive.stateDict() }
        expectError(.notFound, naming: ["'model'"]) { _ = try archive.stateDict("model") }
    }

    @Test func viewsShowTheirElements() throws {
        #expect(try view(sizes: [2, 3], strides: [3, 1])?.elements(of: Float.self) == [0, 1, 2, 3, 4, 5])
        #expect(try view(sizes: [3, 2], strides: [1, 3])?.elements(of: Float.self) == [0, 3, 1, 4, 2, 5])
        #expect(try view(offset: 1, sizes: [2, 2], strides: [2, 1])?.elements(of: Float.self) == [1, 2, 3, 4])
        #expect(try view(offset: 5, sizes: [3], strides: [0])?.elements(of: Float.self) == [5, 5, 5])
        #expect(try view(offset: 5, sizes: [], strides: [])?.elements(of: Float.self) == [5])
        #expect(try view(offset: 6, sizes: [2, 0], strides: [9, 9])?.shape == [2, 0])
        #expect(try view(offset: 5, sizes: [1], strides: [.max])?.elements(of: Float.self) == [5])
    }

    @Test func viewsBeyondTheStorageAreRefused() throws {
        for (offset, sizes, strides) in [
            (Int32(0), [Int32(7)], [Int32(1)]), (1, [6], [1]), (6, [1], [1]), (-1, [1], [1]), (0, [2], [-1]),
            (0, [2], [6]),
            (0, [2, 2], [4, 2]), (0, [2, .max, .max], [0, 0, 1]), (.max, [.max], [.max]), (0, [-1], [1]),
            (0, [1, 2], [1]),
        ] {
            #expect(throws: SerializationError.self, "\(offset) \(sizes) \(strides)") {
                try view(offset: offset, sizes: sizes, strides: strides)
            }
        }
        var limits = FileLimits()
        limits.expandedByteCount = 1000
        expectError(.limitExceeded, naming: ["views", "'m/data.pkl'"]) {
            _ = try view(sizes: [251], strides: [0], limits: limits)
        }
    }

    @Test func storagesMustFit() throws {
        expectError(.damaged, naming: ["'m/data.pkl'", "m/data/1", "missing"]) {
            _ = try view(sizes: [1], strides: [1], key: "1")
        }
        expectError(.damaged, naming: ["m/data/0", "24 bytes"]) { _ = try view(sizes: [1], strides: [1], count: 5) }
        expectError(.damaged, naming: ["m/data/0"]) { _ = try view(sizes: [1], strides: [1], type: "LongStorage") }
        let twice = Pickle.tuple([
            Pickle.torchTensor("FloatStorage", key: "0", count: 6, sizes: [1], strides: [1]),
            Pickle.torchTensor("IntStorage", key: "0", count: 6, sizes: [1], strides: [1]),
        ])
        expectError(.damaged, naming: ["two types"]) { _ = try archive(twice) }
        expectError(.refused, naming: ["'torch.ComplexFloatStorage'"]) {
            _ = try view(sizes: [1], strides: [1], type: "ComplexFloatStorage")
        }
    }

    @Test func sharedStoragesAreReadOnce() throws {
        let two = try archive(
            Pickle.tuple([
                Pickle.torchTensor("FloatStorage", key: "0", count: 6, sizes: [6], strides: [1]),
                Pickle.torchTensor("FloatStorage", key: "0", count: 6, offset: 2, sizes: [2], strides: [1]),
            ]))
        var (a, b) = (try #require(two.root.items?[0].tensor), try #require(two.root.items?[1].tensor))
        #expect(a.storage === b.storage)
        // writing one leaves the other
        a.withMutableSpan(of: Float.self) { $0[2] = 9 }
        #expect(b.elements(of: Float.self) == [2, 3])
        b.withMutableSpan(of: Float.self) { $0[0] = 8 }
        #expect(a.elements(of: Float.self) == [0, 1, 9, 3, 4, 5])
    }

    @Test func parametersAndNestedStatesAreReached() throws {
        let tensor = Pickle.torchTensor("FloatStorage", key: "0", count: 6, sizes: [6], strides: [1])
        let parameter = Pickle.call(
            Pickle.global("torch._utils", "_rebuild_parameter"),
            [tensor, [0x88], Pickle.call(Pickle.global("collections", "OrderedDict"), [])])
        let state = try archive(
            Pickle.dictionary([
                (Pickle.text("model"), Pickle.dictionary([(Pickle.text("w"), parameter)])),
                (Pickle.text("step"), Pickle.integer(3)),
            ]))
        let weights = try state.stateDict("model")
        #expect(weights.map(\.name) == ["w"] && weights[0].tensor.elements(of: Float.self) == [0, 1, 2, 3, 4, 5])
        #expect(state.root["step"]?.integer == 3)
    }

    @Test func otherArchivesAreDeclined() throws {
        expectError(.unsupported, naming: ["'m/byteorder'", "big"]) {
            _ = try archive(Pickle.none, extra: [("m/byteorder", Array("big".utf8))])
        }
        expectError(.wrongFormat, naming: ["'n/x'", "outside"]) { _ = try archive(Pickle.none, extra: [("n/x", [])]) }
        expectError(.wrongFormat, naming: ["2 members"]) {
            _ = try archive(Pickle.none, extra: [("n/data.pkl", Pickle.file(Pickle.none))])
        }
        expectError(.wrongFormat, naming: ["0 members"]) {
            _ = try TorchArchive(bytes: SampleFiles.zip([("x.npy", [])]), name: "sample")
        }
        expectError(.unsupported, naming: ["old PyTorch format", "1.6"]) {
            let tar = [UInt8](repeating: 0, count: 257) + Array("ustar".utf8) + [UInt8](repeating: 0, count: 250)
            _ = try TorchArchive(bytes: tar, name: "sample")
        }
        expectError(.damaged, naming: ["'m/data/2'", "boolean", "byte 1"]) {
            let pickle = Pickle.torchTensor("BoolStorage", key: "2", count: 2, sizes: [2], strides: [1])
            _ = try archive(pickle, extra: [("m/data/2", [0, 2])])
        }
    }

    @Test func codeInAnArchiveIsRefusedByNameMemberAndOffset() throws {
        expectError(.refused, naming: ["sample, 'm/data.pkl', byte 2", "'posix.system'"]) {
            _ = try archive(Pickle.call(Pickle.global("posix", "system"), [Pickle.text("true")]))
        }
    }
}
