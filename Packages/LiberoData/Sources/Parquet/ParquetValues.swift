/// The values of a column that are there, without nulls.
public enum ParquetValues: Sendable {
    case booleans([Bool])
    case int32([Int32])
    case int64([Int64])
    case floats([Float])
    case doubles([Double])
    /// Byte arrays, of fixed or any length; slices share the memory of their page.
    case bytes([ArraySlice<UInt8>])

    public var count: Int {
        switch self {
        case .booleans(let values): values.count
        case .int32(let values): values.count
        case .int64(let values): values.count
        case .floats(let values): values.count
        case .doubles(let values): values.count
        case .bytes(let values): values.count
        }
    }

    init(emptyOf type: ParquetType) {
        switch type {
        case .boolean: self = .booleans([])
        case .int32: self = .int32([])
        case .int64: self = .int64([])
        case .float: self = .floats([])
        case .double: self = .doubles([])
        case .int96, .byteArray, .fixedLengthByteArray: self = .bytes([])
        }
    }

    /// Joins values of the same kind.
    mutating func append(_ other: ParquetValues) {
        switch (self, other) {
        case (.booleans(let a), .booleans(let b)): self = .booleans(a + b)
        case (.int32(let a), .int32(let b)): self = .int32(a + b)
        case (.int64(let a), .int64(let b)): self = .int64(a + b)
        case (.floats(var a), .floats(let b)):
            self = .booleans([])
            a += b
            self = .floats(a)
        case (.doubles(var a), .doubles(let b)):
            self = .booleans([])
            a += b
            self = .doubles(a)
        case (.bytes(var a), .bytes(let b)):
            self = .booleans([])
            a += b
            self = .bytes(a)
        default: preconditionFailure("values of two kinds in one column")
        }
    }

    /// The values at some places of a dictionary.
    func gathered(_ indices: [Int32]) -> ParquetValues {
        switch self {
        case .booleans(let values): .booleans(indices.map { values[Int($0)] })
        case .int32(let values): .int32(indices.map { values[Int($0)] })
        case .int64(let values): .int64(indices.map { values[Int($0)] })
        case .floats(let values): .floats(indices.map { values[Int($0)] })
        case .doubles(let values): .doubles(indices.map { values[Int($0)] })
        case .bytes(let values): .bytes(indices.map { values[Int($0)] })
        }
    }

    /// As doubles; nil for byte arrays. `isSigned` false reads integers without sign.
    public func asDoubles(isSigned: Bool = true) -> [Double]? {
        switch self {
        case .booleans(let values): values.map { $0 ? 1 : 0 }
        case .int32(let values): values.map { isSigned ? Double($0) : Double(UInt32(bitPattern: $0)) }
        case .int64(let values): values.map { isSigned ? Double($0) : Double(UInt64(bitPattern: $0)) }
        case .floats(let values): values.map(Double.init)
        case .doubles(let values): values
        case .bytes: nil
        }
    }

    /// Byte arrays of two bytes as numbers of half precision; nil for others.
    var asHalves: [Double]? {
        guard case .bytes(let values) = self, values.allSatisfy({ $0.count == 2 }) else { return nil }
        return values.map { Self.half(UInt16($0[$0.startIndex]) | UInt16($0[$0.startIndex + 1]) << 8) }
    }

    /// IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction.
    private static func half(_ bits: UInt16) -> Double {
        let (exponent, fraction) = (Int(bits >> 10) & 0x1F, Double(bits & 0x3FF))
        let size =
            switch exponent {
            case 0: fraction * 0x1p-24
            case 0x1F: fraction == 0 ? Double.infinity : .nan
            default: Double(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
            }
        return bits & 0x8000 == 0 ? size : -size
    }
}
