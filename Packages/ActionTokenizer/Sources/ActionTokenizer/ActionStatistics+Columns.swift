public import RobotInterface

extension ActionStatistics {
    /// Statistics computed from data.
    ///
    /// - Parameters:
    ///   - column: Of the data.
    ///   - mask: Which dimensions are scaled; all by default.
    ///   - gripperConvention: What the last dimension means, where it is a gripper command.
    /// - Throws: ``ActionStatisticsError`` for numbers that are not finite.
    public init(
        _ column: ColumnStatistics, mask: [Bool]? = nil, gripperConvention: GripperConvention? = nil
    ) throws(ActionStatisticsError) {
        try self.init(
            mean: column.mean, standardDeviation: column.standardDeviation, minimum: column.minimum,
            maximum: column.maximum, lowerQuantile: column.quantile(0.01), upperQuantile: column.quantile(0.99),
            mask: mask, gripperConvention: gripperConvention)
    }
}
