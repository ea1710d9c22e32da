import Foundation

/// An axis of a plot: values → pixels, and where its ticks stand.
struct PlotScale {
    let isLogarithmic: Bool
    /// Values at both ends.
    let range: ClosedRange<Double>
    /// Pixels of the ends; the first may be the greater one.
    let pixels: (first: Double, last: Double)

    /// Fits a scale around `values`, the values that an axis has to show.
    ///
    /// Without a fixed range, a linear scale gets a margin of 4 % on both sides, none below zero for values that are
    /// not negative, and a logarithmic one ends at the smallest and greatest positive value.
    init(_ axis: Plot.Axis, values: [Double], pixels: (first: Double, last: Double)) {
        isLogarithmic = axis.scale == .logarithmic
        self.pixels = pixels
        let isLogarithmic = isLogarithmic
        let shown = values.filter { $0.isFinite && (!isLogarithmic || $0 > 0) }
        if let fixed = axis.range, fixed.lowerBound < fixed.upperBound, !isLogarithmic || fixed.lowerBound > 0 {
            range = fixed
        } else if let lowest = shown.min(), let highest = shown.max() {
            if isLogarithmic {
                range = lowest < highest ? lowest...highest : (lowest / 2)...(highest * 2)
            } else {
                let margin = lowest < highest ? (highest - lowest) * 0.04 : max(abs(lowest) * 0.1, 0.5)
                range = (lowest >= 0 && lowest - margin < 0 ? 0 : lowest - margin)...(highest + margin)
            }
        } else {
            range = isLogarithmic ? 1...10 : 0...1
        }
    }

    /// The pixel of a value; nil for one that the axis cannot show.
    func pixel(_ value: Double) -> Double? {
        guard value.isFinite, !isLogarithmic || value > 0 else { return nil }
        let (low, high) = (range.lowerBound, range.upperBound)
        let share = isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
        return pixels.first + share * (pixels.last - pixels.first)
    }

    /// Values at which a tick stands, with their labels.
    var ticks: [(value: Double, label: String)] {
        isLogarithmic ? logarithmicTicks : linearTicks
    }

    /// Multiples of 1, 2 or 5 times a power of ten, about six.
    private var linearTicks: [(value: Double, label: String)] {
        let span = range.upperBound - range.lowerBound
        let power = pow(10, floor(log10(span / 6)))
        let step = [1, 2, 5, 10].map { $0 * power }.first { span / $0 <= 7 } ?? 10 * power
        let first = Int((range.lowerBound / step - 1e-9).rounded(.up))
        let last = Int((range.upperBound / step + 1e-9).rounded(.down))
        guard first <= last else { return [] }
        return (first...last).map { (Double($0) * step, Self.label(Double($0) * step, step: step)) }
    }

    /// Powers of ten, thinned to eight; within less than 2.5 decades also 2 and 5 times them.
    private var logarithmicTicks: [(value: Double, label: String)] {
        let first = Int(floor(log10(range.lowerBound) + 1e-9))
        let last = Int(ceil(log10(range.upperBound) - 1e-9))
        let isShort = log10(range.upperBound / range.lowerBound) < 2.5
        let stride = max(1, (last - first + 7) / 8)
        var result: [(value: Double, label: String)] = []
        for exponent in Swift.stride(from: first, through: last, by: stride) {
            for factor in isShort ? [1.0, 2, 5] : [1.0] {
                let value = factor * pow(10, Double(exponent))
                guard value >= range.lowerBound * (1 - 1e-9), value <= range.upperBound * (1 + 1e-9) else { continue }
                result.append((value, Self.label(value, step: value)))
            }
        }
        return result
    }

    /// A number with as many decimals as a step has; with an exponent when it is very large or very small.
    static func label(_ value: Double, step: Double) -> String {
        if value == 0 { return "0" }
        let decimals = max(0, -Int(floor(log10(step) + 1e-9)))
        if abs(value) < 1e5, decimals <= 4 { return String(format: "%.\(decimals)f", value) }

        // mantissa without trailing zeros, exponent without sign and zeros
        let parts = String(format: "%.6e", value).split(separator: "e")
        var mantissa = String(parts[0])
        while mantissa.hasSuffix("0") { mantissa.removeLast() }
        if mantissa.hasSuffix(".") { mantissa.removeLast() }
        return "\(mantissa)e\(Int(parts[1]) ?? 0)"
    }
}
