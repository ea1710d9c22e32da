/// Rotary position embedding in the half-split layout: element i of a head turns with element i + size / 2.
///
///     y[t,h,i]          = x[t,h,i] · cos[t,i] − x[t,h,i + size/2] · sin[t,i] · direction
///     y[t,h,i + size/2] = x[t,h,i + size/2] · cos[t,i] + x[t,h,i] · sin[t,i] · direction
///
/// `x`, `y`: `[tokens, heads, size]`; `cosine`, `sine`: `[tokens, size / 2]`. `direction` is 1 forward and −1 for the
/// inverse, which is also the gradient. Source: Su et al. 2021, arXiv:2104.09864, eq. 34, in the element order of
/// GPT-NeoX.
public func rotateHalf<S: ReferenceScalar>(
    _ x: Span<S>, cosine: Span<S>, sine: Span<S>, direction: S, tokens: Int, heads: Int,
    into y: inout MutableSpan<S>
) {
    let size = tokens * heads == 0 ? 0 : x.count / (tokens * heads)
    let half = size / 2
    precondition(
        x.count == tokens * heads * 2 * half && y.count == x.count && cosine.count == tokens * half
            && sine.count == cosine.count,
        "rotateHalf: \(x.count) values and \(cosine.count) cosines for \(tokens) tokens of \(heads) heads")

    for t in 0..<tokens {
        for h in 0..<heads {
            let start = (t * heads + h) * size
            for i in 0..<half {
                let (first, second) = (x[start + i], x[start + i + half])
                let (c, s) = (cosine[t * half + i], sine[t * half + i] * direction)
                y[start + i] = first * c - second * s
                y[start + i + half] = second * c + first * s
            }
        }
    }
}
