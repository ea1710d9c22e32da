import Foundation
import Yams

/// A value of a YAML or JSON file with its place; JSON is read as the flow style of YAML that it is.
struct ConfigurationNode {
    private let node: Node
    let file: String
    /// Keys from the outermost value, joined by dots.
    let path: String

    private init(_ node: Node, file: String, path: String) {
        self.node = node
        self.file = file
        self.path = path
    }

    /// The outermost value of a text. Depth and size are bounded before the recursive parser sees it.
    static func parse(_ data: Data, file: String, limits: RobotFileLimits) throws -> ConfigurationNode {
        guard let text = String(data: data, encoding: .utf8) else {
            throw RobotFileError(.malformed, file: file, "the text is not UTF-8")
        }
        if let line = firstLineDeeper(than: limits.nestingDepth, in: data) {
            throw RobotFileError(.limitExceeded, file: file, line: line, "nested deeper than \(limits.nestingDepth)")
        }
        do {
            try checkAliases(data, file: file)
            guard let node = try Yams.compose(yaml: text) else {
                throw RobotFileError(.malformed, file: file, line: 1, "the text is empty")
            }
            return ConfigurationNode(node, file: file, path: "")
        } catch let error as YamlError {
            let (line, problem) = Self.place(of: error)
            throw RobotFileError(
                .malformed, file: file, line: line, "the text is no YAML or JSON: \(problem)",
                advice: "Check indentation, quotes, brackets and double keys at or before this line.")
        }
    }

    /// Aliases repeat what stands elsewhere: a short text becomes a tree that grows with their product, which is hashed
    /// where it is a key before anybody counts it. A few in a small file are what people write.
    private static func checkAliases(_ data: Data, file: String) throws {
        var (line, count, quote, previous) = (1, 0, UInt8(0), UInt8(ascii: "\n"))
        for byte in data {
            if byte == UInt8(ascii: "\n") { line += 1 }
            if quote != 0 {
                if byte == quote { quote = 0 }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'"), startsToken(after: previous) {
                quote = byte
            } else if byte == UInt8(ascii: "*"), startsToken(after: previous) {
                count += 1
                guard count <= aliasLimit, data.count <= aliasByteLimit else {
                    throw RobotFileError(
                        .limitExceeded, file: file, line: line,
                        "more than \(aliasLimit) aliases, or any in a file of more than \(aliasByteLimit) bytes",
                        advice: "Write the values out where they are used.")
                }
            }
            previous = byte
        }
    }

    private static let aliasLimit = 16
    private static let aliasByteLimit = 1 << 16

    private static func startsToken(after byte: UInt8) -> Bool {
        Array(" \t\n\r[{,:-?".utf8).contains(byte)
    }

