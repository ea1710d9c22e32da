import Foundation
import TensorCore
import TensorTestSupport
import Testing

/// Operations that move, select and add up elements, and matrix products.
@Suite struct StructureGradientTests {
    @Test func viewsKeepTheirGradients() {
        expectGradients(of: [sample([2, 3, 4])], { $0[0].permuted([2, 0, 1]).reshaped([8, 3]) }) { inputs in
            (0..<24).map { i in
                let (c, a, b) = (i / 6, i / 3 % 2, i % 3)
                return inputs[0][(a * 3 + b) * 4 + c]
            }
        }
        expectGradients(of: [sample([3, 5])], { $0[0].slice(axis: 1, 1..<4) }) { inputs in
            (0..<9).map { inputs[0][$0 / 3 * 5 + 1 + $0 % 3] }
        }
        expectGradients(of: [sample([3, 5])], { $0[0].select(axis: 0, 2) }) { Array($0[0][10..<15]) }
        expectGradients(of: [sample([3, 1])], { $0[0].broadcast(to: [2, 3, 2]) }) { inputs in
            (0..<12).map { inputs[0][$0 / 2 % 3] }
        }
        expectGradients(
            of: [sample([2, 3]), sample([2, 2], seed: 2)], { .concatenated([$0[0], $0[1]], axis: 1) }
        ) { inputs in
            let (a, b) = (inputs[0], inputs[1])
            return Array(a[0..<3]) + Array(b[0..<2]) + Array(a[3..<6]) + Array(b[2..<4])
        }
        expectGradients(of: [sample([2, 2]), sample([2, 2], seed: 2)], { .stacked([$0[0], $0[1]]) }) { $0[0] + $0[1] }
    }

    @Test func overlappingSlicesAddUp() throws {
        let x = Tensor([1, 2, 3, 4]).asLeaf()
        let y = (x[0..<3] + x[1..<4]).sum()
        let gradient = try #require(gradients(of: y, withRespectTo: [x])[0])
        #expect(gradient.elements() == [1, 2, 2, 1])
    }

    @Test(arguments: [[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]])
    func gradientOfSum(axes: [Int]) {
        let shape: Shape = [2, 3, 4]
        expectGradients(of: [sample(shape)], { $0[0].sum(axes: axes, keepingDimensions: true) }) { inputs in
            let kept = Shape(shape.indices.map { axes.contains($0) ? 1 : shape[$0] })
            var result = [Double](repeating: 0, count: kept.elementCount)
            for i in 0..<24 {
                let place = [i / 12, i / 4 % 3, i % 4]
                let at = zip(place.indices, kept.rowMajorStrides).map { axes.contains($0) ? 0 : place[$0] * $1 }
                result[at.reduce(0, +)] += inputs[0][i]
            }
            return result
        }
    }

    @Test func partsAndMeansKeepTheirGradients() {
        func swapped(_ x: Tensor) -> Tensor {
            let parts = x.split([2, 3], axis: 1)
            return .concatenated([parts[1], parts[0]], axis: 1)
        }
        expectGradients(of: [sample([3, 5])], { swapped($0[0]) }) { inputs in
            var y: [Double] = []
            for row in 0..<3 { for column in [2, 3, 4, 0, 1] { y.append(inputs[0][row * 5 + column]) } }
            return y
        }
        expectGradients(of: [sample([2, 3, 4])], { $0[0].mean(axes: [1], keepingDimensions: true) }) { inputs in
            var y = [Double](repeating: 0, count: 8)
            for i in 0..<24 { y[i / 12 * 4 + i % 4] += inputs[0][i] / 3 }
            return y
        }
        expectGradients(of: [sample([2, 3])], { $0[0].expandingDimension(at: 1).mean() }) { inputs in
            [inputs[0].reduce(0, +) / 6]
        }
    }

    @Test func rowsAreGatheredScatteredAndReplaced() {
        expectGradients(of: [sample([4, 3])], { $0[0].gatheringRows([2, 0, 2]) }) { inputs in
            [2, 0, 2].flatMap { Array(inputs[0][$0 * 3..<$0 * 3 + 3]) }
        }
        expectGradients(of: [sample([3, 2])], { $0[0].scatteringRows(to: [1, 3, 1], rowCount: 4) }) { inputs in
            let x = inputs[0]
            return [0, 0, x[0] + x[4], x[1] + x[5], 0, 0, x[2], x[3]]
        }
        expectGradients(
            of: [sample([4, 2]), sample([2, 2], seed: 2)], { $0[0].replacingRows(at: [3, 1], with: $0[1]) }
        ) { inputs in
            Array(inputs[0][0..<2]) + Array(inputs[1][2..<4]) + Array(inputs[0][4..<6]) + Array(inputs[1][0..<2])
        }
        expectGradients(of: [sample([5, 2])], { embedding($0[0], ids: Tensor(integers: [4, 1, 4, 0], [2, 2])) }) {
            inputs in
            [4, 1, 4, 0].flatMap { Array(inputs[0][$0 * 2..<$0 * 2 + 2]) }
        }
    }

