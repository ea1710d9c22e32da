import Foundation

/// Scalar functions of the C library under names that do not collide with the tensor operations.
enum Libm {
    static func sine(_ x: Double) -> Double { Foundation.sin(x) }
    static func cosine(_ x: Double) -> Double { Foundation.cos(x) }
    static func power(_ base: Double, _ exponent: Double) -> Double { Foundation.pow(base, exponent) }
    static func power(_ base: Float, _ exponent: Float) -> Float { Foundation.powf(base, exponent) }
    static func sine(_ x: Float) -> Float { Foundation.sinf(x) }
    static func cosine(_ x: Float) -> Float { Foundation.cosf(x) }
    static func logarithm(_ x: Double) -> Double { Foundation.log(x) }
}
