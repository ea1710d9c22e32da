import NIOCore

/// Answers LeRobot's released clients, which speak gRPC and send Python pickles: every call ends with UNIMPLEMENTED and the
/// names of the protocols that are served. Nothing that they send is read beyond the frames' headers, nor kept.
///
/// Source: RFC 9113 for the frames, RFC 7541 for the headers written here.
///
/// `@unchecked Sendable`: used on its channel's event loop only.
final class GRPCRefusal: @unchecked Sendable {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    private var isRefusing = false
    private var prefaceCount = 0
    /// The 9 bytes of a frame's header, as far as they have come, and what is left of its payload.
    private var header: [UInt8] = []
    private var payloadCount = 0
    private var ping: [UInt8] = []

    /// For ``InboundMonitor/takesOver``.
    func takesOver(_ context: ChannelHandlerContext, _ buffer: ByteBuffer) -> Bool {
        var bytes = buffer.readableBytesView[...]
        if !isRefusing {
            guard bytes.starts(with: Self.preface.prefix(16).prefix(bytes.count)), bytes.count >= 3 else {
                return false
            }
            isRefusing = true
            write([Self.frame(type: 4, flags: 0, stream: 0, [])], context)
            context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(2)) { context.close(promise: nil) }
        }
        while let byte = bytes.popFirst() {
            if prefaceCount < Self.preface.count {
                guard byte == Self.preface[prefaceCount] else {
                    context.close(promise: nil)
                    return true
                }
                prefaceCount += 1
            } else if payloadCount > 0 {
                payloadCount -= 1
                if header[3] == 6, ping.count < 8 { ping.append(byte) }
                if payloadCount == 0 { finishFrame(context) }
            } else {
                header.append(byte)
                if header.count == 9 {
                    payloadCount = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
                    if payloadCount == 0 { finishFrame(context) }
                }
            }
        }
        return true
    }

    private func finishFrame(_ context: ChannelHandlerContext) {
        let (type, flags) = (header[3], header[4])
        let stream = header[5..<9].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        header = []
        switch type {
        case 1: write([Self.frame(type: 1, flags: 0x05, stream: stream, Self.refusal)], context)
        case 4 where flags & 1 == 0: write([Self.frame(type: 4, flags: 1, stream: 0, [])], context)
        case 6 where flags & 1 == 0: write([Self.frame(type: 6, flags: 1, stream: 0, ping)], context)
        default: break
        }
        ping = []
    }

    private func write(_ frames: [[UInt8]], _ context: ChannelHandlerContext) {
        context.writeAndFlush(NIOAny(ByteBuffer(bytes: frames.joined())), promise: nil)
    }

    private static func frame(type: UInt8, flags: UInt8, stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
        let count = payload.count
        return [UInt8(count >> 16 & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF), type, flags]
            + withUnsafeBytes(of: stream.bigEndian) { Array($0) } + payload
    }

    /// Status 200 by the static table, then literals that are not indexed.
    private static let refusal: [UInt8] = {
        let names = ServingProtocol.allCases.map(\.rawValue).joined(separator: ", ")
        let message =
            "LeRobot's gRPC protocol carries Python pickles and is not served. Served are: \(names). "
            + "See Docs/Serving.md of vla."
        func literal(_ name: String, _ value: String) -> [UInt8] {
            // lengths up to 126 fit into one byte
            func text(_ text: String) -> [UInt8] {
                let bytes = Array(text.utf8)
                guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
                var (rest, length) = (bytes.count - 127, [UInt8(127)])
                while rest >= 128 {
                    length.append(UInt8(rest & 0x7F) | 0x80)
                    rest >>= 7
                }
                return length + [UInt8(rest)] + bytes
            }
            return [0] + text(name) + text(value)
        }
        return [0x88] + literal("content-type", "application/grpc") + literal("grpc-status", "12")
            + literal("grpc-message", message)
    }()
}
