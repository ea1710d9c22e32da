/// What the elements of an array are.
public enum ElementType: String, CaseIterable, Sendable, Hashable {
    case bool, int8, uint8, int16, uint16, int32, uint32, int64, uint64, float16, float32, float64

    /// Bytes of one element.
    public var size: Int {
        switch self {
        case .bool, .int8, .uint8: 1
        case .int16, .uint16, .float16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64: 8
        }
    }

    public var isFloat: Bool { self == .float16 || self == .float32 || self == .float64 }

    /// Letter and size of NumPy's code, such as `f4`.
    var code: String {
        switch self {
        case .bool: "b1"
        case .int8, .int16, .int32, .int64: "i\(size)"
        case .uint8, .uint16, .uint32, .uint64: "u\(size)"
        case .float16, .float32, .float64: "f\(size)"
        }
    }
}

/// NumPy's description of an element, such as `<f4`.
public struct NumPyType: Sendable, Hashable {
    /// As it is written.
    public let code: String
    /// `nil` for texts, byte strings and times, which are carried but not read.
    public let element: ElementType?
    public let isBigEndian: Bool
    /// Bytes of one element.
    public let size: Int

    /// Reads NumPy's code; `nil` for unknown ones and those that are refused: objects, records, complex numbers.
    public init?(code: String) {
        let order = code.first
        let rest = code.dropFirst()
        guard let order, "|<>".contains(order), let kind = rest.first else { return nil }
        self.code = code
        isBigEndian = order == ">"
        if let element = ElementType.allCases.first(where: { $0.code == rest }) {
            guard order != "|" || element.size == 1 else { return nil }
            (self.element, size) = (element, element.size)
            return
        }
        element = nil
        switch kind {
        case "U", "S":
            guard let length = Int(rest.dropFirst()), 0...65_536 ~= length, rest.dropFirst().allSatisfy(\.isNumber)
            else { return nil }
            size = kind == "U" ? 4 * length : length
        case "M", "m":
            let unit = rest.dropFirst(2)
            guard rest.dropFirst().first == "8", order != "|", unit.isEmpty || (unit.first == "[" && unit.last == "]"),
                code.utf8.count <= 32
            else { return nil }
            size = 8
        default: return nil
        }
    }

    /// Little-endian, as NumPy writes it here.
    public init(_ element: ElementType) {
        code = (element.size == 1 ? "|" : "<") + element.code
        (self.element, isBigEndian, size) = (element, false, element.size)
    }
}

/// Numbers of any type and rank, in C order, as a message carries them.
public struct NumericArray: Sendable, Hashable {
    public let type: NumPyType
    /// Sizes from the slowest dimension to the fastest; empty for a single number.
    public let shape: [Int]
    public let bytes: [UInt8]

    /// Traps unless the bytes fill the shape.
    public init(_ type: NumPyType, shape: [Int], bytes: [UInt8]) {
        precondition(
            bytes.count == shape.reduce(type.size, *),
            "NumericArray: \(bytes.count) bytes for \(shape) of \(type.code)")
        (self.type, self.shape, self.bytes) = (type, shape, bytes)
    }

    /// 32-bit floats.
    public init(floats values: [Float], shape: [Int]) {
        self.init(NumPyType(.float32), shape: shape, bytes: littleEndianBytes(values.map(\.bitPattern)))
    }

    /// 64-bit floats.
    public init(doubles values: [Double], shape: [Int]) {
        self.init(NumPyType(.float64), shape: shape, bytes: littleEndianBytes(values.map(\.bitPattern)))
    }

    /// 64-bit integers.
    public init(integers values: [Int64], shape: [Int]) {
        self.init(NumPyType(.int64), shape: shape, bytes: littleEndianBytes(values))
    }

    /// Booleans.
    public init(booleans values: [Bool], shape: [Int]) {
        self.init(NumPyType(.bool), shape: shape, bytes: values.map { $0 ? 1 : 0 })
    }

    public var elementCount: Int { shape.reduce(1, *) }

    /// The elements as numbers; `nil` for texts, byte strings and times.
    public func doubles() -> [Double]? {
        guard let element = type.element else { return nil }
        return (0..<elementCount).map { index in
            let bits = bits(at: index * type.size)
            return switch element {
            case .bool: bits == 0 ? 0 : 1
            case .int8: Double(Int8(truncatingIfNeeded: bits))
            case .int16: Double(Int16(truncatingIfNeeded: bits))
            case .int32: Double(Int32(truncatingIfNeeded: bits))
            case .int64: Double(Int64(truncatingIfNeeded: bits))
            case .uint8, .uint16, .uint32, .uint64: Double(bits)
            case .float16: Self.halfPrecision(UInt16(truncatingIfNeeded: bits))
            case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
            case .float64: Double(bitPattern: bits)
            }
        }
    }

    /// The index of the first element that is NaN or infinite; `nil` if all are finite.
    public var firstNonFinite: Int? {
        guard let element = type.element, element.isFloat else { return nil }
        // an exponent of ones
        let mask: UInt64 =
            switch element {
            case .float16: 0x7C00
            case .float32: 0x7F80_0000
            default: 0x7FF0_0000_0000_0000
            }
        return (0..<elementCount).first { bits(at: $0 * type.size) & mask == mask }
    }

    /// The same numbers with little-endian bytes.
    public var littleEndian: NumericArray {
        guard type.isBigEndian, let element = type.element else { return self }
        var swapped = bytes
        for start in stride(from: 0, to: bytes.count, by: type.size) {
            for offset in 0..<type.size { swapped[start + offset] = bytes[start + type.size - 1 - offset] }
        }
        return NumericArray(NumPyType(element), shape: shape, bytes: swapped)
    }

    private func bits(at start: Int) -> UInt64 {
        var bits: UInt64 = 0
        for offset in 0..<type.size {
            bits = bits << 8 | UInt64(bytes[start + (type.isBigEndian ? offset : type.size - 1 - offset)])
        }
        return bits
    }

    /// IEEE 754 binary16; Swift has no `Float16` on every platform.
    private static func halfPrecision(_ bits: UInt16) -> Double {
        let sign: Double = bits & 0x8000 == 0 ? 1 : -1
        let (exponent, fraction) = (Int(bits >> 10 & 0x1F), Double(bits & 0x3FF))
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 0x1F: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * (1024 + fraction) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
        }
    }
}

/// A NumPy scalar that names its type, such as `numpy.float32`.
public struct NumericScalar: Sendable, Hashable {
    public let type: NumPyType
    /// A number or truth value; in msgpack-numpy the element's bytes.
    private let storage: [WireValue]

    public init(_ type: NumPyType, value: WireValue) { (self.type, storage) = (type, [value]) }

    public var value: WireValue { storage[0] }
}

private func littleEndianBytes(_ values: [some FixedWidthInteger]) -> [UInt8] {
    values.map(\.littleEndian).withUnsafeBytes { Array($0) }
}
