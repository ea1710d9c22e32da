public import RobotInterface

/// Settings of an ``EnvironmentServer``.
public struct EnvironmentServerConfiguration: Sendable {
    /// An address of this machine. Others than loopback need an API key, or ``allowsAnonymousClients``.
    public var host = "127.0.0.1"
    /// 0 for a free port.
    public var port = 8001
    /// What clients send as `Authorization: Api-Key …` or `Bearer …`; `nil` to ask for none.
    public var apiKey: String?
    /// Whether a server that other machines reach may do without a key.
    public var allowsAnonymousClients = false
    /// The suites that clients may ask for, by name; the first is used where a client names none.
    public var suites: [String]
    /// Worlds of all clients together.
    public var worldLimit = 32
    public var limits = ServingLimits.standard

    public init(suites: [String]) { self.suites = suites }
}

/// A world that a client asks for.
public struct ServedWorldSettings: Hashable, Sendable {
    /// One of ``EnvironmentServerConfiguration/suites``.
    public var suite: String
    /// Width and height of the images.
    public var imageSize = 256
    public var renderProfile = "faithful"
    /// How the images lie.
    public var orientation = ImageOrientation.rotated180
    /// Seeds the draws of resets, which place fixtures.
    public var placementSeed: UInt32 = 0

    public init(suite: String) { self.suite = suite }
}
