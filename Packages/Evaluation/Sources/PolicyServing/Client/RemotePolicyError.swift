import Foundation

/// A policy server that does not answer as it should.
public struct RemotePolicyError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable, Hashable {
        /// Nothing listens at the address.
        case unreachable
        /// The server does not accept the connection: a key, a protocol, too many clients.
        case refused
        case disconnected
        case timedOut
        /// A message that is none of the protocol.
        case malformed
        /// The server's policy needs or gives something else than the world.
        case incompatible
        /// The server says that its policy failed.
        case failed
    }

    public let kind: Kind
    public let reason: String

    public init(_ kind: Kind, _ reason: String) { (self.kind, self.reason) = (kind, reason) }

    public var description: String {
        let advice =
            switch kind {
            case .unreachable: " Start the server, or check host and port."
            case .refused: " Check the path, the key (--server-token) and that the server speaks this protocol."
            case .disconnected, .timedOut, .failed: " The server's own log says more."
            case .malformed: " Check that the server speaks this protocol (--protocol)."
            case .incompatible: ""
            }
        return "The policy server: \(reason)\(reason.hasSuffix(".") ? "" : ".")\(advice)"
    }

    /// The same error with what the server said, on one line.
    func adding(_ text: String) -> RemotePolicyError {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return text.isEmpty ? self : RemotePolicyError(kind, "\(reason): \(quoted(text))")
    }

    init(_ error: WireError) { self.init(.malformed, "an answer cannot be read: \(error)") }
}

/// Where a server listens: `ws://HOST:PORT/PATH`.
public struct ServerAddress: Hashable, Codable, Sendable, CustomStringConvertible {
    public var host: String
    public var port: Int
    public var path: String

    /// Reads a URL of the scheme `ws`; `nil` for anything else. The port is 8000 if absent, the scheme may be left out.
    public init?(_ text: String) {
        let url = text.contains("://") ? text : "ws://" + text
        guard let parts = URLComponents(string: url), parts.scheme?.lowercased() == "ws", let host = parts.host,
            !host.isEmpty, parts.user == nil, parts.fragment == nil
        else { return nil }
        let port = parts.port ?? 8000
        guard 1...65_535 ~= port else { return nil }
        // an IPv6 address stands in brackets
        self.host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        self.port = port
        path =
            (parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath)
            + (parts.percentEncodedQuery.map { "?\($0)" } ?? "")
    }

    /// Host and port.
    public var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    public var description: String { "ws://\(authority)\(path == "/" ? "" : path)" }
}
