import FileSupport
public import Foundation
public import TensorCore

/// What a frozen tower makes of a data set's images, computed once and kept on disk in half precision.
///
/// A file is named by everything its content depends on: the cameras' part of the pipeline, the tower's weights and the
/// data. Another crop, other weights or other data make another name; nothing old is ever read.
public struct FeatureCache: Sendable {
    public let folder: URL

    public init(at folder: URL) { self.folder = folder }

    /// The name of a file.
    public static func key(
        pipeline: ObservationPipeline, weights: [String: Tensor], dataHash: String, count: Int
    ) throws -> String {
        let encoder = JSONEncoder.sorted()
        let cameras = SHA256.hexadecimal(Array(try encoder.encode(pipeline.cameras)))
        let tensors = weights.map { (name: $0, tensor: $1) }.sorted { $0.name < $1.name }
        let tower = SHA256.hexadecimal(Safetensors.data(tensors))
        return SHA256.hexadecimal(Array("features 1\n\(cameras)\n\(tower)\n\(dataHash)\n\(count)".utf8))
    }

    /// The features of `count` examples, `float16` `[count, cameras, N, D]`, on the pages of a file: the one that is there,
    /// or one that is written while they are computed.
    ///
    /// - Parameters:
    ///   - key: From ``key(pipeline:weights:dataHash:count:)``.
    ///   - count: Number of examples.
    ///   - batchSize: Examples computed at a time.
    ///   - compute: Features of a range of the examples, `float32` `[range.count, cameras, N, D]`.
    /// - Throws: What reading or writing the folder throws.
    public func features(
        _ key: String, count: Int, batchSize: Int = 16, compute: (Range<Int>) throws -> Tensor
    ) throws -> Tensor {
        precondition(count > 0 && batchSize > 0, "FeatureCache: \(count) examples, \(batchSize) at a time")
        let file = folder.appendingPathComponent("\(key).safetensors")
        if FileManager.default.fileExists(atPath: file.path) {
            let stored = try SafetensorsFile(at: file).tensor("features")
            if stored.shape.first == count, stored.dtype == .float16 { return stored }
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try AtomicFile.write(to: file) { sink in
            for start in stride(from: 0, to: count, by: batchSize) {
                let part = try compute(start..<min(start + batchSize, count)).converted(to: .float16)
                if start == 0 {
                    try Self.header([count] + part.shape.sizes.dropFirst()).withUnsafeBytes { try sink($0) }
                }
                try part.elements(of: Float16Bits.self).withUnsafeBytes { try sink($0) }
            }
        }
        return try SafetensorsFile(at: file).tensor("features")
    }

    /// Of a safetensors file with the one tensor, its length a multiple of 8.
    private static func header(_ shape: [Int]) -> [UInt8] {
        let byteCount = shape.reduce(2, *)
        var json = #"{"features":{"dtype":"F16","shape":\#(shape),"data_offsets":[0,\#(byteCount)]}}"#
        json += String(repeating: " ", count: (8 - json.utf8.count % 8) % 8)
        return withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { Array($0) } + Array(json.utf8)
    }
}

extension Tensor {
    /// Rows of a `float16` tensor as `float32`.
    func halfRows(_ indices: [Int]) -> Tensor {
        let width = elementCount / max(shape[0], 1)
        var rows: [Float16Bits] = []
        rows.reserveCapacity(indices.count * width)
        withSpan(of: Float16Bits.self) { span in
            for index in indices { for i in index * width..<(index + 1) * width { rows.append(span[i]) } }
        }
        return Tensor(scalars: rows, Shape([indices.count] + shape.sizes.dropFirst())).converted(to: .float32)
    }
}
