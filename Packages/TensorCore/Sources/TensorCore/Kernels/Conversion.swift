/// IEEE 754 half precision: 1 sign, 5 exponent and 10 significand bits. Rounds to nearest even; NaN stays NaN.
public enum Float16Format {
    /// The number of a bit pattern.
    public static func decode(_ bits: UInt16) -> Float {
        let sign: Float = bits & 0x8000 == 0 ? 1 : -1
        let exponent = Int(bits >> 10 & 0x1f)
        let fraction = Float(bits & 0x3ff)
        switch exponent {
        case 0: return sign * fraction * power(-24)
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * (1024 + fraction) * power(exponent - 25)
        }
    }

    /// The bit pattern nearest to a number; 65520 and above become infinity.
    public static func encode(_ x: Float) -> UInt16 {
        let sign: UInt16 = x.sign == .minus ? 0x8000 : 0
        if x.isNaN { return sign | 0x7e00 }
        let magnitude = abs(x)
        if magnitude >= 65520 { return sign | 0x7c00 }

        // in units of the last place, which is the same for all numbers below 2⁻¹³
        let exponent = magnitude < power(-14) ? -14 : Int(magnitude.exponent)
        let units = UInt16((magnitude * power(10 - exponent)).rounded(.toNearestOrEven))

        // the implicit bit of `units` carries into the exponent, and so does rounding up to the next power of two
        return sign | (UInt16(exponent + 14) << 10 + units)
    }

    private static func power(_ exponent: Int) -> Float { Float(sign: .plus, exponent: exponent, significand: 1) }
}

/// bfloat16, the upper half of a `Float`. Rounds to nearest even; NaN stays NaN.
public enum BFloat16Format {
    /// The number of a bit pattern.
    public static func decode(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    /// The bit pattern nearest to a number.
    public static func encode(_ x: Float) -> UInt16 {
        let bits = x.bitPattern
        if x.isNaN { return UInt16(bits >> 16) | 0x40 }

        // half a unit, less one where the last bit kept is even
        let rounded = bits + 0x7fff + (bits >> 16 & 1)
        return UInt16(rounded >> 16)
    }
}
