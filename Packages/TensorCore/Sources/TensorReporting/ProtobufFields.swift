import SwiftProtobuf

/// A message as its fields in the order in which they are written, for files of other programs that are only written
/// here: their definitions have hundreds of fields, of which a log needs a few.
struct ProtobufFields: SwiftProtobuf.Message, Hashable {
    enum Value: Hashable, Sendable {
        case text(String)
        case integer(Int64)
        case double(Double)
        case float(Float)
        case message(ProtobufFields)
    }

    private struct Field: Hashable, Sendable {
        var number: Int
        var value: Value
    }

    static let protoMessageName = "vla.Fields"
    var unknownFields = SwiftProtobuf.UnknownStorage()
    private var fields: [Field] = []

    init() {}

    /// Adds a field; one that is repeated is added several times.
    mutating func add(_ number: Int, _ value: Value) { fields.append(Field(number: number, value: value)) }

    mutating func add(_ number: Int, _ message: ProtobufFields) { add(number, .message(message)) }

    /// A message of these fields.
    init(_ fields: [(number: Int, value: Value)]) {
        self.fields = fields.map { Field(number: $0.number, value: $0.value) }
    }

    /// What is read stays in `unknownFields`.
    mutating func decodeMessage<D: SwiftProtobuf.Decoder>(decoder: inout D) throws {
        while try decoder.nextFieldNumber() != nil {}
    }

    func traverse<V: SwiftProtobuf.Visitor>(visitor: inout V) throws {
        for field in fields {
            let number = field.number
            switch field.value {
            case .text(let value): try visitor.visitSingularStringField(value: value, fieldNumber: number)
            case .integer(let value): try visitor.visitSingularInt64Field(value: value, fieldNumber: number)
            case .double(let value): try visitor.visitSingularDoubleField(value: value, fieldNumber: number)
            case .float(let value): try visitor.visitSingularFloatField(value: value, fieldNumber: number)
            case .message(let value): try visitor.visitSingularMessageField(value: value, fieldNumber: number)
            }
        }
        try unknownFields.traverse(visitor: &visitor)
    }

    func isEqualTo(message: any SwiftProtobuf.Message) -> Bool { (message as? Self) == self }

    /// The bytes on the wire.
    var bytes: [UInt8] {
        // it fails only for required fields, which there are none of, and beyond 2 GiB
        guard let bytes: [UInt8] = try? serializedBytes() else { preconditionFailure("a record of more than 2 GiB") }
        return bytes
    }
}
