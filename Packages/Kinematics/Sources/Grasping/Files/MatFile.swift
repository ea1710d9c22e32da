public import FileSupport
public import Foundation
public import TensorCore

/// Numeric arrays of a MATLAB file, version 5, little-endian, compressed or not.
///
/// Source: The MathWorks, "MAT-File Format". **Not supported:** versions 4 and 7.3, cells, structures, text, sparse and
/// complex arrays; elements of such classes are refused by name.
public struct MatFile: Sendable {
    /// By variable name, row-major, in the file's types; column-major memory is turned round.
    public let arrays: [String: Tensor]
    private let file: String

    /// Reads a file.
    ///
    /// - Throws: `SerializationError` with the byte.
    public init(at url: URL, limits: FileLimits = .default) throws {
        let file = try MappedFile(at: url)
        self = try file.withBytes { try MatFile($0, name: url.path, limits: limits) }
    }

    /// Reads bytes in memory; errors call them `name`.
    public init(bytes: [UInt8], name: String, limits: FileLimits = .default) throws {
        self = try bytes.withUnsafeBytes { try MatFile($0, name: name, limits: limits) }
    }

    /// An array's numbers as `Double`, row-major, with its shape.
    ///
    /// - Throws: `SerializationError` for a name that is not there.
    public func numbers(_ name: String) throws -> (values: [Double], shape: Shape) {
        guard let array = arrays[name] else {
            throw SerializationError(
                .notFound, file: file, "no variable '\(name)'", advice: "There are \(arrays.keys.sorted()).")
        }
        return (array.converted(to: .float64).elements(of: Double.self), array.shape)
    }

    private init(_ bytes: UnsafeRawBufferPointer, name: String, limits: FileLimits) throws {
        file = name
        guard bytes.count >= 128, bytes.starts(with: Array("MATLAB 5.0".utf8)), bytes[126] == 0x49, bytes[127] == 0x4D
        else {
            throw SerializationError(
                .wrongFormat, file: name, offset: 0, "not a little-endian MATLAB file of version 5",
                advice: "Save it with '-v7' or scipy.io.savemat.")
        }
        var arrays: [String: Tensor] = [:]
        var reader = MatReader(bytes: bytes, file: name, position: 128)
        while reader.position < bytes.count {
            guard arrays.count < limits.memberCount else {
                throw reader.error(.limitExceeded, "more than \(limits.memberCount) variables")
            }
            let element = try reader.element()
            if element.type == 15 {
                let ratio = min(limits.expansionRatio, 1032)
                let most = min(limits.expandedByteCount, element.bytes.count * ratio)
                guard let expanded = Zlib.decompress(element.bytes, maximumByteCount: most) else {
                    throw reader.error(.damaged, "a compressed element cannot be expanded")
                }
                try expanded.withUnsafeBytes { bytes in
                    var inner = MatReader(bytes: bytes, file: name, position: 0)
                    let (variable, array) = try inner.matrix()
                    arrays[variable] = array
                }
            } else if element.type == 14 {
                var inner = MatReader(bytes: element.bytes, file: name, position: 0)
                let (variable, array) = try inner.array()
                arrays[variable] = array
            } else {
                throw reader.error(.unsupported, "an element of type \(element.type) outside of an array")
            }
        }
        self.arrays = arrays
    }
}

/// Walks over the elements of a MATLAB file.
private struct MatReader {
    let bytes: UnsafeRawBufferPointer
    let file: String
    var position: Int

    func error(_ kind: SerializationError.Kind, _ found: String) -> SerializationError {
        SerializationError(kind, file: file, offset: position, found)
    }

