public import TensorCore
public import Testing

/// Records an issue unless every value is close to the expected one; the message has the worst place.
public func expectClose(
    _ values: [Double], _ expected: [Double], within tolerance: Tolerance, _ what: @autoclosure () -> String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard values.count == expected.count else {
        Issue.record("\(what()): \(values.count) values, expected \(expected.count)", sourceLocation: sourceLocation)
        return
    }
    var wrong = 0
    var worst = (index: -1, excess: -Double.infinity)
    for index in values.indices where !tolerance.accepts(values[index], expected[index]) {
        wrong += 1
        let difference = abs(values[index] - expected[index])
        let excess = difference.isNaN ? .infinity : difference - tolerance.relative * abs(expected[index])
        if excess > worst.excess { worst = (index, excess) }
    }
    guard wrong > 0 else { return }
    let index = max(worst.index, 0)
    Issue.record(
        "\(what()): \(wrong) of \(values.count) values differ; worst at \(index): \(values[index]), expected \(expected[index])",
        sourceLocation: sourceLocation)
}

/// As for arrays, with the shapes compared first.
public func expectClose(
    _ value: Tensor, _ expected: Tensor, within tolerance: Tolerance, _ what: @autoclosure () -> String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard value.shape == expected.shape else {
        Issue.record("\(what()): shape \(value.shape), expected \(expected.shape)", sourceLocation: sourceLocation)
        return
    }
    expectClose(
        value.converted(to: .float64).elements(of: Double.self),
        expected.converted(to: .float64).elements(of: Double.self),
        within: tolerance, what(), sourceLocation: sourceLocation)
}

/// One number.
public func expectClose(
    _ value: Double, _ expected: Double, within tolerance: Tolerance, _ what: @autoclosure () -> String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    expectClose([value], [expected], within: tolerance, what(), sourceLocation: sourceLocation)
}
