import TensorCore
import TensorTestSupport
import Testing

/// The convolution of images whose channels lie together, against the one of images by channel.
@Suite struct ChannelsLastConvolutionTests {
    struct Case: Sendable {
        var x: Shape
        var weight: Shape
        var stride: Int
        var padding: Int
    }

    static let cases = [
        Case(x: [1, 1, 4, 4], weight: [1, 1, 1, 1], stride: 1, padding: 0),
        Case(x: [2, 3, 7, 5], weight: [4, 3, 3, 3], stride: 2, padding: 1),
        Case(x: [3, 2, 6, 6], weight: [3, 2, 3, 2], stride: 1, padding: 2),
        Case(x: [2, 2, 8, 8], weight: [5, 2, 4, 4], stride: 4, padding: 0),
        // larger than one block of rows
        Case(x: [2, 64, 40, 40], weight: [7, 64, 3, 3], stride: 1, padding: 1),
    ]

    private func parts(of test: Case) -> (x: Tensor, weight: Tensor, bias: Tensor) {
        (sample(test.x), sample(test.weight, seed: 2), sample([test.weight[0]], seed: 3))
    }

    @Test(arguments: cases)
    func valuesAndGradientsAreThoseOfTheOtherOrder(test: Case) throws {
        let parts = parts(of: test)
        let leaves = [parts.x, parts.weight, parts.bias].map { $0.asLeaf() }
        let others = [parts.x, parts.weight, parts.bias].map { $0.asLeaf() }
        let expected = convolution(
            leaves[0], weight: leaves[1], bias: leaves[2], stride: test.stride, padding: test.padding)
        let found = channelsLastConvolution(
            others[0].permuted([0, 2, 3, 1]), weight: others[1], bias: others[2], stride: test.stride,
            padding: test.padding
        ).permuted([0, 3, 1, 2])
        // the largest case adds 576 products of size 1 in another order
        expectClose(found, expected, within: .init(relative: 1e-5, absolute: 2e-4), "value")

        let weights = sample(expected.shape, seed: 4)
        let a = gradients(of: expected, outputGradient: weights, withRespectTo: leaves)
        let b = gradients(of: found, outputGradient: weights, withRespectTo: others)
        for index in 0..<3 {
            let (expected, found) = (try #require(a[index]), try #require(b[index]))
            expectClose(found, expected, within: .init(relative: 1e-4, absolute: 5e-4), "gradient of input \(index)")
        }
    }

    @Test func gradientsAreThoseOfCentralDifferences() {
        let (height, width) = (5, 4)
        expectGradients(
            of: [sample([2, height, width, 3]), sample([2, 3, 3, 3], seed: 2), sample([2], seed: 3)],
            { channelsLastConvolution($0[0], weight: $0[1], bias: $0[2], stride: 2, padding: 1) }
        ) { inputs in
            var result: [Double] = []
            for (b, i, j) in (0..<12).map({ ($0 / 6, $0 / 2 % 3, $0 % 2) }) {
                for o in 0..<2 {
                    var sum = inputs[2][o]
                    for (u, v) in (0..<9).map({ ($0 / 3, $0 % 3) }) {
                        let (y, x) = (2 * i + u - 1, 2 * j + v - 1)
                        guard (0..<height).contains(y), (0..<width).contains(x) else { continue }
                        for c in 0..<3 {
                            let pixel = inputs[0][((b * height + y) * width + x) * 3 + c]
                            sum += pixel * inputs[1][((o * 3 + c) * 3 + u) * 3 + v]
                        }
                    }
                    result.append(sum)
                }
            }
            return result
        }
    }
}
