import RobotInterface

/// As JSON: `{"mean": […], "std": […], "min": […], "max": […], "q01": […], "q99": […], "mask": […], "gripper": "…"}`,
/// lists that are absent left out. Decoding makes the same checks as the initializer.
extension ActionStatistics: Codable {
    private enum CodingKeys: String, CodingKey {
        case mean, mask, gripper
        case standardDeviation = "std"
        case minimum = "min"
        case maximum = "max"
        case lowerQuantile = "q01"
        case upperQuantile = "q99"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func list(_ key: CodingKeys) throws -> [Double]? { try container.decodeIfPresent([Double].self, forKey: key) }
        try self.init(
            mean: list(.mean), standardDeviation: list(.standardDeviation), minimum: list(.minimum),
            maximum: list(.maximum), lowerQuantile: list(.lowerQuantile), upperQuantile: list(.upperQuantile),
            mask: container.decodeIfPresent([Bool].self, forKey: .mask),
            gripperConvention: container.decodeIfPresent(GripperConvention.self, forKey: .gripper))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(mean, forKey: .mean)
        try container.encodeIfPresent(standardDeviation, forKey: .standardDeviation)
        try container.encodeIfPresent(minimum, forKey: .minimum)
        try container.encodeIfPresent(maximum, forKey: .maximum)
        try container.encodeIfPresent(lowerQuantile, forKey: .lowerQuantile)
        try container.encodeIfPresent(upperQuantile, forKey: .upperQuantile)
        try container.encode(mask, forKey: .mask)
        try container.encodeIfPresent(gripperConvention, forKey: .gripper)
    }
}
