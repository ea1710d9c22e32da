/// The type of a tensor's elements.
///
/// Computation is in `float32`. `float16`, `bfloat16` and `int8` (with a scale per row) store weights; the integer
/// types carry indices and file contents; `float64` carries file contents.
public enum DType: String, Sendable, Hashable, Codable, CaseIterable {
    case float64, float32, float16, bfloat16
    case int64, int32, int16, int8, uint8, bool

    /// Bytes of one element.
    public var byteSize: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .float16, .bfloat16, .int16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    /// Whether elements are floating-point numbers.
    public var isFloatingPoint: Bool {
        switch self {
        case .float64, .float32, .float16, .bfloat16: true
        default: false
        }
    }
}

/// A Swift type that is an element of a tensor.
public protocol TensorScalar: BitwiseCopyable, Sendable {
    static var dtype: DType { get }
}

extension Double: TensorScalar { public static var dtype: DType { .float64 } }
extension Float: TensorScalar { public static var dtype: DType { .float32 } }
extension Int64: TensorScalar { public static var dtype: DType { .int64 } }
extension Int32: TensorScalar { public static var dtype: DType { .int32 } }
extension Int16: TensorScalar { public static var dtype: DType { .int16 } }
extension Int8: TensorScalar { public static var dtype: DType { .int8 } }
extension UInt8: TensorScalar { public static var dtype: DType { .uint8 } }
extension Bool: TensorScalar { public static var dtype: DType { .bool } }

/// The bits of an IEEE 754 binary16 number.
public struct Float16Bits: TensorScalar, Hashable {
    public static var dtype: DType { .float16 }
    public var bits: UInt16
    public init(bits: UInt16) { self.bits = bits }
}

/// The bits of a bfloat16 number: the upper half of a `Float`.
public struct BFloat16Bits: TensorScalar, Hashable {
    public static var dtype: DType { .bfloat16 }
    public var bits: UInt16
    public init(bits: UInt16) { self.bits = bits }
}
