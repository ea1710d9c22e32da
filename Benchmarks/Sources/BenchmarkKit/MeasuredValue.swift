/// One measured value of one round, as it travels between a worker and the driver.
public struct MeasuredValue: Codable, Equatable, Sendable {
    /// Which side of the comparison: this project's code, or what it is compared with.
    public enum Role: String, Codable, Sendable { case ours, peer }

    /// A row of the table, such as `training_step`.
    public var name: String
    /// `s`, `bytes`, `GB/s`, `steps/s`, …
    public var unit: String
    public var value: Double
    public var role: Role

    public init(_ name: String, _ value: Double, unit: String, role: Role = .ours) {
        self.name = name
        self.unit = unit
        self.value = value
        self.role = role
    }
}