    @Test func selectedElementsKeepTheirGradients() {
        let mask = [true, false, false, true, true, false]
        expectGradients(
            of: [sample([2, 3]), sample([2, 3], seed: 2)], { .select(mask, $0[0], $0[1]) }
        ) { inputs in
            mask.indices.map { mask[$0] ? inputs[0][$0] : inputs[1][$0] }
        }
    }

    @Test func maximumPassesItsGradientToOneElement() {
        expectGradients(of: [sample([3, 5])], { $0[0].maximum().values }) { inputs in
            (0..<3).map { inputs[0][$0 * 5..<$0 * 5 + 5].max()! }
        }
        expectGradients(of: [sample([3, 5])], { $0[0].top(2).values }) { inputs in
            (0..<3).flatMap { inputs[0][$0 * 5..<$0 * 5 + 5].sorted(by: >).prefix(2) }
        }
    }

    @Test func gradientOfMatrixProducts() {
        let (a, b, bT) = (sample([2, 3, 4]), sample([4, 5], seed: 2), sample([5, 4], seed: 3))
        expectGradients(of: [a, b], { matmul($0[0], $0[1]) }) { DoubleReference.matmul($0[0], $0[1], 6, 4, 5) }
        expectGradients(of: [a, bT], { matmul($0[0], transposed: $0[1]) }) {
            DoubleReference.matmul($0[0], $0[1], 6, 4, 5, transposed: true)
        }
        expectGradients(of: [a, bT, sample([5], seed: 4)], { linear($0[0], weight: $0[1], bias: $0[2]) }) { inputs in
            DoubleReference.matmul(inputs[0], inputs[1], 6, 4, 5, transposed: true).enumerated()
                .map { $0.element + inputs[2][$0.offset % 5] }
        }
        // one row goes through the matrix-vector kernel
        expectGradients(of: [sample([1, 4]), bT], { linear($0[0], weight: $0[1]) }) {
            DoubleReference.matmul($0[0], $0[1], 1, 4, 5, transposed: true)
        }
        let (c, d) = (sample([2, 3, 4]), sample([2, 5, 4], seed: 5))
        expectGradients(of: [c, d], { matmul($0[0], transposed: $0[1]) }) { inputs in
            (0..<2).flatMap {
                DoubleReference.matmul(
                    Array(inputs[0][$0 * 12..<$0 * 12 + 12]), Array(inputs[1][$0 * 20..<$0 * 20 + 20]), 3, 4, 5,
                    transposed: true)
            }
        }
        expectGradients(of: [c, d], { matmul($0[0], $0[1].transposed()) }) { inputs in
            (0..<2).flatMap {
                DoubleReference.matmul(
                    Array(inputs[0][$0 * 12..<$0 * 12 + 12]), Array(inputs[1][$0 * 20..<$0 * 20 + 20]), 3, 4, 5,
                    transposed: true)
            }
        }
    }

    @Test(arguments: [(1, 0), (2, 1), (3, 2)])
    func gradientOfConvolution(stride: Int, padding: Int) {
        let (x, w) = (sample([2, 2, 5, 6]), sample([3, 2, 3, 2], seed: 2))
        expectGradients(
            of: [x, w, sample([3], seed: 3)],
            { convolution($0[0], weight: $0[1], bias: $0[2], stride: stride, padding: padding) }
        ) {
            DoubleReference.convolution(
                $0[0], $0[1], $0[2], x: x.shape.sizes, w: w.shape.sizes, stride: stride, padding: padding)
        }
    }

    @Test func patchesAreTokensInRows() {
        let (x, w, b) = (sample([2, 3, 4, 6]), sample([5, 3, 2, 2], seed: 2), sample([5], seed: 3))
        let image = convolution(x, weight: w, bias: b, stride: 2)
        let tokens = patchEmbedding(x, weight: w, bias: b)
        expectClose(tokens, image.permuted([0, 2, 3, 1]).reshaped([2, 6, 5]), within: .exact)

        expectGradients(of: [x, w, b], { patchEmbedding($0[0], weight: $0[1], bias: $0[2]) }) { inputs in
            let image = DoubleReference.convolution(
                inputs[0], inputs[1], inputs[2], x: x.shape.sizes, w: w.shape.sizes, stride: 2, padding: 0)
            // [2, 5, 2 × 3] → [2, 2 × 3, 5]
            var tokens: [Double] = []
            for row in 0..<2 {
                for token in 0..<6 { for c in 0..<5 { tokens.append(image[row * 30 + c * 6 + token]) } }
            }
            return tokens
        }
    }
}
