import NIOCore
import NIOEmbedded
import NIOWebSocket

@testable import PolicyServing

/// NIO's frame decoder fed with pieces of bytes.
enum FrameReader {
    static func frames(of bytes: [UInt8], pieceSize: Int) throws -> [WebSocketFrame] {
        let channel = EmbeddedChannel(
            handler: ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: ServingLimits.standard.messageSize)))
        var frames: [WebSocketFrame] = []
        var position = 0
        while position < bytes.count {
            let end = min(position + pieceSize, bytes.count)
            try channel.writeInbound(ByteBuffer(bytes: bytes[position..<end]))
            while let frame = try channel.readInbound(as: WebSocketFrame.self) { frames.append(frame) }
            position = end
        }
        return frames
    }
}
