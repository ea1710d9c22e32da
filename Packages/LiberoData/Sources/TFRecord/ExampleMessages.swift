import Foundation
import SwiftProtobuf

// The messages of tensorflow/core/example/{example,feature}.proto, written by hand: six small messages do not need the
// compiler's plugin in every build.

protocol TensorFlowMessage: SwiftProtobuf.Message, Hashable {}

extension TensorFlowMessage {
    func isEqualTo(message: any SwiftProtobuf.Message) -> Bool { (message as? Self) == self }
}

struct ExampleMessage: TensorFlowMessage {
    static let protoMessageName = "tensorflow.Example"
    var features = FeaturesMessage()
    var unknownFields = SwiftProtobuf.UnknownStorage()

    mutating func decodeMessage<D: SwiftProtobuf.Decoder>(decoder: inout D) throws {
        while let field = try decoder.nextFieldNumber() {
            guard field == 1 else { continue }
            var value: FeaturesMessage? = features
            try decoder.decodeSingularMessageField(value: &value)
            features = value ?? features
        }
    }

    func traverse<V: SwiftProtobuf.Visitor>(visitor: inout V) throws {
        try visitor.visitSingularMessageField(value: features, fieldNumber: 1)
        try unknownFields.traverse(visitor: &visitor)
    }
}

struct FeaturesMessage: TensorFlowMessage {
    typealias Entries = SwiftProtobuf._ProtobufMessageMap<SwiftProtobuf.ProtobufString, FeatureMessage>

    static let protoMessageName = "tensorflow.Features"
    var feature: [String: FeatureMessage] = [:]
    var unknownFields = SwiftProtobuf.UnknownStorage()

    mutating func decodeMessage<D: SwiftProtobuf.Decoder>(decoder: inout D) throws {
        while let field = try decoder.nextFieldNumber() {
            if field == 1 { try decoder.decodeMapField(fieldType: Entries.self, value: &feature) }
        }
    }

    func traverse<V: SwiftProtobuf.Visitor>(visitor: inout V) throws {
        if !feature.isEmpty { try visitor.visitMapField(fieldType: Entries.self, value: feature, fieldNumber: 1) }
        try unknownFields.traverse(visitor: &visitor)
    }
}

struct FeatureMessage: TensorFlowMessage {
    static let protoMessageName = "tensorflow.Feature"
    var bytes: BytesListMessage?
    var floats: FloatListMessage?
    var integers: Int64ListMessage?
    var unknownFields = SwiftProtobuf.UnknownStorage()

    init() {}

    init(_ feature: TFFeature) {
        switch feature {
        case .bytes(let values): bytes = BytesListMessage(values)
        case .floats(let values): floats = FloatListMessage(values)
        case .integers(let values): integers = Int64ListMessage(values)
        }
    }

    var value: TFFeature? {
        if let bytes { return .bytes(bytes.value) }
        if let floats { return .floats(floats.value) }
        if let integers { return .integers(integers.value) }
        return nil
    }

    mutating func decodeMessage<D: SwiftProtobuf.Decoder>(decoder: inout D) throws {
        while let field = try decoder.nextFieldNumber() {
            switch field {
            case 1: try decoder.decodeSingularMessageField(value: &bytes)
            case 2: try decoder.decodeSingularMessageField(value: &floats)
            case 3: try decoder.decodeSingularMessageField(value: &integers)
            default: break
            }
        }
    }

    func traverse<V: SwiftProtobuf.Visitor>(visitor: inout V) throws {
        if let bytes { try visitor.visitSingularMessageField(value: bytes, fieldNumber: 1) }
        if let floats { try visitor.visitSingularMessageField(value: floats, fieldNumber: 2) }
        if let integers { try visitor.visitSingularMessageField(value: integers, fieldNumber: 3) }
        try unknownFields.traverse(visitor: &visitor)
    }
}

struct BytesListMessage: TensorFlowMessage {
    static let protoMessageName = "tensorflow.BytesList"
    var value: [Data] = []
    var unknownFields = SwiftProtobuf.UnknownStorage()

    init() {}
    init(_ value: [Data]) { self.value = value }

    mutating func decodeMessage<D: SwiftProtobuf.Decoder>(decoder: inout D) throws {
        while let field = try decoder.nextFieldNumber() {
            if field == 1 { try decoder.decodeRepeatedBytesField(value: &value) }
        }
    }

    func traverse<V: SwiftProtobuf.Visitor>(visitor: inout V) throws {
        if !value.isEmpty { try visitor.visitRepeatedBytesField(value: value, fieldNumber: 1) }
        try unknownFields.traverse(visitor: &visitor)
    }
}

struct FloatListMessage: TensorFlowMessage {
    static let protoMessageName = "tensorflow.FloatList"
    var value: [Float] = []
    var unknownFields = SwiftProtobuf.UnknownStorage()

    init() {}
    init(_ value: [Float]) { self.value = value }

    mutating func decodeMessage<D: SwiftProtobuf.Decoder>(decoder: inout D) throws {
        while let field = try decoder.nextFieldNumber() {
            if field == 1 { try decoder.decodeRepeatedFloatField(value: &value) }
        }
    }

    func traverse<V: SwiftProtobuf.Visitor>(visitor: inout V) throws {
        if !value.isEmpty { try visitor.visitPackedFloatField(value: value, fieldNumber: 1) }
        try unknownFields.traverse(visitor: &visitor)
    }
}

struct Int64ListMessage: TensorFlowMessage {
    static let protoMessageName = "tensorflow.Int64List"
    var value: [Int64] = []
    var unknownFields = SwiftProtobuf.UnknownStorage()

    init() {}
    init(_ value: [Int64]) { self.value = value }

    mutating func decodeMessage<D: SwiftProtobuf.Decoder>(decoder: inout D) throws {
        while let field = try decoder.nextFieldNumber() {
            if field == 1 { try decoder.decodeRepeatedInt64Field(value: &value) }
        }
    }

    func traverse<V: SwiftProtobuf.Visitor>(visitor: inout V) throws {
        if !value.isEmpty { try visitor.visitPackedInt64Field(value: value, fieldNumber: 1) }
        try unknownFields.traverse(visitor: &visitor)
    }
}
