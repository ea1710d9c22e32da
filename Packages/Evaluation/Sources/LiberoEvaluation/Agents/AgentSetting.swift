public import Evaluation
import FileSupport
import Foundation
public import LiberoSimulation
public import PeerPolicies
public import PolicyServing
public import RobotInterface
import VLAPolicy

/// Who acts, exactly enough to make the same agent in another process.
public enum AgentSetting: Hashable, Sendable {
    /// The scripted expert, without noise.
    case expert
    /// Random motions: what success costs without looking.
    case random
    /// A network of the kind of a checkpoint, by its folder, with untrained weights.
    case untrained(String)
    /// A trained policy, by its folder.
    case checkpoint(String)
    /// A policy of another project, by its folder, and what the folder does not say.
    case peer(String, PeerPolicyOptions)
    /// A policy behind a server.
    case server(RemotePolicyConfiguration)

    /// The policy of a folder, whoever published it.
    ///
    /// - Parameters:
    ///   - folder: A checkpoint of this program, or a folder of LeRobot or OpenVLA.
    ///   - options: What a foreign folder does not say; without effect for a checkpoint of this program.
    public static func folder(_ folder: String, options: PeerPolicyOptions = PeerPolicyOptions()) -> AgentSetting {
        PeerPolicy.isPeerFolder(URL(fileURLWithPath: folder)) ? .peer(folder, options) : .checkpoint(folder)
    }

    /// What the policy has to be given; `nil` for an agent that takes any world.
    public func requirements() throws -> PolicyRequirements? { try policy()?.requirements }

    /// The policy; `nil` for the expert.
    public func policy() throws -> (any Policy)? {
        switch self {
        case .expert: nil
        case .random: RandomPolicy()
        case .untrained(let folder):
            try PolicyCheckpoint(at: URL(fileURLWithPath: folder)).untrainedPolicy(seed: Self.untrainedSeed)
        case .checkpoint(let folder): try PolicyCheckpoint(at: URL(fileURLWithPath: folder)).policy()
        case .peer(let folder, let options):
            try PeerPolicy.load(URL(fileURLWithPath: folder), options: options)
        case .server(let configuration): try RemotePolicy(configuration)
        }
    }

    public func agent(rules: EvaluationRules) throws -> any Agent<LiberoEnvironment> {
        guard let policy = try policy() else { return ExpertAgent(isVaried: false) }
        return PolicyAgent<LiberoEnvironment>(policy, rules: rules)
    }

    /// Draws the weights of untrained networks.
    private static let untrainedSeed: UInt64 = 0

    /// Kind, name and hashes, as plans and results hold them.
    public func identity() throws -> AgentIdentity {
        switch self {
        case .expert: return AgentIdentity(kind: "expert", name: "expert")
        case .random: return AgentIdentity(kind: "random", name: "random")
        case .untrained(let folder):
            let checkpoint = try PolicyCheckpoint(at: URL(fileURLWithPath: folder))
            return AgentIdentity(
                kind: "untrained", name: "untrained",
                provenance: [
                    "family": checkpoint.family.rawValue, "likeCheckpoint": checkpoint.contentHash ?? "",
                    "weightSeed": "\(Self.untrainedSeed)",
                ])
        case .checkpoint(let folder):
            let url = URL(fileURLWithPath: folder).standardizedFileURL
            let checkpoint = try PolicyCheckpoint(at: url)
            let pipeline = try FileContent.data(at: url.appendingPathComponent("pipeline.json"))
            return AgentIdentity(
                kind: "checkpoint", name: url.lastPathComponent,
                provenance: [
                    "contentHash": checkpoint.contentHash ?? "", "family": checkpoint.family.rawValue,
                    "pipelineHash": SHA256.hexadecimal(Array(pipeline)),
                    "trainingData": checkpoint.training.data, "trainingStep": "\(checkpoint.training.step)",
                ])
        case .peer(let folder, let options):
            let url = URL(fileURLWithPath: folder).standardizedFileURL
            let configuration = try FileContent.data(at: url.appendingPathComponent("config.json"))
            let encoder = JSONEncoder.sorted(escapingSlashes: true)
            return AgentIdentity(
                kind: "checkpoint", name: url.lastPathComponent,
                provenance: [
                    "configurationHash": SHA256.hexadecimal(Array(configuration)),
                    "family": PeerFamily(at: url)?.rawValue ?? "",
                    "optionsHash": SHA256.hexadecimal(Array(try encoder.encode(options))),
                ])
        case .server(let configuration):
            let policy = try RemotePolicy(configuration)
            // a name from the network names no folder
            return AgentIdentity(
                kind: "server", name: configuration.address.authority,
                provenance: policy.provenance.merging(["policy": policy.name]) { $1 })
        }
    }

    /// The same agent, which asks for the world that is asked for where it has to be told what to ask for.
    func adapted(to world: WorldRequest, rules: EvaluationRules) -> AgentSetting {
        guard case .server(var configuration) = self else { return self }
        configuration.imageSize = world.imageSize ?? rules.imageSize ?? configuration.imageSize
        configuration.renderProfile = world.renderProfile ?? rules.renderProfile ?? configuration.renderProfile
        configuration.orientation = world.orientation ?? configuration.orientation
        return .server(configuration)
    }
}
