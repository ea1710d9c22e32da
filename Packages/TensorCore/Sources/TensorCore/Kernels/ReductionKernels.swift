/// Σ x[i], in `Double`.
public func sum<S: ReferenceScalar>(of x: Span<S>) -> Double {
    var sum = 0.0
    for i in x.indices { sum += Double(x[i]) }
    return sum
}

/// Σ a[i] b[i], in `Double`.
public func dotProduct<S: ReferenceScalar>(_ a: Span<S>, _ b: Span<S>) -> Double {
    precondition(a.count == b.count, "dotProduct: \(a.count) and \(b.count) values")
    var sum = 0.0
    for i in a.indices { sum += Double(a[i]) * Double(b[i]) }
    return sum
}

/// The largest element, NaN if one is NaN. `x` must not be empty.
public func maximumValue<S: ReferenceScalar>(of x: Span<S>) -> S {
    precondition(x.count > 0, "maximumValue: no values")
    var most = x[0]
    for i in x.indices { most = maximumKeepingNaN(most, x[i]) }
    return most
}

/// Whether no element is infinite or NaN.
public func allFinite<S: ReferenceScalar>(_ x: Span<S>) -> Bool {
    for i in x.indices where !x[i].isFinite { return false }
    return true
}

/// y[c] += Σ_r x[r,c], each column summed in `Double`; `x`: `[rows, columns]`, `y`: `[columns]`.
public func addColumnSums<S: ReferenceScalar>(of x: Span<S>, to y: inout MutableSpan<S>) {
    let columns = y.count
    let rows = columns == 0 ? 0 : x.count / columns
    precondition(x.count == rows * columns, "addColumnSums: \(x.count) values, \(columns) columns")
    for c in 0..<columns {
        var sum = 0.0
        for r in 0..<rows { sum += Double(x[r * columns + c]) }
        y[c] += S(sum)
    }
}
