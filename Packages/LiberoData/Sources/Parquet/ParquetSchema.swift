/// A column or a group of columns.
public struct ParquetField: Sendable {
    public let name: String
    public let repetition: ParquetRepetition
    /// Fields of a group; none for a leaf.
    public let children: [ParquetField]
    /// Repeated and optional elements on the path to here.
    public let definitionLevel: Int
    /// Repeated elements on the path to here.
    public let repetitionLevel: Int
    /// The leaves below, by their numbers.
    public let leaves: Range<Int>
    /// Whether it is a list or map: a group with one repeated field that holds the elements.
    public let isList: Bool

    public var isLeaf: Bool { children.isEmpty }
}

/// A column as it is stored.
public struct ParquetLeaf: Sendable {
    /// Names from the root, such as `["state", "list", "element"]`.
    public let path: [String]
    public let type: ParquetType
    /// Bytes of an element of fixed length.
    public let typeLength: Int
    public let maximumDefinitionLevel: Int
    public let maximumRepetitionLevel: Int
    /// Whether integers have a sign.
    public let isSigned: Bool
    /// Whether byte arrays are text.
    public let isText: Bool
    /// Whether elements of two bytes are numbers of half precision.
    public let isHalf: Bool

    /// What the column holds, in words.
    public var contents: String { isText ? "texts" : isHalf ? "numbers" : type.words }

    /// The path with dots.
    public var name: String { path.joined(separator: ".") }
}

/// The tree of fields, checked.
struct ParquetSchema: Sendable {
    private(set) var fields: [ParquetField] = []
    private(set) var leaves: [ParquetLeaf] = []

    /// - Throws: `SerializationError` for a list of elements that is no tree, or is too deep.
    init(_ elements: [ParquetMetadata.SchemaElement], place: ParquetPlace) throws {
        guard let root = elements.first else { throw place.error(.damaged, "the schema is empty") }
        var position = 1
        var leaves: [ParquetLeaf] = []

        func read(_ path: [String], _ definition: Int, _ repetition: Int) throws -> ParquetField {
            guard position < elements.count, path.count < 32 else {
                throw place.error(.damaged, "the schema is no tree of at most 32 levels")
            }
            let element = elements[position]
            position += 1
            let path = path + [element.name]
            let definition = definition + (element.repetition == .required ? 0 : 1)
            let repetition = repetition + (element.repetition == .repeated ? 1 : 0)
            let first = leaves.count
            var children: [ParquetField] = []
            if element.childCount > 0 {
                for _ in 0..<element.childCount { children.append(try read(path, definition, repetition)) }
            } else {
                guard let type = element.type else {
                    throw place.error(.damaged, "the column \(path.joined(separator: ".")) has no type")
                }
                let length = element.typeLength ?? 0
                guard type != .fixedLengthByteArray || (1...1 << 20).contains(length) else {
                    throw place.error(.damaged, "\(path.joined(separator: ".")): elements of \(length) bytes")
                }
                leaves.append(
                    ParquetLeaf(
                        path: path, type: type, typeLength: length, maximumDefinitionLevel: definition,
                        maximumRepetitionLevel: repetition, isSigned: element.isSigned,
                        isText: element.convertedType == 0 || element.logicalType == 1,
                        isHalf: type == .fixedLengthByteArray && length == 2 && element.logicalType == 15))
            }
            let isMarked = [1, 2, 3].contains(element.convertedType) || [2, 3].contains(element.logicalType)
            return ParquetField(
                name: element.name, repetition: element.repetition, children: children, definitionLevel: definition,
                repetitionLevel: repetition, leaves: first..<leaves.count,
                isList: isMarked && children.count == 1 && children[0].repetition == .repeated)
        }

        for _ in 0..<root.childCount { fields.append(try read([], 0, 0)) }
        guard position == elements.count else {
            throw place.error(.damaged, "the schema has elements outside its tree")
        }
        self.leaves = leaves
    }
}
