import ActionTokenizer
import Foundation
import TensorCore

/// What a model predicts for inputs that anyone can make again: shows whether weights still are those that were trained,
/// after whatever converted, merged or renamed them.
///
/// The inputs do not depend on the pipelines: images of noise, a state of noise, the first ids of the tokenizer.
public struct PredictionCheck: Hashable, Codable, Sendable {
    /// The numbers predicted for each of the inputs, one after the other.
    public let values: [Float]

    static let inputCount = 4

    /// - Throws: What the model throws for its prediction.
    public init(_ model: some PolicyModel, actions: ActionPipeline) throws {
        let sizes = model.configuration.sizes
        var values: [Float] = []
        for index in 0..<Self.inputCount {
            var generator = PhiloxGenerator(seed: 0x5e1f, stream: UInt64(index))
            let images = sizes.images.map { size in
                Tensor.uniform(-1...1, [1, size[1], size[0], 3], using: &generator)
            }
            let state = sizes.stateSize > 0 ? Tensor.uniform(-1...1, [1, sizes.stateSize], using: &generator) : nil
            let words = min(sizes.promptLength, 4)
            let prompt =
                sizes.vocabularySize > 1 ? (0..<words).map { 1 + ($0 + index) % (sizes.vocabularySize - 1) } : []
            let inputs = PolicyInputs(images: images, state: state, promptIDs: [prompt])
            values += try withoutGradient { try model.predict(inputs, actions: actions, using: &generator)[0] }
        }
        self.values = values
    }

    /// The mean absolute difference of two predictions as a share of the mean absolute value; infinite when one of them
    /// is not finite or their lengths differ. Rounding to half precision stays below 0.02.
    public func distance(to other: PredictionCheck) -> Double {
        guard values.count == other.values.count, !values.isEmpty else { return .infinity }
        var (difference, size) = (0.0, 0.0)
        for (a, b) in zip(values, other.values) {
            difference += Double(abs(a - b))
            size += Double(abs(a) + abs(b)) / 2
        }
        let share = difference / max(size, 1e-6)
        return share.isFinite ? share : .infinity
    }
}
