/// As JSON `{"isBelow": rate}`. Files written before December 2026 have `{"isBelow": {"_0": rate}}`, which is read too.
extension EarlyStop.Question: Codable {
    private enum Kind: String, CodingKey {
        case isBelow, isAbove, isBelowOrAbove
    }

    private struct OlderRate: Decodable {
        var rate: Double

        enum CodingKeys: String, CodingKey { case rate = "_0" }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Kind.self)
        guard let kind = container.allKeys.first, container.allKeys.count == 1 else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "the question is one of isBelow, isAbove and isBelowOrAbove"))
        }
        let older = try? container.decode(OlderRate.self, forKey: kind)
        let rate = try older?.rate ?? container.decode(Double.self, forKey: kind)
        self =
            switch kind {
            case .isBelow: .isBelow(rate)
            case .isAbove: .isAbove(rate)
            case .isBelowOrAbove: .isBelowOrAbove(rate)
            }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Kind.self)
        switch self {
        case .isBelow(let rate): try container.encode(rate, forKey: .isBelow)
        case .isAbove(let rate): try container.encode(rate, forKey: .isAbove)
        case .isBelowOrAbove(let rate): try container.encode(rate, forKey: .isBelowOrAbove)
        }
    }
}
