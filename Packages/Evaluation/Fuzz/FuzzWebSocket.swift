// Fuzzes WebSocket frames: NIO's decoder with what is checked behind it.
// modules: NIOEmbedded PolicyServing
// fixtures: golden/serving/malformed/websocket-*.bin
import Foundation
import NIOCore
import NIOEmbedded
import NIOWebSocket
import PolicyServing

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds {
        [
            ("text", [0x81, 0x82, 1, 2, 3, 4, 0x69, 0x6B]), ("close", [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8]),
            ("fragments", [0x02, 0x81, 0, 0, 0, 0, 1, 0x80, 0x81, 0, 0, 0, 0, 2]),
        ]
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFrames(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    let limit = 1 << 16
    // the pieces in which bytes arrive change nothing
    precondition(
        events(of: bytes, pieceSize: max(1, count), limit: limit) == events(of: bytes, pieceSize: 3, limit: limit))
    return 0
}

/// What the frames complete, and the violation that ends them.
private func events(of bytes: [UInt8], pieceSize: Int, limit: Int) -> [String] {
    let channel = EmbeddedChannel(handler: ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: limit)))
    defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
    var assembler = WebSocketMessageAssembler(expectsMask: true, limit: limit)
    var events: [String] = []
    for start in stride(from: 0, to: bytes.count, by: pieceSize) {
        var refusal: String?
        do {
            try channel.writeInbound(ByteBuffer(bytes: bytes[start..<min(start + pieceSize, bytes.count)]))
        } catch {
            refusal = "\(error)"
        }
        while let frame = try? channel.readInbound(as: WebSocketFrame.self) {
            do {
                if let event = try assembler.receive(frame) { events.append("\(event)") }
            } catch {
                return events + ["\(error)"]
            }
        }
        if let refusal { return events + [refusal] }
    }
    return events
}
