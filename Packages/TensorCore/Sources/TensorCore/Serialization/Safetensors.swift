import FileSupport
public import Foundation

/// Writes safetensors files, byte for byte as the reference implementation does: larger element types first, then by
/// name; the header padded with spaces to 8 bytes, so that every tensor is aligned. Metadata is sorted by key.
///
/// See ``SafetensorsFile`` for reading. Names must differ, and none may be `__metadata__`; tensors with row scales are
/// refused (write the scales as a tensor of their own). Both are programming errors and trap.
public enum Safetensors {
    /// Writes a file that appears complete or not at all.
    ///
    /// - Throws: ``SerializationError`` when the folder does not accept the file.
    public static func write(
        _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:], to url: URL
    ) throws {
        try AtomicFile.write(to: url) { sink in try emit(tensors, metadata, to: sink) }
    }

    /// The bytes of a file.
    public static func data(_ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:]) -> [UInt8] {
        AtomicFile.bytes { sink in try! emit(tensors, metadata, to: sink) }
    }

    private static func emit(
        _ tensors: [(name: String, tensor: Tensor)], _ metadata: [String: String], to sink: ByteSink
    ) throws {
        let sorted = tensors.sorted {
            ($0.tensor.dtype.safetensorsRank, $0.name) < ($1.tensor.dtype.safetensorsRank, $1.name)
        }
        preconditionDistinct(tensors.map(\.name))

        // metadata, then the entries with running offsets
        var entries: [String] = []
        if !metadata.isEmpty {
            let texts = metadata.sorted { $0.key < $1.key }.map { "\($0.quotedForJSON):\($1.quotedForJSON)" }
            entries.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
        }
        var end = 0
        for (name, tensor) in sorted {
            precondition(name != "__metadata__", "safetensors: '__metadata__' is not a tensor's name")
            let begin = end
            end += tensor.elementCount * tensor.dtype.byteSize
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            entries.append(
                name.quotedForJSON
                    + ":{\"dtype\":\"\(tensor.dtype.safetensorsName)\",\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(end)]}"
            )
        }
        var header = Array("{\(entries.joined(separator: ","))}".utf8)
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }

        // length, header, elements
        try withUnsafeBytes(of: UInt64(header.count).littleEndian, sink)
        try header.withUnsafeBytes(sink)
        for (_, tensor) in sorted { try tensor.withRowMajorBytes(sink) }
    }
}

extension DType {
    /// Place of the type in the order of writing.
    fileprivate var safetensorsRank: Int {
        switch self {
        case .int64: 0
        case .float64: 1
        case .float32: 2
        case .int32: 3
        case .bfloat16: 4
        case .float16: 5
        case .int16: 6
        case .int8: 7
        case .uint8: 8
        case .bool: 9
        }
    }
}
