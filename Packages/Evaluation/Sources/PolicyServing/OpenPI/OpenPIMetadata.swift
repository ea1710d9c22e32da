/// The first message of an openpi server.
public struct OpenPIMetadata: Sendable, Hashable {
    public private(set) var fields: WireMap

    public init(_ fields: WireMap) { self.fields = fields }

    /// - Throws: ``WireError`` when the message is no map.
    public init(decoding bytes: [UInt8], limits: ServingLimits = .standard) throws(WireError) {
        let value = try WireValue(decoding: bytes, .openPI, limits: limits)
        guard let map = value.map else { throw WireError(.notMap, "metadata are a map, not \(value.typeName)") }
        fields = map
    }

    public func encoded() -> [UInt8] { WireValue.map(fields).encoded(.openPI) }
}
