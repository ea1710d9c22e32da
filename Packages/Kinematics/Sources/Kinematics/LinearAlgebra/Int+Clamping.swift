extension Int {
    /// A computed number, rounded to the nearest and kept inside of the range; NaN becomes its lower bound.
    ///
    /// `Int(_:)` traps for NaN, infinities and what exceeds 64 bits.
    init(clamping value: Double, to range: ClosedRange<Int>) {
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
