public import RobotInterface
public import ActionTokenizer

/// How a robot's state becomes the numbers a model gets.
public struct StatePipeline: Hashable, Codable, Sendable {
    public var layout: StateLayout
    public var normalization: Normalization

    /// - Throws: ``PipelineError/dimensions(_:found:expected:)`` when the statistics are of another number of values.
    public init(layout: StateLayout, normalization: Normalization) throws {
        guard layout.count == normalization.dimensionCount else {
            throw PipelineError.dimensions(
                "statistics of the state", found: normalization.dimensionCount, expected: layout.count)
        }
        (self.layout, self.normalization) = (layout, normalization)
    }

    private enum CodingKeys: CodingKey { case layout, normalization }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            layout: container.decode(StateLayout.self, forKey: .layout),
            normalization: container.decode(Normalization.self, forKey: .normalization))
    }

    /// The state, normalized.
    ///
    /// - Throws: ``ObservationError`` when the state lacks a part or holds a number that is not finite.
    public func numbers(of state: RobotState?) throws -> [Float] {
        guard let state else { throw ObservationError.missingState("state") }
        let values = try layout.values(of: state)
        guard values.allSatisfy(\.isFinite) else { throw ObservationError.notFinite("The state") }
        return normalization.normalizer.normalized(values).map { Float($0) }
    }

    /// Names of the numbers that lie outside what the training data held; see
    /// `Normalization.outliers(of:beyond:)`. For a running check: one step outside may happen, ten in a row may not.
    public func outliers(of state: RobotState) throws -> [String] {
        let values = try layout.values(of: state)
        let names = layout.parts.flatMap { part in (0..<part.count).map { "\(part.rawValue)[\($0)]" } }
        return normalization.outliers(of: values).map { names[$0] }
    }
}
