import FileSupport
import TensorCore

/// SHA-256 of what was read.
enum ContentHash {
    /// Of numbers as little-endian doubles.
    static func hexadecimal(of columns: [[Double]]) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(columns.reduce(0) { $0 + $1.count * 8 })
        for column in columns { column.withUnsafeBytes { bytes += $0 } }
        return SHA256.hexadecimal(bytes)
    }

    static func hexadecimal(of bytes: [UInt8]) -> String { SHA256.hexadecimal(bytes) }
}
