/// Cross-entropy of logits with target classes, and its gradient.
///
///     loss[r] = log Σ_c exp(x[r,c]) − x[r, target[r]]
///     dx[r,c] = (softmax(x[r])[c] − [c = target[r]]) · scale
///
/// `x`, `dx`: `[rows, classes]`; `target`, `loss`: `[rows]`. `scale` is what the losses are multiplied by later: one
/// over the number of rows for their mean. The sum is in `Double`.
public func crossEntropy<S: ReferenceScalar>(
    _ x: Span<S>, target: Span<Int32>, scale: S, loss: inout MutableSpan<S>, into dx: inout MutableSpan<S>
) {
    let rows = target.count
    let columns = rows == 0 ? 0 : x.count / rows
    precondition(
        x.count == rows * columns && dx.count == x.count && loss.count == rows,
        "crossEntropy: \(x.count) values for \(rows) targets")

    for r in 0..<rows {
        let chosen = Int(target[r])
        precondition(chosen >= 0 && chosen < columns, "crossEntropy: target \(chosen) of \(columns) classes")

        // the maximum keeps the exponentials finite
        var most = -S.infinity
        for c in 0..<columns where x[r * columns + c] > most { most = x[r * columns + c] }

        var sum = 0.0
        for c in 0..<columns { sum += Double(S.exp(x[r * columns + c] - most)) }
        loss[r] = S(Double.log(sum) + (Double(most) - Double(x[r * columns + chosen])))

        for c in 0..<columns {
            let probability = S.exp(x[r * columns + c] - most) * S(Double(scale) / sum)
            dx[r * columns + c] = c == chosen ? probability - scale : probability
        }
    }
}
