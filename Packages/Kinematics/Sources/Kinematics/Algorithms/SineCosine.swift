import Foundation

/// Sine and cosine together, within one unit in the last place; faster than two calls of the C library.
///
/// The angle is brought to ±π/4 by three parts of π/2 (Cody & Waite), then the polynomials of FreeBSD's `k_sin.c` and
/// `k_cos.c` are summed. Beyond 10⁵ rad, and for values that are not finite, the C library's functions are called.
@inline(__always) func sineCosine(_ angle: Double) -> (sine: Double, cosine: Double) {
    guard abs(angle) < 1e5 else { return (sin(angle), cos(angle)) }

    // multiples of π/2, rounded by the constant that leaves no fraction bits
    let shifted = angle * 0.63661977236758134308 + 0x1.8p52
    let quadrant = shifted.bitPattern
    let n = shifted - 0x1.8p52
    let high = angle - n * 0x1.921FB54400000p0
    let r = (high - n * 0x1.0B4611A600000p-34) - n * 0x1.3198A2E037073p-69

    let z = r * r
    let s3 = 2.75573137070700676789e-06 + z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)
    let s = -1.66666666666666324348e-01 + z * (8.33333333332248946124e-03 + z * (-1.98412698298579493134e-04 + z * s3))
    let sine = r + r * (z * s)
    let c3 = -2.75573143513906633035e-07 + z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11)
    let c = 4.16666666666666019037e-02 + z * (-1.38888888888741095749e-03 + z * (2.48015872894767294178e-05 + z * c3))
    let half = 0.5 * z
    let w = 1 - half
    let cosine = w + ((1 - w - half) + z * z * c)

    let (first, second) = quadrant & 1 == 0 ? (sine, cosine) : (cosine, sine)
    return (quadrant & 2 == 0 ? first : -first, (quadrant &+ 1) & 2 == 0 ? second : -second)
}
