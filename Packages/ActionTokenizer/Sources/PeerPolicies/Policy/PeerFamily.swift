public import Foundation
import TensorCore

/// The kinds of other projects' policies, told apart by what their folders hold.
public enum PeerFamily: String, Codable, Sendable, CaseIterable {
    case act
    case diffusion
    case smolVLA = "smolvla"
    case pi0
    case pi05
    case openVLA = "openvla"
    case openVLAOFT = "openvla-oft"
    /// A LeRobot policy of another type, or of a layout from before 2025.
    case otherLeRobot = "lerobot"

    /// The kind of a folder; nil when it is none of them.
    public init?(at folder: URL) {
        let manager = FileManager.default
        func has(_ name: String) -> Bool { manager.fileExists(atPath: folder.appendingPathComponent(name).path) }
        // our own checkpoints are no foreign ones
        guard !has("checkpoint.json"), let file = try? JSONFile("config.json", in: folder) else { return nil }
        if file.root["model_type"]?.string == "openvla" {
            let names = (try? manager.contentsOfDirectory(atPath: folder.path)) ?? []
            let isOFT = names.contains { $0.hasPrefix("action_head--") || $0.hasPrefix("proprio_projector--") }
            self = isOFT ? .openVLAOFT : .openVLA
            return
        }
        guard file.root["input_features"]?.object != nil || file.root["input_shapes"]?.object != nil else { return nil }
        let known: [PeerFamily] = [.act, .diffusion, .smolVLA, .pi0, .pi05]
        self = known.first { $0.rawValue == file.root["type"]?.string } ?? .otherLeRobot
    }

    /// What it is, in a few words.
    public var title: String {
        switch self {
        case .act: "Action Chunking with Transformers (LeRobot)"
        case .diffusion: "Diffusion Policy (LeRobot)"
        case .smolVLA: "SmolVLA (LeRobot)"
        case .pi0: "pi0 (LeRobot)"
        case .pi05: "pi0.5 (LeRobot)"
        case .openVLA: "OpenVLA"
        case .openVLAOFT: "OpenVLA-OFT"
        case .otherLeRobot: "a LeRobot policy"
        }
    }

    /// Whether such a policy can be loaded here.
    public var isBuilt: Bool { ![.pi0, .pi05, .otherLeRobot].contains(self) }
}
