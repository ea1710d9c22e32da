public import RobotInterface

/// What a LeRobot set calls actions, states and cameras.
public struct LeRobotFeatureNames: Hashable, Sendable {
    public var action: String
    public var state: String
    public var cameras: [CameraName: String]

    public init(action: String, state: String, cameras: [CameraName: String]) {
        (self.action, self.state, self.cameras) = (action, state, cameras)
    }

    /// `physical-intelligence/libero`.
    public static let openPI = LeRobotFeatureNames(
        action: "actions", state: "state", cameras: [.agentView: "image", .wrist: "wrist_image"])
    /// `HuggingFaceVLA/libero` and `lerobot/libero_*`.
    public static let huggingFace = LeRobotFeatureNames(
        action: "action", state: "observation.state",
        cameras: [.agentView: "observation.images.image", .wrist: "observation.images.image2"])
    /// `IPEC-COMMUNITY/libero_*_lerobot`.
    public static let ipec = LeRobotFeatureNames(
        action: "action", state: "observation.state",
        cameras: [.agentView: "observation.images.image", .wrist: "observation.images.wrist_image"])

    /// The names that a set's features fit: one of the known ones, else by what is in them.
    init?(of info: LeRobotInfo) {
        let names = Set(info.features.filter { !$0.isImage || $0.isColor }.map(\.name))
        for known in [Self.openPI, .huggingFace, .ipec]
        where names.isSuperset(of: [known.action, known.state] + known.cameras.values)
            && LeRobotMeaning(info, known).isLibero
        {
            self = known
            return
        }
        // by words: an action, a state, a camera at the hand and others
        func number(_ word: String) -> String? {
            let found = info.features.filter { $0.type.hasPrefix("float") && $0.name.contains(word) }
            let isExact = { (name: String) in
                name.split(separator: ".").last.map { $0 == word || $0 == word + "s" } == true
            }
            return (found.first { isExact($0.name) } ?? found.first)?.name
        }
        guard let action = number("action"), let state = number("state") else { return nil }
        var cameras: [CameraName: String] = [:]
        let images = info.features.filter(\.isColor).map(\.name)
        let wrist = images.first { name in ["wrist", "hand", "image2"].contains { name.contains($0) } }
        if let wrist { cameras[.wrist] = wrist }
        let others = images.filter { $0 != wrist }
        let front = others.first { name in ["agent", "front", "main"].contains { name.contains($0) } } ?? others.first
        if let front { cameras[.agentView] = front }
        for name in others where name != front {
            let short = CameraName(name.split(separator: ".").last.map(String.init) ?? name)
            cameras[cameras[short] == nil ? short : CameraName(name)] = name
        }
        self.init(action: action, state: state, cameras: cameras)
        guard !LeRobotMeaning(info, self).isLibero else { return }
        // of another robot's cameras only the names are known
        let shared = "observation.images."
        self.cameras = Dictionary(
            images.map { (CameraName($0.hasPrefix(shared) ? String($0.dropFirst(shared.count)) : $0), $0) }
        ) { first, _ in first }
    }
}
