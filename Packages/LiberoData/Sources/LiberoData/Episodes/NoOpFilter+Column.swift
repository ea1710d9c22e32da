public import ActionTokenizer

extension NoOpFilter {
    /// The frames of a column of actions that are kept, in order. Traps for actions of fewer than two numbers.
    public func keptFrames(_ actions: NumberColumn) -> [Int] {
        keptFrames(count: actions.count, dimensionCount: actions.width) { actions[$0, $1] }
    }
}
