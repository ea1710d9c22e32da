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
    var results: [[String]] = []
    // the pieces in which bytes arrive change nothing
    for pieceSize in [max(1, count), 3] {
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: limit)))
        var assembler = WebSocketMessageAssembler(expectsMask: true, limit: limit)
        var events: [String] = []
        feed: for start in stride(from: 0, to: count, by: pieceSize) {
            do {
                try channel.writeInbound(ByteBuffer(bytes: bytes[start..<min(start + pieceSize, count)]))
            } catch {
                events.append("refused")
            }
            while let frame = try? channel.readInbound(as: WebSocketFrame.self) {
                do {
                    if let event = try assembler.receive(frame) { events.append("\(event)") }
                } catch {
                    events.append("\(error)")
                    break feed
                }
            }
            if events.last == "refused" { break }
        }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        results.append(events)
    }
    return 0
}
