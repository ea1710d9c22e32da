import FileSupport
import Foundation
public import TensorCore
public import TensorNN

/// Everything that a run needs to continue to the bit: trained parameters, the optimizer's memory, where the run stands
/// in its schedule and its data, generators and other values of the user.
///
/// Frozen parameters are not in it: they come from where the first run had them.
public struct TrainingState: Sendable {
    /// Updates done; the next one is `schedule.rate(afterUpdates: step)`.
    public var step = 0
    public var epoch = 0
    /// Micro-batches of the epoch done.
    public var position = 0
    /// Shards of a micro-batch that ``position`` counts for.
    public var shardCount = 1
    /// The trained parameters by name.
    public var parameters: [String: Tensor] = [:]
    public var optimizer = OptimizerState()
    /// Codable values by name, as JSON; see ``set(_:for:)``.
    var values: [String: String] = [:]

    public init() {}

    /// Where the run stands in the epoch when it continues with another number of shards.
    ///
    /// The position in the epoch is rescaled by old/new and rounded down: some samples may be seen twice, none is left out.
    public func position(forShardCount count: Int) -> Int { position * shardCount / count }
}

// MARK: - Model and optimizer

extension TrainingState {
    /// Takes the trainable parameters and the optimizer's memory in.
    public mutating func capture(_ model: some Module, _ optimizer: some Optimizer) {
        parameters = [:]
        model.forEachParameter { name, parameter in
            if parameter.isTrainable { parameters[name] = parameter.value.detached }
        }
        self.optimizer = optimizer.state
    }

    /// Gives the trainable parameters and the optimizer their values back, or changes nothing and throws.
    ///
    /// - Throws: ``TrainingStateError`` when names or shapes differ in either direction.
    public func restore(_ model: inout some Module, _ optimizer: inout some Optimizer) throws {
        var shapes: [String: Shape] = [:]
        model.forEachParameter { name, parameter in
            if parameter.isTrainable { shapes[name] = parameter.value.shape }
        }
        let missing = shapes.keys.filter { parameters[$0] == nil }
        guard missing.isEmpty else { throw TrainingStateError.missingParameters(missing.sorted()) }
        let unused = parameters.keys.filter { shapes[$0] == nil }
        guard unused.isEmpty else { throw TrainingStateError.unusedParameters(unused.sorted()) }
        for tensors in [parameters] + self.optimizer.moments.values {
            for (name, tensor) in tensors where tensor.shape != shapes[name] {
                throw TrainingStateError.wrongShape(
                    name: name, found: "\(tensor.shape)", expected: shapes[name].map { "\($0)" } ?? "absent")
            }
        }
        try optimizer.restore(self.optimizer)
        model.updateParameters { name, parameter in
            if parameter.isTrainable { parameter.value = parameters[name]! }
        }
    }
}

// MARK: - Values

extension TrainingState {
    /// Keeps a value such as a generator or the best validation loss so far.
    public mutating func set(_ value: some Encodable, for name: String) throws {
        let encoder = JSONEncoder.sorted(escapingSlashes: true, infinities: true)
        values[name] = String(decoding: try encoder.encode([value]), as: UTF8.self)
    }

    /// A value kept by ``set(_:for:)``.
    ///
    /// - Throws: ``TrainingStateError/missingValue(_:present:)`` when there is none of that name and type.
    public func value<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let text = values[name], let list = try? decoder.decode([Value].self, from: Data(text.utf8)),
            let value = list.first
        else { throw TrainingStateError.missingValue(name, present: values.keys.sorted()) }
        return value
    }
}