    private func word(at offset: Int) throws -> UInt32 {
        guard offset >= 0, bytes.count - offset >= 4 else { throw error(.truncated, "the file ends within a tag") }
        return UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The next element: its type and content; skips to the next multiple of 8.
    mutating func element() throws -> (type: Int, bytes: UnsafeRawBufferPointer) {
        let first = try word(at: position)
        var (type, size, start) = (Int(first & 0xffff), Int(first >> 16), position + 4)
        if size == 0 {
            type = Int(first)
            size = Int(try word(at: position + 4))
            start = position + 8
        } else if size > 4 {
            throw error(.damaged, "a small element of \(size) bytes")
        }
        guard size <= bytes.count - start else {
            throw error(.truncated, "an element of \(size) bytes, \(bytes.count - start) are left")
        }
        let content = UnsafeRawBufferPointer(rebasing: bytes[start..<start + size])
        // compressed elements are not padded
        let end = start == position + 4 ? position + 8 : type == 15 ? start + size : (start + size + 7) / 8 * 8
        position = min(end, bytes.count)
        return (type, content)
    }

    /// An array with its tag.
    mutating func matrix() throws -> (String, Tensor) {
        let element = try element()
        guard element.type == 14 else { throw error(.unsupported, "an element of type \(element.type)") }
        var inner = MatReader(bytes: element.bytes, file: file, position: 0)
        return try inner.array()
    }

    /// The content of an array: flags, sizes, name, numbers.
    mutating func array() throws -> (String, Tensor) {
        let flags = try element()
        guard flags.type == 6, flags.bytes.count == 8 else { throw error(.damaged, "no array flags") }
        let word = UInt32(littleEndian: flags.bytes.loadUnaligned(as: UInt32.self))
        let (kind, isComplex) = (Int(word & 0xff), word & 0x0800 != 0)
        guard (6...15).contains(kind), !isComplex else {
            throw error(
                .unsupported, "an array of class \(kind)\(isComplex ? ", complex" : ""): only real numbers are read")
        }
        let sizes = try element()
        guard sizes.type == 5, sizes.bytes.count % 4 == 0, (2...8).contains(sizes.bytes.count / 4) else {
            throw error(.damaged, "no sizes of an array")
        }
        let shape = (0..<sizes.bytes.count / 4).map {
            Int(Int32(littleEndian: sizes.bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)))
        }
        let name = String(decoding: try element().bytes.prefix(64), as: UTF8.self)
        let data = try element()
        guard let width = [1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8][data.type] else {
            throw error(.unsupported, "numbers of type \(data.type) in '\(name)'")
        }
        var count = 1
        for size in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflow else { throw error(.damaged, "'\(name)' has the sizes \(shape)") }
            count = product
        }
        guard data.bytes.count == count * width || (count == 0 && data.bytes.isEmpty), count <= data.bytes.count else {
            throw error(.damaged, "'\(name)' of \(shape) has \(data.bytes.count) bytes of numbers")
        }
        return (name, tensor(data.bytes, type: data.type, shape: shape))
    }

    /// Numbers in column-major order as a row-major tensor of `float32`, `float64` or `int64`.
    private func tensor(_ data: UnsafeRawBufferPointer, type: Int, shape: [Int]) -> Tensor {
        func load<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) -> [T] {
            (0..<data.count / MemoryLayout<T>.size).map {
                T(littleEndian: data.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self))
            }
        }
        let turned = Shape(shape.reversed())
        func build<S: TensorScalar>(_ values: [S]) -> Tensor {
            Tensor(scalars: values, turned).permuted(Array(shape.indices.reversed())).contiguous
        }
        switch type {
        case 1: return build(load(Int8.self).map(Int64.init))
        case 2: return build(load(UInt8.self).map(Int64.init))
        case 3: return build(load(Int16.self).map(Int64.init))
        case 4: return build(load(UInt16.self).map(Int64.init))
        case 5: return build(load(Int32.self).map(Int64.init))
        case 6: return build(load(UInt32.self).map(Int64.init))
        case 7: return build(load(UInt32.self).map { Float(bitPattern: $0) })
        case 9: return build(load(UInt64.self).map { Double(bitPattern: $0) })
        case 12: return build(load(Int64.self))
        default: return build(load(UInt64.self).map { Int64(truncatingIfNeeded: $0) })
        }
    }
}

extension MatFile {
    /// The bytes of a file with arrays of `float64`, `float32` or integers, compressed; for tests and exchange.
    public static func data(_ arrays: [(name: String, tensor: Tensor)]) -> [UInt8] {
        func little(_ word: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) } }
        func padded(_ type: UInt32, _ content: [UInt8]) -> [UInt8] {
            let rest = (8 - content.count % 8) % 8
            return little(type) + little(UInt32(content.count)) + content + [UInt8](repeating: 0, count: rest)
        }
        var text = Array("MATLAB 5.0 MAT-file, written by vla".utf8)
        text += [UInt8](repeating: 0x20, count: 124 - text.count)
        var bytes = text + [0x00, 0x01, 0x49, 0x4D]
        for (name, tensor) in arrays {
            precondition(tensor.rank >= 2, "MatFile: '\(name)' is \(tensor.shape); a file has two axes or more")
            let columns = tensor.permuted(Array((0..<tensor.rank).reversed())).contiguous
            let (kind, type, content): (UInt32, UInt32, [UInt8])
            if tensor.dtype == .float32 {
                (kind, type) = (7, 7)
                content = columns.elements().flatMap { little($0.bitPattern) }
            } else {
                (kind, type) = (6, 9)
                content = columns.converted(to: .float64).elements(of: Double.self).flatMap { value -> [UInt8] in
                    let bits = value.bitPattern
                    return little(UInt32(truncatingIfNeeded: bits)) + little(UInt32(truncatingIfNeeded: bits >> 32))
                }
            }
            let sizes = tensor.shape.flatMap { little(UInt32($0)) }
            let inside =
                padded(6, little(kind) + little(0)) + padded(5, sizes) + padded(1, Array(name.utf8))
                + padded(type, content)
            let packed = padded(14, inside).withUnsafeBytes { Zlib.compress($0) }
            bytes += little(15) + little(UInt32(packed.count)) + packed
        }
        return bytes
    }
}
