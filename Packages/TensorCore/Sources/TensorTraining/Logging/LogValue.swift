/// A value in a ``RunLog``: what JSON can hold, without objects inside objects.
public enum LogValue: Hashable, Sendable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([LogValue])

    /// The number, when it is one.
    public var number: Double? { if case .number(let value) = self { value } else { nil } }
    /// The text, when it is one.
    public var text: String? { if case .text(let value) = self { value } else { nil } }
}

extension LogValue: ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral
{
    public init(booleanLiteral value: Bool) { self = .flag(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    public init(stringLiteral value: String) { self = .text(value) }
    public init(arrayLiteral elements: LogValue...) { self = .list(elements) }

    public init(_ value: some BinaryFloatingPoint) { self = .number(Double(value)) }
    public init(_ value: some BinaryInteger) { self = .number(Double(value)) }
}

/// Numbers that JSON cannot write, as a diverging loss is, become the texts "nan", "inf" and "-inf", and are read back.
extension LogValue: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self =
                switch value {
                case "nan": .number(.nan)
                case "inf": .number(.infinity)
                case "-inf": .number(-.infinity)
                default: .text(value)
                }
        } else {
            self = .list(try container.decode([LogValue].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .flag(let value): try container.encode(value)
        case .number(let value) where value.isNaN: try container.encode("nan")
        case .number(let value) where value.isInfinite: try container.encode(value > 0 ? "inf" : "-inf")
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        }
    }
}
