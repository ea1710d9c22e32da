public import ActionTokenizer

extension ColumnStatistics {
    /// Of all rows of a column.
    public init(_ column: NumberColumn, shares: [Double] = Self.defaultShares) {
        self.init(values: column.values, width: column.width, shares: shares)
    }
}
