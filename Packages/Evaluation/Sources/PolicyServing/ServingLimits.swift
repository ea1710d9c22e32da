/// Every size, count and time that a peer on the network can influence, and where it ends.
public struct ServingLimits: Sendable, Hashable {
    /// Bytes of an HTTP head; above it the answer is status 431.
    public var httpHeadSize = 16 << 10
    /// Lines of an HTTP head; above it the answer is status 431.
    public var httpHeaderCount = 64
    /// Simultaneous connections; above it the answer is status 503.
    public var connectionCount = 32
    /// Bytes of a message; above it the connection is closed with code 1009, before the message is read.
    public var messageSize = 32 << 20
    /// Bytes that the arrays and images of one message take when decoded.
    public var decodedSize = 64 << 20
    /// Bytes of one LeRobot tensor.
    public var tensorSize = 32 << 20
    /// Pixels of one image, checked before it is decompressed.
    public var pixelCount = 4096 * 4096
    /// Nested containers; the outermost has depth 0.
    public var depth = 16
    /// Elements of one list, or entries of one map.
    public var itemCount = 4096
    /// Values of one message.
    public var nodeCount = 32_768
    /// Bytes of one text.
    public var textSize = 16 << 10
    /// Characters (Unicode scalars) of an instruction.
    public var promptLength = 4096
    /// Dimensions of an array.
    public var rank = 8
    /// Elements of an array along one dimension.
    public var dimension = 16_384

    /// Requests that wait for the policy.
    public var queueLength = 64
    /// How long a request waits for the policy before it is answered with `busy`.
    public var queueWait: Duration = .seconds(5)
    /// How long a client may take for its handshake.
    public var handshakeTimeout: Duration = .seconds(10)
    /// How long a message that has begun may go without another byte.
    public var messageTimeout: Duration = .seconds(30)
    /// How long a client may leave its answers unread.
    public var writeTimeout: Duration = .seconds(60)
    /// Bytes that wait to be sent before reading from the client stops.
    public var writeBufferSize = 1 << 20
    /// Time between two pings.
    public var pingInterval: Duration = .seconds(20)
    /// Silence after which a connection is closed; any frame of the client ends it, a pong included.
    public var silenceTimeout: Duration = .seconds(60)
    /// How long running inference may take to finish when the server shuts down.
    public var shutdownTimeout: Duration = .seconds(10)

    public init() {}

    /// The limits of the serving protocols.
    public static let standard = ServingLimits()
}
