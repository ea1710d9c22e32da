import FileSupport

/// As JSON `{"success": {}}`, `{"stepLimit": {}}` or `{"fault": text}`. Records written before December 2026 have
/// `{"fault": {"_0": text}}`, which is read too.
extension RolloutRecord.End: Codable {
    private enum Kind: String, CodingKey {
        case success, stepLimit, fault
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Kind.self)
        self =
            switch try container.onlyCase("an episode ends in one of success, stepLimit and fault") {
            case .success: .success
            case .stepLimit: .stepLimit
            case .fault: .fault(try container.decodeCaseValue(forKey: .fault))
            }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Kind.self)
        switch self {
        case .success: try container.encodeCase(.success)
        case .stepLimit: try container.encodeCase(.stepLimit)
        case .fault(let text): try container.encode(text, forKey: .fault)
        }
    }
}
