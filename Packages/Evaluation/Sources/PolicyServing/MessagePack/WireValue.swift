/// A value of a message: what MessagePack has, and the arrays, scalars and images that protocols write as maps.
public enum WireValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// An integer above `Int64.max`.
    case unsigned(UInt64)
    case float(Float)
    case double(Double)
    case text(String)
    case bytes([UInt8])
    case list([WireValue])
    case map(WireMap)
    /// A NumPy array or a LeRobot tensor.
    case array(NumericArray)
    /// A NumPy scalar that names its type.
    case scalar(NumericScalar)
    /// An image in a separate record.
    case image(EncodedImage)
}

extension WireValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral
{
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(dictionaryLiteral elements: (String, WireValue)...) {
        self = .map(WireMap(elements.map { (.text($0.0), $0.1) }))
    }
    public init(arrayLiteral elements: WireValue...) { self = .list(elements) }
}

extension WireValue {
    /// The text; `nil` for another type.
    public var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The map; `nil` for another type.
    public var map: WireMap? {
        if case .map(let map) = self { map } else { nil }
    }

    /// The elements of a list; `nil` for another type.
    public var list: [WireValue]? {
        if case .list(let list) = self { list } else { nil }
    }

    /// The truth value, also of a NumPy scalar; `nil` for another type.
    public var bool: Bool? {
        switch self {
        case .bool(let value): value
        case .scalar(let scalar): scalar.value.bool
        default: nil
        }
    }

    /// The integer, also of a NumPy scalar; `nil` for another type or one that does not fit.
    public var int: Int? {
        switch self {
        case .integer(let value): Int(exactly: value)
        case .unsigned(let value): Int(exactly: value)
        case .scalar(let scalar): scalar.value.int
        default: nil
        }
    }

    /// The number, also of a NumPy scalar or an array of rank 0; `nil` for another type.
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .float(let value): Double(value)
        case .double(let value): value
        case .scalar(let scalar): scalar.value.number
        case .array(let array): array.shape.isEmpty ? array.doubles()?.first : nil
        default: nil
        }
    }

    /// The array, also of an image; `nil` for another type.
    public var array: NumericArray? {
        switch self {
        case .array(let array): array
        case .image(let image): image.pixels
        default: nil
        }
    }

    /// Numbers of a list or of an array of rank 0 or 1; `nil` for another type.
    public var numbers: [Double]? {
        switch self {
        case .list(let list):
            let numbers = list.compactMap(\.number)
            return numbers.count == list.count ? numbers : nil
        case .array(let array): return array.shape.count <= 1 ? array.doubles() : nil
        default: return number.map { [$0] }
        }
    }

    /// The type in a word, for error messages.
    public var typeName: String {
        switch self {
        case .null: "nil"
        case .bool: "bool"
        case .integer, .unsigned: "integer"
        case .float, .double: "float"
        case .text: "text"
        case .bytes: "bytes"
        case .list: "list"
        case .map: "map"
        case .array: "array"
        case .scalar: "scalar"
        case .image: "image"
        }
    }
}

/// Entries in the order in which they were written.
public struct WireMap: Sendable, Hashable {
    /// A key: text, or bytes in openpi's and msgpack-numpy's records.
    public enum Key: Sendable {
        case text(String)
        case bytes([UInt8])
    }

    public struct Entry: Sendable, Hashable {
        public var key: Key
        public var value: WireValue
    }

    public private(set) var entries: [Entry]

    public init() { entries = [] }

    public init(_ entries: [(Key, WireValue)]) {
        self.entries = entries.map { Entry(key: $0.0, value: $0.1) }
    }

    init(entries: [Entry]) { self.entries = entries }

    public var count: Int { entries.count }
    public var isEmpty: Bool { entries.isEmpty }

    /// The keys that are texts, in order.
    public var textKeys: [String] {
        entries.compactMap { if case .text(let text) = $0.key { text } else { nil } }
    }

    public subscript(key: String) -> WireValue? {
        get { self[.text(key)] }
        set { self[.text(key)] = newValue }
    }

    subscript(bytes key: StaticString) -> WireValue? { self[.bytes(key.withUTF8Buffer { Array($0) })] }

    public subscript(key: Key) -> WireValue? {
        get { entries.first { $0.key == key }?.value }
        set {
            let index = entries.firstIndex { $0.key == key }
            switch (index, newValue) {
            case (let index?, let value?): entries[index].value = value
            case (let index?, nil): entries.remove(at: index)
            case (nil, let value?): entries.append(Entry(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// The same keys with other values.
    public func mapValues<Failure: Error>(
        _ transform: (WireValue) throws(Failure) -> WireValue
    ) throws(Failure) -> WireMap {
        var result = self
        for index in entries.indices { result.entries[index].value = try transform(entries[index].value) }
        return result
    }
}

/// Keys are equal when their bytes are: two spellings of é are two keys, as in Python.
extension WireMap.Key: Hashable {
    public static func == (a: Self, b: Self) -> Bool {
        switch (a, b) {
        case (.text(let a), .text(let b)): a.utf8.elementsEqual(b.utf8)
        case (.bytes(let a), .bytes(let b)): a == b
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .text(let text):
            hasher.combine(0)
            for byte in text.utf8 { hasher.combine(byte) }
        case .bytes(let bytes): hasher.combine(bytes)
        }
    }
}
