/// A BDDL file does not say what it has to; where, and what was found.
public struct BDDLError: Error, Equatable, CustomStringConvertible {
    /// A place in the text, both counted from 1; columns count Unicode code points.
    public struct Position: Hashable, Comparable, Sendable, CustomStringConvertible {
        public var line: Int
        public var column: Int

        public init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }

        public static func < (a: Position, b: Position) -> Bool { (a.line, a.column) < (b.line, b.column) }

        public var description: String { "\(line):\(column)" }
    }

    /// The file; nil when a text was read.
    public var file: String?
    public var position: Position
    public var message: String

    public var description: String { "\(file ?? "BDDL") \(position): \(message)" }
}
