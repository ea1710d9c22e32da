import Foundation
import TensorCore
import Testing

@Suite struct TensorArchiveTests {
    @Test func formatsAreToldByContent() throws {
        let x = Tensor([Float(0), 1, 2, 3, 4, 5])
        let torch = try SampleFiles.zip([
            (
                "m/data.pkl",
                Pickle.file(
                    Pickle.dictionary([
                        (
                            Pickle.text("x"),
                            Pickle.torchTensor("FloatStorage", key: "0", count: 6, sizes: [6], strides: [1])
                        )
                    ]))
            ),
            ("m/data/0", x.rowMajorBytes),
        ])
        for (format, bytes) in [
            (TensorArchive.Format.safetensors, Safetensors.data([("x", x)])), (.npy, try NumPyArray.data(x)),
            (.npz, try NumPyArchive.data([("x", x)])), (.torch, torch),
        ] {
            let archive = try TensorArchive.open(bytes: bytes, name: "x")
            #expect(archive.format == format && archive.names == ["x"])
            expectIdentical(try archive.tensor("x"), x, "\(format)")
            expectError(.notFound, naming: ["'y'"], file: "x") { _ = try archive.tensor("y") }
        }
        try SampleFiles.withFolder { folder in
            try ShardedSafetensors.write([("x", x), ("y", x)], maximumShardByteCount: 24, to: folder)
            let archive = try TensorArchive.open(folder)
            #expect(archive.format == .shardedSafetensors && archive.names == ["x", "y"])
            expectIdentical(try archive.tensor("y"), x)
        }
    }

    @Test func otherContentIsRefused() {
        for text in ["", "{}", "GGUF....", "not a weight file at all"] {
            expectError(.wrongFormat) { _ = try TensorArchive.open(bytes: Array(text.utf8), name: "sample") }
        }
    }
}
