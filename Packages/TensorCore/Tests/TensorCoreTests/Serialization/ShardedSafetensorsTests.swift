import FileSupport
import Foundation
import TensorCore
import Testing

@Suite struct ShardedSafetensorsTests {
    static let tensors: [(name: String, tensor: Tensor)] = (0..<5).map { number in
        ("layer.\(number)", Tensor([Float](repeating: Float(number), count: 4)))
    }

    @Test(arguments: [1, 16, 32, 40, 80])
    func shardsComeBackBitForBit(maximum: Int) throws {
        try SampleFiles.withFolder { folder in
            try ShardedSafetensors.write(
                Self.tensors, maximumShardByteCount: maximum, metadata: ["format": "pt"], to: folder)
            let sharded = try ShardedSafetensors(at: folder)
            #expect(sharded.shards.count == [1: 5, 16: 5, 32: 3, 40: 3, 80: 1][maximum])
            #expect(sharded.names == Self.tensors.map(\.name))
            for (name, tensor) in Self.tensors { expectIdentical(try sharded.tensor(name), tensor, name) }
            #expect(try sharded.info("layer.1").shape == [4])
            #expect(sharded.shards.values.allSatisfy { $0.metadata == ["format": "pt"] })
        }
    }

    @Test func oneShardReplacesAnOlderIndex() throws {
        try SampleFiles.withFolder { folder in
            try ShardedSafetensors.write(Self.tensors, maximumShardByteCount: 16, to: folder)
            try ShardedSafetensors.write([("x", Tensor([1]))], maximumShardByteCount: 16, to: folder)
            #expect(try ShardedSafetensors(at: folder).names == ["x"])
        }
    }

    static let indices: [(String, SerializationError.Kind, String)] = [
        (#"{"weight_map":{"a":"../a.safetensors"}}"#, .refused, "../a.safetensors"),
        (#"{"weight_map":{"a":"/etc/passwd"}}"#, .refused, "/etc/passwd"),
        (#"{"weight_map":{"a":".."}}"#, .refused, ".."),
        (#"{"weight_map":{"a":""}}"#, .refused, "plain"),
        (#"{"weight_map":{"a":"absent.safetensors"}}"#, .notFound, "absent.safetensors"),
        (#"{"weight_map":{"a":"one.safetensors","b":"one.safetensors","c":"one.safetensors"}}"#, .damaged, "'c'"),
        (#"{"weight_map":{"a":"one.safetensors"}}"#, .damaged, "'b'"),
        (#"{"weight_map":{"a":"one.safetensors","a":"one.safetensors"}}"#, .damaged, "'a' occurs twice"),
        (#"{"weight_map":{"a":1}}"#, .damaged, "'a'"),
        (#"{"weights":{}}"#, .damaged, "weight_map"),
        ("", .damaged, "byte 0"),
    ]

    @Test(arguments: indices.indices)
    func indicesThatDoNotFitAreRefused(index: Int) throws {
        let (text, kind, word) = Self.indices[index]
        try SampleFiles.withFolder { folder in
            let url = folder.appendingPathComponent("model.safetensors.index.json")
            try Safetensors.write(
                [("a", Tensor([1])), ("b", Tensor([2]))], to: folder.appendingPathComponent("one.safetensors"))
            try Data(text.utf8).write(to: url)
            expectError(kind, naming: [word], file: url.path) { _ = try ShardedSafetensors(at: folder) }
        }
    }
}
