import FileSupport
import Foundation
public import PeerPolicies
public import VLAPolicy
public import VisionLanguage

/// What a file or folder holds: a policy, of this project or another, or weights and arrays.
public enum Inspection: Encodable, Sendable {
    case policy(PolicyInspection)
    case peer(PeerInspection)
    case files(WeightFileReport)

    /// What is said of a path beside itself.
    public struct Options: Sendable {
        /// Of other projects' folders.
        public var peer = PeerPolicyOptions()
        /// The config.json that weights have to fit, where none lies beside them.
        public var configuration: String?
        /// MiniMind's, where a file does not tell it.
        public var generation: MiniMindGeneration?

        public init() {}

        /// Writes a language model as a folder in the current layout.
        public func convert(_ path: String, to folder: String) throws {
            let configuration = try configuration.map { try FileContent.data(at: URL(fileURLWithPath: $0)) }
            let (decoder, _) = try ModelFolder.decoder(
                at: URL(fileURLWithPath: path), configuration: configuration, generation: generation, converting: true)
            try ModelFolder.save(decoder, to: URL(fileURLWithPath: folder))
        }
    }

    /// - Throws: `CheckpointError` and its relatives for a policy that does not fit itself, `SerializationError` for what
    ///   is no weights and no arrays.
    public init(of path: String, options: Options = Options()) throws {
        if PolicyInspection.isCheckpoint(path) {
            self = .policy(try PolicyInspection(of: path))
        } else if let inspection = PeerInspection(of: URL(fileURLWithPath: path), options: options.peer) {
            self = .peer(inspection)
        } else {
            self = .files(
                try WeightFileReport(
                    of: path, configuration: options.configuration, generation: options.generation))
        }
    }

    public func text(listingTensors: Bool) -> String {
        switch self {
        case .policy(let inspection): inspection.text
        case .peer(let inspection): inspection.text
        case .files(let report): report.text(listingTensors: listingTensors)
        }
    }

    /// Whether it cannot be used as it is.
    public var isWrong: Bool {
        switch self {
        case .policy: false
        case .peer(let inspection): inspection.problem != nil
        case .files(let report): report.isWrong
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .policy(let inspection): try inspection.encode(to: encoder)
        case .peer(let inspection): try inspection.encode(to: encoder)
        case .files(let report): try report.encode(to: encoder)
        }
    }
}
