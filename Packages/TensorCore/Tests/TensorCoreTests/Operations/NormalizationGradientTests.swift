import Foundation
import TensorCore
import TensorTestSupport
import Testing

/// Norms, softmax, rotation and losses.
@Suite struct NormalizationGradientTests {
    @Test(arguments: [(1, 8), (5, 7), (3, 129)])
    func gradientOfNorms(rows: Int, columns: Int) {
        let (x, gamma, beta) = (sample([rows, columns]), sample([columns], seed: 2), sample([columns], seed: 3))
        expectGradients(of: [x, gamma], { rmsNorm($0[0], weight: $0[1], epsilon: 1e-5) }) { inputs in
            DoubleReference.rows(inputs[0], columns) { DoubleReference.rmsNorm($0, inputs[1], 1e-5) }
        }
        expectGradients(
            of: [x, gamma, beta], { layerNorm($0[0], weight: $0[1], bias: $0[2], epsilon: 1e-5) }
        ) { inputs in
            DoubleReference.rows(inputs[0], columns) { DoubleReference.layerNorm($0, inputs[1], inputs[2], 1e-5) }
        }
        expectGradients(of: [x], { layerNorm($0[0], epsilon: 1e-5) }) { inputs in
            let (ones, zeros) = ([Double](repeating: 1, count: columns), [Double](repeating: 0, count: columns))
            return DoubleReference.rows(inputs[0], columns) { DoubleReference.layerNorm($0, ones, zeros, 1e-5) }
        }
    }

    @Test func gradientOfSoftmaxAndLogSumExp() {
        let x = sample([4, 9], range: -4...4)
        expectGradients(of: [x], { $0[0].softmax() }) { DoubleReference.rows($0[0], 9, DoubleReference.softmax) }
        expectGradients(of: [x], { $0[0].logSumExp() }) {
            DoubleReference.rows($0[0], 9) { [DoubleReference.logSumExp($0)] }
        }
    }

    @Test func softmaxOfHiddenRowIsZero() {
        let x = Tensor([-.infinity, -.infinity, 0, -.infinity], [2, 2])
        #expect(x.softmax().elements() == [0, 0, 1, 0])
    }

    @Test func gradientOfRotation() {
        let table = RotaryTable(headSize: 6, positionCount: 12, base: 100)
        let (cosine, sine) = (table.cosine.floats.map { Double($0) }, table.sine.floats.map { Double($0) })
        func rotated(_ x: [Double], position: (Int) -> Int) -> [Double] {
            var y = x
            for token in 0..<4 {
                for head in 0..<2 {
                    for b in 0..<2 {
                        let at = ((b * 4 + token) * 2 + head) * 6
                        for i in 0..<3 {
                            let (c, s) = (cosine[position(token) * 3 + i], sine[position(token) * 3 + i])
                            y[at + i] = x[at + i] * c - x[at + i + 3] * s
                            y[at + i + 3] = x[at + i + 3] * c + x[at + i] * s
                        }
                    }
                }
            }
            return y
        }
        let x = sample([2, 4, 2, 6])
        expectGradients(of: [x], { rotaryEmbedding($0[0], table, firstPosition: 5) }) { rotated($0[0]) { $0 + 5 } }
        let positions = [3, 0, 11, 3]
        expectGradients(of: [x], { rotaryEmbedding($0[0], table, positions: positions) }) {
            rotated($0[0]) { positions[$0] }
        }
    }

    @Test(arguments: [LossReduction.mean, .sum])
    func gradientOfCrossEntropy(reduction: LossReduction) {
        let targets = [2, -100, 0, 4, -100, 4]
        func reference(_ logits: [Double], _ classes: Int) -> [Double] {
            var (sum, count) = (0.0, 0.0)
            for (row, target) in targets.enumerated() where target != -100 {
                let line = Array(logits[row * classes..<(row + 1) * classes])
                sum += DoubleReference.logSumExp(line) - line[target]
                count += 1
            }
            return [reduction == .mean ? sum / count : sum]
        }
        expectGradients(
            of: [sample([2, 3, 5])], { crossEntropy($0[0], targets: targets, reduction: reduction) }
        ) { reference($0[0], 5) }
        expectGradients(
            of: [sample([6, 4]), sample([5, 4], seed: 2)],
            { linearCrossEntropy(hidden: $0[0], weight: $0[1], targets: targets, reduction: reduction) * 0.7 }
        ) { inputs in
            reference(DoubleReference.matmul(inputs[0], inputs[1], 6, 4, 5, transposed: true), 5).map { $0 * 0.7 }
        }
    }

    @Test func lossWithoutSupervisedRowIsZero() throws {
        let logits = sample([2, 3]).asLeaf()
        let loss = crossEntropy(logits, targets: [-100, -100])
        #expect(loss.scalar == 0)
        let gradient = try #require(gradients(of: loss, withRespectTo: [logits])[0])
        #expect(gradient.elements().allSatisfy { $0 == 0 })
    }
}
