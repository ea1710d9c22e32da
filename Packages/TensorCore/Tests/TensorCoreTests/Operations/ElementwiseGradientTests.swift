import Foundation
import TensorCore
import TensorTestSupport
import Testing

/// A tensor of reproducible values around 0.
func sample(_ shape: Shape, seed: UInt64 = 1, range: ClosedRange<Float> = -2...2) -> Tensor {
    var generator = TestGenerator(state: seed)
    return .uniform(range, shape, using: &generator)
}

/// A small generator for test data (SplitMix64).
struct TestGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

struct UnaryCase: Sendable, CustomTestStringConvertible {
    let name: String
    let operation: @Sendable (Tensor) -> Tensor
    let reference: @Sendable (Double) -> Double
    var range: ClosedRange<Float> = -2...2
    var testDescription: String { name }
}

@Suite struct ElementwiseGradientTests {
    static let unary: [UnaryCase] = [
        .init(name: "exp", operation: { $0.exp() }, reference: { exp($0) }),
        .init(name: "log", operation: { $0.log() }, reference: { log($0) }, range: 0.5...3),
        .init(name: "squareRoot", operation: { $0.squareRoot() }, reference: { $0.squareRoot() }, range: 0.5...3),
        .init(name: "squared", operation: { $0.squared() }, reference: { $0 * $0 }),
        .init(name: "absoluteValue", operation: { $0.absoluteValue() }, reference: { abs($0) }),
        .init(name: "tanh", operation: { $0.tanh() }, reference: { tanh($0) }),
        .init(name: "sigmoid", operation: { $0.sigmoid() }, reference: { 1 / (1 + exp(-$0)) }),
        .init(name: "sine", operation: { $0.sine() }, reference: { sin($0) }),
        .init(name: "cosine", operation: { $0.cosine() }, reference: { cos($0) }),
        .init(name: "relu", operation: { $0.relu() }, reference: { max($0, 0) }),
        .init(name: "silu", operation: { $0.silu() }, reference: { $0 / (1 + exp(-$0)) }),
        .init(name: "gelu", operation: { $0.gelu() }, reference: { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) }),
        .init(
            name: "geluTanh", operation: { $0.gelu(.tanh) },
            reference: { 0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }),
        .init(name: "quickGELU", operation: { $0.gelu(.quick) }, reference: { $0 / (1 + exp(-1.702 * $0)) }),
        .init(name: "clamped", operation: { $0.clamped(to: -1...0.7) }, reference: { min(max($0, -1), 0.7) }),
        .init(name: "scaleShift", operation: { 3 - 2 * $0 }, reference: { 3 - 2 * $0 }),
    ]

    @Test(arguments: unary)
    func gradientOfUnaryOperation(_ unary: UnaryCase) {
        expectGradients(of: [sample([3, 7], range: unary.range)], { unary.operation($0[0]) }) { inputs in
            inputs[0].map(unary.reference)
        }
    }

    struct BinaryCase: Sendable, CustomTestStringConvertible {
        let name: String
        let operation: @Sendable (Tensor, Tensor) -> Tensor
        let reference: @Sendable (Double, Double) -> Double
        var testDescription: String { name }
    }

    static let binary: [BinaryCase] = [
        .init(name: "+", operation: { $0 + $1 }, reference: { $0 + $1 }),
        .init(name: "-", operation: { $0 - $1 }, reference: { $0 - $1 }),
        .init(name: "*", operation: { $0 * $1 }, reference: { $0 * $1 }),
        .init(name: "/", operation: { $0 / $1 }, reference: { $0 / $1 }),
    ]

    @Test(
        arguments: binary,
        [([2, 3, 4], [3, 1]), ([3, 4], [2, 1, 4]), ([5], [5]), ([2, 3], [])] as [([Int], [Int])])
    func gradientOfBroadcastBinaryOperation(_ binary: BinaryCase, shapes: ([Int], [Int])) throws {
        let (a, b) = (Shape(shapes.0), Shape(shapes.1))
        let result = try #require(a.broadcast(with: b))
        expectGradients(of: [sample(a), sample(b, seed: 2, range: 0.5...2)], { binary.operation($0[0], $0[1]) }) {
            inputs in
            (0..<result.elementCount).map { index in
                binary.reference(
                    inputs[0][source(of: index, in: result, from: a)], inputs[1][source(of: index, in: result, from: b)]
                )
            }
        }
    }

    /// Where element `index` of a broadcast result comes from.
    private func source(of index: Int, in result: Shape, from shape: Shape) -> Int {
        let strides = shape.rowMajorStrides
        var (rest, place) = (index, 0)
        for axis in stride(from: result.rank - 1, through: 0, by: -1) {
            let position = rest % result[axis]
            rest /= result[axis]
            let own = axis - (result.rank - shape.rank)
            if own >= 0, shape[own] != 1 { place += position * strides[own] }
        }
        return place
    }

    @Test func gradientOfSiluMultiply() {
        expectGradients(of: [sample([2, 9]), sample([2, 9], seed: 2)], { .siluMultiply(gate: $0[0], up: $0[1]) }) {
            inputs in
            zip(inputs[0], inputs[1]).map { $0 / (1 + exp(-$0)) * $1 }
        }
    }

    @Test func reusedTensorGetsBothContributions() throws {
        let x = Tensor([3, -2]).asLeaf()
        let y = (x * x + x).sum()
        let gradient = try #require(gradients(of: y, withRespectTo: [x])[0])
        #expect(gradient.elements() == [7, -3])
    }

    @Test func regionWithoutGradientRecordsNothing() throws {
        let x = Tensor([2]).asLeaf()
        let constant = withoutGradient { x * x }
        #expect(!constant.requiresGradient)
        let gradient = try #require(gradients(of: (constant * x).sum(), withRespectTo: [x])[0])
        #expect(gradient.elements() == [4])
    }

    @Test func dropoutScalesWhatItKeeps() throws {
        var generator = TestGenerator(state: 5)
        let x = Tensor.ones([4000]).asLeaf()
        let y = x.dropout(0.25, using: &generator)
        let kept = y.elements().filter { $0 != 0 }
        #expect(kept.allSatisfy { $0 == 1 / 0.75 })
        // 3000 kept of 4000, standard deviation 27
        #expect(abs(kept.count - 3000) < 140)
        let gradient = try #require(gradients(of: y.sum(), withRespectTo: [x])[0])
        #expect(gradient.elements() == y.elements())
    }
}
