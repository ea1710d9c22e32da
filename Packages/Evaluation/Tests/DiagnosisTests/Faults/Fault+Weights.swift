import Diagnosis
import Foundation
import TensorCore
import VLAPolicy

extension Fault {
    private static func weights(
        _ name: String, _ causes: Cause, families: Set<PolicyFamily> = [.regression, .token], reportedFault: Int? = nil,
        _ change: @escaping @Sendable (inout PolicyCheckpoint, Healthy) throws -> Void
    ) -> Fault {
        Fault(name, [causes], families: families, reportedFault: reportedFault) { patient, healthy in
            try patient.edit { try change(&$0, healthy) }
        }
    }

    /// A model as it is before training.
    private static func fresh(_ checkpoint: PolicyCheckpoint) throws -> [String: Tensor] {
        var generator = PhiloxGenerator(seed: 77)
        func drawn<Model: PolicyModel>(_: Model.Type) throws -> [String: Tensor] {
            let configuration = try JSONDecoder().decode(Model.Configuration.self, from: checkpoint.configuration)
            return Model(configuration, using: &generator).parameters.mapValues { $0.converted(to: .float16) }
        }
        return try drawn(checkpoint.family.model)
    }

    private static func isVision(_ name: String) -> Bool { name.contains("vision") && !name.contains("vision_proj") }

    /// Rows of half-split rotation to those of neighbouring pairs, per head of `size` rows.
    private static func pairsOrdered(_ tensor: Tensor, size: Int) -> Tensor {
        let (rows, columns) = (tensor.shape[0], tensor.shape.elementCount / tensor.shape[0])
        let values = tensor.converted(to: .float32).contiguous.elements()
        var result = values
        for head in stride(from: 0, to: rows, by: size) {
            for j in 0..<size / 2 {
                for c in 0..<columns {
                    result[(head + 2 * j) * columns + c] = values[(head + j) * columns + c]
                    result[(head + 2 * j + 1) * columns + c] = values[(head + j + size / 2) * columns + c]
                }
            }
        }
        return Tensor(result, tensor.shape).converted(to: tensor.dtype)
    }

    static let ofWeights: [Fault] = [
        .weights("weights loaded with missing names ignored: nothing was", .weightsUntrained, reportedFault: 5) {
            checkpoint, _ in
            checkpoint.weights = try fresh(checkpoint)
        },
        .weights("the vision tower was not loaded", .weightsPartlyUntrained) { checkpoint, _ in
            for (name, tensor) in try fresh(checkpoint) where isVision(name) { checkpoint.weights[name] = tensor }
        },
        .weights("queries and keys in the order of another rotation", .rotaryOrder, families: [.token]) {
            checkpoint, _ in
            let object = try JSONSerialization.jsonObject(with: checkpoint.configuration) as! [String: Any]
            let decoder = (object["settings"] as! [String: Any])["decoder"] as! [String: Any]
            let size = decoder["headSize"] as! Int
            for (name, tensor) in checkpoint.weights
            where name.hasSuffix("q_proj.weight") || name.hasSuffix("k_proj.weight") {
                checkpoint.weights[name] = pairsOrdered(tensor, size: size)
            }
        },
        .weights("a square matrix is transposed", .weightsTransposed) { checkpoint, _ in
            let square = checkpoint.weights.filter {
                $0.value.shape.rank == 2 && $0.value.shape[0] == $0.value.shape[1] && $0.value.shape[0] >= 32
            }.keys.sorted()
            let name = square.first { $0.contains("o_proj") || $0.contains("output") } ?? square[0]
            checkpoint.weights[name] = checkpoint.weights[name]!.permuted([1, 0]).contiguous
        },
        .weights("a layer is zero", .weightsZero) { checkpoint, _ in
            let names = checkpoint.weights.keys.filter {
                $0.hasSuffix("weight") && checkpoint.weights[$0]!.shape.rank == 2
            }
            let name = names.sorted().last { $0.contains("layers") || $0.contains("blocks") || $0.contains("head") }!
            let old = checkpoint.weights[name]!
            checkpoint.weights[name] = Tensor.zeros(old.shape).converted(to: old.dtype)
        },
        .weights("weights overflowed in half precision", .weightsNotFinite) { checkpoint, _ in
            let name = checkpoint.weights.keys.sorted()[3]
            let old = checkpoint.weights[name]!
            checkpoint.weights[name] = Tensor.full(old.shape, .infinity).converted(to: old.dtype)
        },
        .weights("names begin with `module.`", .weightsMissing) { checkpoint, _ in
            checkpoint.weights = Dictionary(
                uniqueKeysWithValues: checkpoint.weights.map { ("module." + $0.key, $0.value) })
        },
        .weights("the vision tower of another training", .weightsChanged) { checkpoint, healthy in
            let other = try healthy.another(checkpoint.family)
            for (name, tensor) in other.weights where isVision(name) { checkpoint.weights[name] = tensor }
        },
    ]
}
