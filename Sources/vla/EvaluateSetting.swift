import RobotInterface
import FileSupport
import ActionTokenizer
import Evaluation
import Foundation
import LiberoSimulation
import TensorCore
import VLAPolicy

/// What a worker of `vla evaluate` has to know.
struct EvaluateSetting: WorkerSetting {
    var world: WorldSetting
    var rules: EvaluationRules
    var agent: AgentSetting
    /// What records call the agent.
    var agentName: String
    /// The evaluation's folder.
    var folder: String
    var video: VideoSetting?

    func makeWorker() throws -> (PlannedEpisode) throws -> EpisodeOutcome {
        let folder = URL(fileURLWithPath: folder)
        var runner = EpisodeRunner(
            world: try world.environment(), agent: AnyAgent(try agent.agent(rules: rules)), agentName: agentName,
            rules: rules, folder: folder,
            makeWatcher: video.map { video in { video.watcher(of: $0, rules: rules, in: folder) } })
        return { try runner.run($0) }
    }
}

/// Who acts.
enum AgentSetting: Codable, Hashable {
    /// The scripted expert, calm.
    case expert
    /// Random motions: what success costs when nothing is even looked at.
    case random
    /// A network of the kind of a checkpoint, by its folder, before it has learnt anything.
    case untrained(String)
    /// A trained policy, by its folder.
    case checkpoint(String)

    /// What the policy has to be given; nil for an agent that takes any world.
    func requirements() throws -> PolicyRequirements? { try policy()?.requirements }

    func policy() throws -> (any Policy)? {
        switch self {
        case .expert: nil
        case .random: RandomPolicy()
        case .untrained(let folder):
            try PolicyCheckpoint(at: URL(fileURLWithPath: folder)).untrainedPolicy(seed: Self.untrainedSeed)
        case .checkpoint(let folder): try PolicyCheckpoint(at: URL(fileURLWithPath: folder)).policy()
        }
    }

    func agent(rules: EvaluationRules) throws -> any Agent<LiberoEnvironment> {
        guard let policy = try policy() else { return ExpertAgent(isVaried: false) }
        return PolicyAgent<LiberoEnvironment>(policy, rules: rules)
    }

    /// Draws the weights of untrained networks.
    private static let untrainedSeed: UInt64 = 0

    func identity() throws -> AgentIdentity {
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
            let pipeline = try Data(contentsOf: url.appendingPathComponent("pipeline.json"))
            return AgentIdentity(
                kind: "checkpoint", name: url.lastPathComponent,
                provenance: [
                    "contentHash": checkpoint.contentHash ?? "", "family": checkpoint.family.rawValue,
                    "pipelineHash": SHA256.hexadecimal(Array(pipeline)),
                    "trainingData": checkpoint.training.data, "trainingStep": "\(checkpoint.training.step)",
                ])
        }
    }
}

/// A policy that looks at nothing: smooth random motions and a gripper that changes its mind now and then.
struct RandomPolicy: Policy {
    let requirements = PolicyRequirements(actionSpace: .libero)
    static let horizon = 8

    func actionChunks<Generator: RandomNumberGenerator>(
        for observations: [Observation], using generators: inout [Generator]
    ) throws -> [ActionChunk] {
        observations.indices.map { i in
            // one direction per chunk
            let motion = (0..<6).map { dimension in
                Double.random(in: -1...1, using: &generators[i]) * (dimension < 3 ? 1 : 0.2)
            }
            let gripper = Bool.random(using: &generators[i]) ? 1.0 : -1
            return ActionChunk([[Double]](repeating: motion + [gripper], count: Self.horizon))
        }
    }
}

/// Which episodes are kept to look at.
struct VideoSetting: Codable, Hashable {
    /// The first episodes of each task get a video; every failure gets a contact sheet.
    var countPerTask: Int

    func watcher(of episode: PlannedEpisode, rules: EvaluationRules, in folder: URL) -> EpisodeFilm {
        let isFilmed = episode.number < countPerTask
        let settings = EpisodeFilm.Settings(
            choice: isFilmed ? .all : .failures, hasFilm: isFilmed, stride: 2, framesPerSecond: 10,
            contactSheetCount: 12)
        return EpisodeFilm(episode, settings: settings, rules: rules, folder: folder)
    }
}
