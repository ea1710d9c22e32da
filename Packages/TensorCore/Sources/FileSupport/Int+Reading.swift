extension Int {
    /// A number that was read, as a whole number: nil when it is not finite, has a fraction, or lies outside of the range.
    ///
    /// `Int(_:)` traps for NaN, infinities and what exceeds 64 bits; numbers of files and options go through this instead.
    public init?(reading value: Double, in range: ClosedRange<Int> = Int.min...Int.max) {
        guard let whole = Int(exactly: value), range.contains(whole) else { return nil }
        self = whole
    }

    /// A number that was computed from what was read, rounded and kept inside of the range; NaN becomes its lower bound.
    public init(clamping value: Double, to range: ClosedRange<Int>) {
        let rounded = value.rounded()
        if rounded.isNaN || rounded <= Double(range.lowerBound) {
            self = range.lowerBound
        } else if rounded >= Double(range.upperBound) {
            self = range.upperBound
        } else {
            self = Int(rounded)
        }
    }
}
