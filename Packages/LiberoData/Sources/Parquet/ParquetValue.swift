/// A value of a row, of any depth.
public enum ParquetValue: Equatable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    /// Unsigned, beyond what `integer` can hold or not.
    case unsigned(UInt64)
    case float(Float)
    case double(Double)
    case text(String)
    case bytes([UInt8])
    case list([ParquetValue])
    case group([Member])

    public struct Member: Equatable, Sendable {
        public var name: String
        public var value: ParquetValue
    }

    public var integer: Int? {
        switch self {
        case .integer(let value): Int(value)
        case .unsigned(let value): Int(exactly: value)
        default: nil
        }
    }
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .float(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
    public var text: String? { if case .text(let value) = self { value } else { nil } }
    public var list: [ParquetValue]? { if case .list(let value) = self { value } else { nil } }
    /// A member of a group by its name.
    public subscript(name: String) -> ParquetValue? {
        if case .group(let members) = self { members.first { $0.name == name }?.value } else { nil }
    }
}
