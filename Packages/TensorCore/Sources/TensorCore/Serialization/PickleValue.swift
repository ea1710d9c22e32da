/// What a pickle may hold: plain values, containers and arrays. See ``RestrictedPickle``.
public enum PickleValue: Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case string(String)
    case bytes([UInt8])
    case list([PickleValue])
    case tuple([PickleValue])
    /// A `dict` or `OrderedDict`, in its order.
    case dictionary([(key: PickleValue, value: PickleValue)])
    /// A PyTorch tensor or parameter, or a NumPy array.
    case tensor(Tensor)

    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    public var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var tensor: Tensor? { if case .tensor(let value) = self { value } else { nil } }

    /// A float, or an integer as one.
    public var float: Double? {
        switch self {
        case .float(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    /// The items of a list or tuple.
    public var items: [PickleValue]? {
        switch self {
        case .list(let items), .tuple(let items): items
        default: nil
        }
    }

    public var dictionary: [(key: PickleValue, value: PickleValue)]? {
        if case .dictionary(let entries) = self { entries } else { nil }
    }

    /// The value of a text key; nil when there is none or this is no dictionary.
    public subscript(key: String) -> PickleValue? {
        dictionary?.first { $0.key.string == key }?.value
    }

    /// What kind of value this is, for messages.
    var kind: String {
        switch self {
        case .none: "None"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .float: "a float"
        case .string: "a text"
        case .bytes: "bytes"
        case .list: "a list"
        case .tuple: "a tuple"
        case .dictionary: "a dictionary"
        case .tensor: "a tensor"
        }
    }
}
