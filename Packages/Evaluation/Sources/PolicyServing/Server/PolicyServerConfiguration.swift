public import RobotInterface

/// What a policy server speaks.
public enum ServingProtocol: String, CaseIterable, Codable, Sendable {
    case openPI = "openpi"
    case vlaEval = "vla-eval"
    case xPolicyLab = "xpolicylab"
    /// One JSON request per observation.
    case http

    /// How the protocol's images are turned, where its clients are LIBERO's.
    public var orientation: ImageOrientation {
        switch self {
        case .openPI, .vlaEval: .rotated180
        case .xPolicyLab, .http: .upright
        }
    }
}

/// Settings of a ``PolicyServer``.
public struct PolicyServerConfiguration: Sendable {
    public var servingProtocol: ServingProtocol
    /// An address of this machine. Others than loopback need an API key, or ``allowsAnonymousClients``.
    public var host = "127.0.0.1"
    /// 0 for a free port.
    public var port = 8000
    /// What clients send as `Authorization: Api-Key …` or `Bearer …`; `nil` to ask for none.
    public var apiKey: String?
    /// Whether a server that other machines reach may do without a key.
    public var allowsAnonymousClients = false
    /// The policy's name in the metadata.
    public var policyName = "policy"
    /// What the metadata say about the policy besides, such as a checkpoint's hash.
    public var provenance: [String: String] = [:]
    /// Actions of a chunk, for the metadata; `nil` if unknown.
    public var horizon: Int?
    /// How clients turn their images; the protocol's own by default.
    public var orientation: ImageOrientation
    /// Whether images of another size than the policy's are resized as openpi's client does.
    public var resizesImages = false
    public var defaultInstruction: String?
    /// Actions of a chunk that are used before the policy is asked again, where the protocol sends single actions;
    /// `nil` for all.
    public var replanInterval: Int?
    /// Whether actions are cut to the range of the action space.
    public var clipsActions = false
    /// Observations that go to the policy together; above 1 for policies that compute a batch faster than its parts.
    public var batchLimit = 1
    /// How long an incomplete batch waits for more.
    public var batchWait: Duration = .milliseconds(10)
    /// Decides what a policy draws, with the number of the connection and its episode.
    public var seed: UInt64 = 0
    public var limits = ServingLimits.standard

    public init(_ servingProtocol: ServingProtocol) {
        self.servingProtocol = servingProtocol
        orientation = servingProtocol.orientation
    }
}
