extension TorchGenerator {
    /// `torch.empty(count).normal_(mean, deviation)` in float32; with the defaults `torch.randn(count)`.
    ///
    /// Below 16 values, one by one as ``normal()``. From 16 on, uniforms are drawn for all values; each block of 16 of
    /// them, `u`, becomes
    ///
    ///     rⱼ = √(−2 log(1 − uⱼ)),  θⱼ = 2π uⱼ₊₈          j = 0…7
    ///     xⱼ = rⱼ cos θⱼ,          xⱼ₊₈ = rⱼ sin θⱼ
    ///
    /// and when 16 does not divide `count`, the last 16 values are drawn anew. Logarithm, sine and cosine are the
    /// polynomials of PyTorch's AVX2 build, to the bit; PyTorch on a processor without AVX2 differs in the last bits.
    public mutating func normals(_ count: Int, mean: Float = 0, deviation: Float = 1) -> [Float] {
        guard count >= 16 else {
            return (0..<count).map { _ in Float(normal() * Double(deviation) + Double(mean)) }
        }
        var values = uniforms(count)
        for start in stride(from: 0, through: count - 16, by: 16) {
            Self.boxMuller(&values, at: start, mean: mean, deviation: deviation)
        }
        if count % 16 != 0 {
            for i in (count - 16)..<count { values[i] = uniform() }
            Self.boxMuller(&values, at: count - 16, mean: mean, deviation: deviation)
        }
        return values
    }

    /// 2π to the nearest `Float`; `Float.pi` is rounded towards zero.
    private static let fullTurn: Float = 6.283185307179586

    /// Turns 16 uniforms into normals, in place.
    private static func boxMuller(_ values: inout [Float], at start: Int, mean: Float, deviation: Float) {
        for j in start..<(start + 8) {
            let radius = (-2 * logarithm(1 - values[j])).squareRoot()
            let (sine, cosine) = sineAndCosine(fullTurn * values[j + 8])
            values[j] = mean.addingProduct(radius * cosine, deviation)
            values[j + 8] = mean.addingProduct(radius * sine, deviation)
        }
    }

    /// The natural logarithm of a positive normal number, in Cephes' single-precision polynomial with fused products.
    ///
    /// x = 2ᵉ(1 + f) with √½ ≤ 1 + f < √2; log x = f − f²/2 + f³ p(f) + e log 2, with log 2 in two parts.
    private static func logarithm(_ x: Float) -> Float {
        // exponent and mantissa in [½, 1)
        var exponent = Float(Int(x.bitPattern >> 23) - 127) + 1
        var fraction = Float(bitPattern: (x.bitPattern & 0x007f_ffff) | 0x3f00_0000)

        // fraction in [√½ − 1, √2 − 1)
        if fraction < 0.707106781186547524 {
            exponent -= 1
            fraction = (fraction - 1) + fraction
        } else {
            fraction -= 1
        }

        // f³ p(f)
        let square = fraction * fraction
        var y: Float = 7.0376836292e-2
        y = Float(-1.1514610310e-1).addingProduct(y, fraction)
        y = Float(1.1676998740e-1).addingProduct(y, fraction)
        y = Float(-1.2420140846e-1).addingProduct(y, fraction)
        y = Float(1.4249322787e-1).addingProduct(y, fraction)
        y = Float(-1.6668057665e-1).addingProduct(y, fraction)
        y = Float(2.0000714765e-1).addingProduct(y, fraction)
        y = Float(-2.4999993993e-1).addingProduct(y, fraction)
        y = Float(3.3333331174e-1).addingProduct(y, fraction)
        y *= fraction

        // the small part of e log 2, then −f²/2, then the large part
        y = (exponent * -2.12194440e-4).addingProduct(y, square)
        y.addProduct(square, -0.5)
        return (fraction + y).addingProduct(exponent, 0.693359375)
    }

    /// Sine and cosine of an angle in [0, 2π], in Cephes' single-precision polynomials with fused products.
    ///
    /// The angle is reduced by the even multiple of π/4 nearest to it, in three parts.
    private static func sineAndCosine(_ angle: Float) -> (sine: Float, cosine: Float) {
        // octant, rounded to even; remainder in [−π/4, π/4]
        let octant = (Int32(angle * 1.27323954473516) + 1) & ~1
        var x = angle.addingProduct(Float(octant), -0.78515625)
        x.addProduct(Float(octant), -2.4187564849853515625e-4)
        x.addProduct(Float(octant), -3.77489497744594108e-8)
        let square = x * x

        // cosine of the remainder
        var c: Float = 2.443315711809948e-5
        c = Float(-1.388731625493765e-3).addingProduct(c, square)
        c = Float(4.166664568298827e-2).addingProduct(c, square)
        c = (-(square * 0.5)).addingProduct(c * square, square) + 1

        // sine of the remainder
        var s: Float = -1.9515295891e-4
        s = Float(8.3321608736e-3).addingProduct(s, square)
        s = Float(-1.6666654611e-1).addingProduct(s, square)
        s = x.addingProduct(s * square, x)

        // back to the octant
        if octant & 2 != 0 { swap(&s, &c) }
        return (octant & 4 != 0 ? -s : s, (octant - 2) & 4 == 0 ? -c : c)
    }
}
