import FileSupport
import PeerPolicies
import PolicyServing

/// As JSON `{"expert": {}}`, `{"checkpoint": folder}`, `{"server": {…}}` or `{"peer": {"folder": folder, "options": {…}}}`. What was written
/// before December 2026 has `_0` and `_1` in place of the names, and is read too.
extension AgentSetting: Codable {
    private enum Kind: String, CodingKey {
        case expert, random, untrained, checkpoint, peer, server
    }

    private struct Peer: Codable {
        var folder: String
        var options: PeerPolicyOptions
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Kind.self)
        switch try container.onlyCase("an agent is one of expert, random, untrained, checkpoint, peer and server") {
        case .expert: self = .expert
        case .random: self = .random
        case .untrained: self = .untrained(try container.decodeCaseValue(forKey: .untrained))
        case .checkpoint: self = .checkpoint(try container.decodeCaseValue(forKey: .checkpoint))
        case .server: self = .server(try container.decodeCaseValue(RemotePolicyConfiguration.self, forKey: .server))
        case .peer:
            if let (folder, options) = try container.decodeOlderPair(
                String.self, PeerPolicyOptions.self, forKey: .peer)
            {
                self = .peer(folder, options)
            } else {
                let peer = try container.decode(Peer.self, forKey: .peer)
                self = .peer(peer.folder, peer.options)
            }
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Kind.self)
        switch self {
        case .expert: try container.encodeCase(.expert)
        case .random: try container.encodeCase(.random)
        case .untrained(let folder): try container.encode(folder, forKey: .untrained)
        case .checkpoint(let folder): try container.encode(folder, forKey: .checkpoint)
        case .server(let configuration): try container.encode(configuration, forKey: .server)
        case .peer(let folder, let options): try container.encode(Peer(folder: folder, options: options), forKey: .peer)
        }
    }
}