    private static func place(of error: YamlError) -> (line: Int?, problem: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            (mark.line, problem)
        case .duplicatedKeysInMapping(let keys, let context): (context.mark.line, "the keys \(keys) occur twice")
        default: (nil, "\(error)".split(separator: "\n").first.map(String.init) ?? "")
        }
    }

    /// The first line whose nesting can exceed the limit: open brackets, or columns before the first word of a line,
    /// which each level of a block needs one of.
    private static func firstLineDeeper(than limit: Int, in data: Data) -> Int? {
        var (line, depth, column, inIndent) = (1, 0, 0, true)
        for byte in data {
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                if byte == UInt8(ascii: "\n") { line += 1 }
                (column, inIndent) = (0, true)
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                if depth > limit { return line }
                inIndent = false
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth = max(depth - 1, 0)
                inIndent = false
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"):
                if inIndent { column += 1 }
                if inIndent && column > 8 * limit { return line }
            default: inIndent = false
            }
        }
        return nil
    }

    /// Counted from 1.
    var line: Int? { node.mark?.line }

    func error(_ kind: RobotFileError.Kind, _ found: String, advice: String? = nil) -> RobotFileError {
        RobotFileError(
            kind, file: file, line: line, element: path.isEmpty ? nil : "key '\(path)'", found, advice: advice)
    }

    /// The value of a key; nil when the key is absent or its value is null.
    subscript(key: String) -> ConfigurationNode? {
        guard case .mapping(let mapping) = node, let value = mapping[Node(key)] else { return nil }
        let child = ConfigurationNode(value, file: file, path: path.isEmpty ? key : "\(path).\(key)")
        return child.isNull ? nil : child
    }

    var isNull: Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    var isMapping: Bool { if case .mapping = node { true } else { false } }
    var isSequence: Bool { if case .sequence = node { true } else { false } }
    var isScalar: Bool { if case .scalar = node { true } else { false } }

    /// The keys and values of a mapping, in the order of the file.
    func members() throws -> [(key: String, value: ConfigurationNode)] {
        guard case .mapping(let mapping) = node else { throw error(.invalidValue, "a mapping is expected") }
        return try mapping.map { pair in
            guard case .scalar(let key) = pair.key else { throw error(.invalidValue, "a key that is no text") }
            let child = path.isEmpty ? key.string : "\(path).\(key.string)"
            return (key.string, ConfigurationNode(pair.value, file: file, path: child))
        }
    }

    /// The values of a list.
    func items() throws -> [ConfigurationNode] {
        guard case .sequence(let sequence) = node else { throw error(.invalidValue, "a list is expected") }
        return sequence.enumerated().map { ConfigurationNode($1, file: file, path: "\(path)[\($0)]") }
    }

    func string() throws -> String {
        guard case .scalar(let scalar) = node else { throw error(.invalidValue, "a text is expected") }
        return scalar.string
    }

    func number() throws -> Double {
        guard case .scalar(let scalar) = node, let value = Double(scalar.string), abs(value) <= numberLimit else {
            let found = if case .scalar(let scalar) = node { "'\(scalar.string.prefix(40))'" } else { "a collection" }
            throw error(.invalidValue, "a number up to ±\(numberLimit) is expected, found \(found)")
        }
        return value
    }

    func bool() throws -> Bool {
        switch try string() {
        case "true", "True", "TRUE", "yes", "on": true
        case "false", "False", "FALSE", "no", "off": false
        case let other: throw error(.invalidValue, "true or false is expected, found '\(other.prefix(40))'")
        }
    }

    func strings() throws -> [String] { try items().map { try $0.string() } }

    /// A list of numbers, of `count` when given.
    func numbers(count: Int? = nil) throws -> [Double] {
        let values = try items().map { try $0.number() }
        if let count, values.count != count {
            throw error(.invalidValue, "\(values.count) numbers, \(count) are expected")
        }
        return values
    }

    /// Numbers that are places, sizes or factors of them.
    func lengths(_ values: [Double]) throws -> [Double] {
        if let far = values.first(where: { abs($0) > lengthLimit }) {
            throw error(.invalidValue, "\(far) is beyond ±\(lengthLimit)")
        }
        return values
    }

    /// A number that is a size in metres.
    func length() throws -> Double { try lengths([number()])[0] }

    func vector() throws -> Vector3 {
        let values = try lengths(numbers(count: 3))
        return Vector3(values[0], values[1], values[2])
    }

    /// `[x, y, z, qw, qx, qy, qz]`; the quaternion may have any length but zero.
    func pose() throws -> Pose {
        let values = try numbers(count: 7)
        _ = try lengths(Array(values[..<3]))
        return try pose(Vector3(values[0], values[1], values[2]), wxyz: Array(values[3...]))
    }

    func pose(_ translation: Vector3, wxyz: [Double]) throws -> Pose {
        do {
            let quaternion = Quaternion(SIMD4(wxyz[0], wxyz[1], wxyz[2], wxyz[3]), order: .wxyz)
            return Pose(rotation: try Rotation(quaternion), translation: translation)
        } catch let problem as RotationError {
            throw error(.invalidValue, "\(problem)")
        }
    }
}
