/// A statement about the scene that is true or false; arguments are instances or region keys.
public enum GoalPredicate: Hashable, Sendable, CustomStringConvertible {
    case on(String, String)
    case `in`(String, String)
    case open(String)
    case close(String)
    case turnOn(String)
    case turnOff(String)

    /// Makes the predicate with the name it has in a BDDL file; nil when no predicate has this name and argument count.
    public init?(name: String, arguments: [String]) {
        switch (name, arguments.count) {
        case ("on", 2): self = .on(arguments[0], arguments[1])
        case ("in", 2): self = .in(arguments[0], arguments[1])
        case ("open", 1): self = .open(arguments[0])
        case ("close", 1): self = .close(arguments[0])
        case ("turnon", 1): self = .turnOn(arguments[0])
        case ("turnoff", 1): self = .turnOff(arguments[0])
        default: return nil
        }
    }

    /// The names in BDDL files with the number of arguments each takes.
    public static let argumentCounts = ["on": 2, "in": 2, "open": 1, "close": 1, "turnon": 1, "turnoff": 1]

    /// The name in BDDL files.
    public var name: String {
        switch self {
        case .on: "on"
        case .in: "in"
        case .open: "open"
        case .close: "close"
        case .turnOn: "turnon"
        case .turnOff: "turnoff"
        }
    }

    public var arguments: [String] {
        switch self {
        case .on(let a, let b), .in(let a, let b): [a, b]
        case .open(let a), .close(let a), .turnOn(let a), .turnOff(let a): [a]
        }
    }

    /// As BDDL writes it: `(on moka_pot_1 flat_stove_1_cook_region)`.
    public var description: String { "(\(([name] + arguments).joined(separator: " ")))" }
}
