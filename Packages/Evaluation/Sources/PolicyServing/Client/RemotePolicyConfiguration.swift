public import RobotInterface

/// How to reach a policy server, and what to send where the server does not say what its policy needs.
public struct RemotePolicyConfiguration: Codable, Hashable, Sendable {
    public var address: ServerAddress
    public var servingProtocol: ServingProtocol
    /// Sent as `Authorization: Api-Key …`; `nil` for none.
    public var apiKey: String?
    /// Seconds that an answer may take; later ones end the episode.
    public var timeout = 30.0

    /// Width and height of the images the world makes. This and the following are used with servers that describe no
    /// requirements, as those of other projects.
    public var imageSize = 256
    public var renderProfile = "faithful"
    public var orientation: ImageOrientation
    /// Width and height to which images are resized and padded before they are sent; `nil` for as they are.
    public var sentImageSize: Int?

    /// The settings of the protocol's own LIBERO client: openpi's sends 224² images, made of 256² ones.
    public init(_ address: ServerAddress, _ servingProtocol: ServingProtocol) {
        (self.address, self.servingProtocol) = (address, servingProtocol)
        orientation = servingProtocol.orientation
        sentImageSize = servingProtocol == .openPI ? 224 : nil
    }

    var timeoutDuration: Duration { .seconds(timeout) }
}
