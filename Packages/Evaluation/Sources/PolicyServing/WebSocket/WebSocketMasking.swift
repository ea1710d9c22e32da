import NIOCore
import NIOWebSocket

extension WebSocketFrame {
    /// The payload without its mask, in one pass of eight bytes a step.
    func payload() -> [UInt8] {
        guard let maskKey else { return Array(buffer: data) }
        return data.withUnsafeReadableBytes { source in
            [UInt8](unsafeUninitializedCapacity: source.count) { target, count in
                WebSocketMask(maskKey).apply(source, into: UnsafeMutableRawBufferPointer(target))
                count = source.count
            }
        }
    }
}

/// The four bytes with which a client hides its payload.
struct WebSocketMask {
    private let key: [UInt8]

    init(_ key: WebSocketMaskingKey) { self.key = Array(key) }

    /// Masks or unmasks; both buffers are of one size.
    func apply(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) {
        precondition(source.count == target.count, "WebSocketMask: \(source.count) bytes into \(target.count)")
        var word: UInt64 = 0
        withUnsafeMutableBytes(of: &word) { bytes in for index in 0..<8 { bytes[index] = key[index & 3] } }
        let wordCount = source.count / 8
        for index in 0..<wordCount {
            let value = source.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
            target.storeBytes(of: value ^ word, toByteOffset: 8 * index, as: UInt64.self)
        }
        for index in 8 * wordCount..<source.count { target[index] = source[index] ^ key[index & 3] }
    }
}
