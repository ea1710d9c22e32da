import FileSupport

/// As JSON `{"axisAngle": [x, y, z]}` or `{"quaternionXYZW": [x, y, z, w]}`. What was written before December 2026 has
/// `{"axisAngle": {"_0": […]}}`, and is read too.
extension RobotState.Orientation: Codable {
    private enum Kind: String, CodingKey {
        case quaternionXYZW, axisAngle
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Kind.self)
        self =
            switch try container.onlyCase("an orientation is one of quaternionXYZW and axisAngle") {
            case .quaternionXYZW: .quaternionXYZW(try container.decodeCaseValue(forKey: .quaternionXYZW))
            case .axisAngle: .axisAngle(try container.decodeCaseValue(forKey: .axisAngle))
            }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Kind.self)
        switch self {
        case .quaternionXYZW(let q): try container.encode(q, forKey: .quaternionXYZW)
        case .axisAngle(let vector): try container.encode(vector, forKey: .axisAngle)
        }
    }
}
