import Foundation
import PeerPolicies

/// Agents that need no folder of their own.
public enum NamedAgent: String, CaseIterable, Sendable {
    /// The scripted expert.
    case expert
    /// An untrained network of the kind of a checkpoint that is evaluated.
    case untrained
    /// Random motions.
    case random

    /// - Parameter folders: Of the policies evaluated beside it. Only networks of this project can be drawn anew; where
    ///   there is none, the untrained agent moves at random.
    public func setting(beside folders: [String]) -> AgentSetting {
        switch self {
        case .expert: .expert
        case .random: .random
        case .untrained:
            folders.first { !PeerPolicy.isPeerFolder(URL(fileURLWithPath: $0)) }.map { .untrained($0) } ?? .random
        }
    }
}
