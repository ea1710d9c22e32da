import Foundation
import TensorCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A TCP connection on loopback that sends whatever bytes a test wants.
final class RawConnection {
    private let descriptor: Int32
    private(set) var received: [UInt8] = []

    init(port: Int) throws {
        #if canImport(Glibc)
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw POSIXError(.ECONNREFUSED) }
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// `false` when the peer is gone or takes nothing for too long.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                #if canImport(Glibc)
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                #else
                    Darwin.send(descriptor, $0.baseAddress, $0.count, 0)
                #endif
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Reads until so many bytes are there; `false` at the end of the stream.
    func fill(_ count: Int) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while received.count < count {
            let read = recv(descriptor, &buffer, buffer.count, 0)
            guard read > 0 else { return false }
            received += buffer[..<read]
        }
        return true
    }

    /// So many bytes; `nil` at the end of the stream.
    func take(_ count: Int) -> [UInt8]? {
        guard fill(count) else { return nil }
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    /// Everything up to the end of the stream.
    func rest() -> [UInt8] {
        _ = fill(.max)
        defer { received = [] }
        return received
    }

    /// An HTTP head, without its blank line.
    func head() -> String? {
        let end = Array("\r\n\r\n".utf8)
        var count = 4
        while fill(count) {
            if received[(count - 4)..<count].elementsEqual(end) {
                defer { received.removeFirst(count) }
                return String(decoding: received[..<(count - 4)], as: UTF8.self)
            }
            count += 1
        }
        return nil
    }

    /// Upgrades to a WebSocket; the answer's head.
    func upgrade(headers: [String] = []) -> String? {
        let lines =
            [
                "GET / HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
            ] + headers
        send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        return head()
    }

    struct Frame: Equatable {
        var opcode: UInt8
        var payload: [UInt8]
        var isFinal = true

        var closeCode: Int? { opcode == 8 && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil }
        var text: String { String(decoding: payload, as: UTF8.self) }
    }

    /// The next frame of a server; `nil` at the end.
    func frame() -> Frame? {
        guard fill(2) else { return nil }
        var length = Int(received[1] & 0x7F)
        var start = 2
        if length == 126 {
            guard fill(4) else { return nil }
            (length, start) = (Int(received[2]) << 8 | Int(received[3]), 4)
        } else if length == 127 {
            guard fill(10) else { return nil }
            (length, start) = (received[2..<10].reduce(0) { $0 << 8 | Int($1) }, 10)
        }
        guard fill(start + length) else { return nil }
        defer { received.removeFirst(start + length) }
        return Frame(
            opcode: received[0] & 0x0F, payload: Array(received[start..<start + length]),
            isFinal: received[0] & 0x80 != 0)
    }

    /// The next frame that is no ping.
    func message() -> Frame? {
        while let frame = frame() {
            if frame.opcode == 9 { sendFrame(10, frame.payload) } else { return frame }
        }
        return nil
    }

    /// Sends a masked frame.
    @discardableResult
    func sendFrame(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true) -> Bool {
        send(Self.frameBytes(opcode, payload, isFinal: isFinal))
    }

    static func frameBytes(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = [opcode | (isFinal ? 0x80 : 0)]
        switch payload.count {
        case ..<126: bytes.append(0x80 | UInt8(payload.count))
        case ..<65_536: bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            bytes.append(0x80 | 127)
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(payload.count >> shift & 0xFF)) }
        }
        let mask: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        bytes += mask
        bytes.reserveCapacity(bytes.count + payload.count)
        for (index, byte) in payload.enumerated() { bytes.append(byte ^ mask[index & 3]) }
        return bytes
    }
}
