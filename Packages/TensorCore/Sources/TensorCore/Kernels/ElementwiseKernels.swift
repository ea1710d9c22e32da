/// y[i] = function(x[i]).
public func elementwise<S: ReferenceScalar>(_ x: Span<S>, into y: inout MutableSpan<S>, _ function: (S) -> S) {
    precondition(y.count == x.count, "elementwise: \(x.count) values into \(y.count)")
    for i in x.indices { y[i] = function(x[i]) }
}

/// y[i] = function(a[i], b[i]).
public func elementwise<S: ReferenceScalar>(
    _ a: Span<S>, _ b: Span<S>, into y: inout MutableSpan<S>, _ function: (S, S) -> S
) {
    precondition(a.count == b.count && y.count == a.count, "elementwise: \(a.count) and \(b.count) into \(y.count)")
    for i in a.indices { y[i] = function(a[i], b[i]) }
}

/// The smaller of two numbers, NaN when either is: `torch.minimum`, unlike C's `fmin`.
public func minimumKeepingNaN<S: ReferenceScalar>(_ a: S, _ b: S) -> S { a < b || a.isNaN ? a : b }

/// The larger of two numbers, NaN when either is: `torch.maximum`, unlike C's `fmax`.
public func maximumKeepingNaN<S: ReferenceScalar>(_ a: S, _ b: S) -> S { a > b || a.isNaN ? a : b }

/// y[i] += scale · x[i].
public func addScaled<S: ReferenceScalar>(_ x: Span<S>, scale: S, to y: inout MutableSpan<S>) {
    precondition(y.count == x.count, "addScaled: \(x.count) values to \(y.count)")
    for i in x.indices { y[i] += scale * x[i] }
}

/// y[i] += a[i] · b[i].
public func addProduct<S: ReferenceScalar>(_ a: Span<S>, _ b: Span<S>, to y: inout MutableSpan<S>) {
    precondition(a.count == b.count && y.count == a.count, "addProduct: \(a.count) and \(b.count) to \(y.count)")
    for i in a.indices { y[i] += a[i] * b[i] }
}

/// y[r,c] = x[r,c] + bias[c]; `x`, `y`: `[rows, columns]`, `bias`: `[columns]`.
public func addBias<S: ReferenceScalar>(_ x: Span<S>, bias: Span<S>, into y: inout MutableSpan<S>) {
    let columns = bias.count
    let rows = columns == 0 ? 0 : x.count / columns
    precondition(x.count == rows * columns && y.count == x.count, "addBias: \(x.count) values, \(columns) columns")
    for r in 0..<rows {
        for c in 0..<columns { y[r * columns + c] = x[r * columns + c] + bias[c] }
    }
}
