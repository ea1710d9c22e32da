import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import Testing

/// Rotation tables against the reference, plain and with YaRN.
@Suite struct RotaryGoldenTests {
    struct Case: Decodable {
        var theta: Float
        var max_positions: Int
        var yarn: YaRN?

        struct YaRN: Decodable {
            var beta_fast: Float
            var beta_slow: Float
            var factor: Float
            var original_max_position_embeddings: Int
            var attention_factor: Float
        }
    }

    static let folders = SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("rope") }

    @Test(arguments: folders)
    func tablesMatchPyTorch(folder: URL) throws {
        let description: Case = try Golden.json(folder.appendingPathComponent("case.json"))
        let io = try Golden(folder.appendingPathComponent("io.safetensors"))
        let positions = try io("positions").integers
        // names are plain.<head size>.cos and yarn.<head size>.sin
        for name in io.names where name != "positions" {
            let parts = name.split(separator: ".")
            let size = try #require(Int(parts[1]))
            var yarn: RotaryTable.YaRN?
            if parts[0] == "yarn" {
                let y = try #require(description.yarn)
                yarn = .init(
                    originalPositionCount: y.original_max_position_embeddings, factor: y.factor, betaFast: y.beta_fast,
                    betaSlow: y.beta_slow, attentionFactor: y.attention_factor)
            }
            let table = RotaryTable(
                headSize: size, positionCount: description.max_positions, base: description.theta, yarn: yarn)
            let half = (parts[2] == "cos" ? table.cosine : table.sine).gatheringRows(positions)
            // the reference repeats the half for both elements of a pair; 5e-3 for the rounding of long angles
            expectClose(
                Tensor.concatenated([half, half], axis: 1), try io(name), within: .init(relative: 0, absolute: 5e-3),
                name)
            let short = positions.indices.filter { positions[$0] < 256 }
            expectClose(
                Tensor.concatenated([half, half], axis: 1).gatheringRows(short), try io(name).gatheringRows(short),
                within: .init(relative: 0, absolute: 2e-5), name)
        }
    }
}

@Suite struct LoRAGoldenTests {
    struct Case: Decodable {
        var rank: Int
        var alpha: Float
    }

    static let folders = SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("lora") }

    @Test(arguments: folders)
    func adaptersMatchPyTorch(folder: URL) throws {
        let description: Case = try Golden.json(folder.appendingPathComponent("case.json"))
        let io = try Golden(folder.appendingPathComponent("io.safetensors"))
        let x = try io("x")
        var layer = Linear(weight: try io("W"))
        layer.adapter = LowRankAdapter(a: try io("A"), b: try io("B"), scale: 1)
        expectClose(layer(x), try io("y_plain"), within: .reduction, "scale 1")

        layer.adapter = LowRankAdapter(
            a: try io("A"), b: try io("B"), scale: description.alpha / Float(description.rank))
        let scaled = layer(x)
        expectClose(scaled, try io("y_scaled"), within: .reduction, "scale α / rank")
        struct Model: Module {
            var layer: Linear
            mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
                try visitor.visit("layer", &layer)
            }
        }
        var model = Model(layer: layer)
        model.mergeAdapters()
        #expect(model.layer.adapter == nil)
        expectClose(model.layer.weight.value, try io("merged_scaled"), within: .reduction, "merged")
        expectClose(model.layer(x), scaled, within: .reduction, "merged output")
    }
}

@Suite struct CrossEntropyGoldenTests {
    struct Case: Decodable { var ignore_index: Int }

    static let folders = SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("cross_entropy") }

    @Test(arguments: folders)
    func lossAndGradientMatchPyTorch(folder: URL) throws {
        let description: Case = try Golden.json(folder.appendingPathComponent("case.json"))
        let io = try Golden(folder.appendingPathComponent("io.safetensors"))
        let ignored = description.ignore_index
        let (logits, targets) = (try io("logits"), try io("labels").integers)
        for (reduction, name) in [(LossReduction.mean, "mean"), (.sum, "sum")] {
            let leaf = logits.asLeaf()
            let loss = crossEntropy(leaf, targets: targets, ignoring: ignored, reduction: reduction)
            expectClose(loss.detached.reshaped([1]), try io(name), within: .reduction, name)
            let gradient = try #require(gradients(of: loss, withRespectTo: [leaf])[0])
            expectClose(gradient, try io("grad_\(name)"), within: .reduction, "gradient of the \(name)")
        }
        // row by row; the fixture gives ignored rows the cost of class 0
        let rows = try io("per_token").elements()
        for (row, target) in targets.enumerated() {
            let loss = crossEntropy(logits[row..<row + 1], targets: [target == ignored ? 0 : target])
            expectClose(Double(loss.scalar), Double(rows[row]), within: .reduction, "row \(row)")
        }
    }

    @Test(arguments: folders)
    func extremeLogitsStayFinite(folder: URL) throws {
        let io = try Golden(folder.appendingPathComponent("io.safetensors"))
        let (logits, targets) = (try io("extreme_logits"), try io("extreme_labels").integers)
        let expected = try io("extreme_per_token").elements()
        for (row, target) in targets.enumerated() {
            let loss = crossEntropy(logits[row..<row + 1], targets: [target])
            expectClose(Double(loss.scalar), Double(expected[row]), within: .reduction, "row \(row)")
        }
    }
}
