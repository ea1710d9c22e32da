import TensorCore
import TensorTestSupport
import Testing

@Suite struct TensorTests {
    static let values: [Float] = [0, 1, -1, 0.1, 65504, 1e-7, -2.5, 3.14159, .infinity, -.infinity]

    @Test func halfPrecisionRoundsToNearestEven() {
        // 1 + 2⁻¹¹ lies between two halves: the even one is 1; 1 + 3 · 2⁻¹¹ goes up to 1 + 2⁻⁹
        let x = Tensor([1 + 0x1p-11, 1 + 3 * 0x1p-11, 65519, 65520, 0x1p-24, 0x1p-25])
        #expect(
            x.converted(to: .float16).converted(to: .float32).elements()
                == [1, 1 + 0x1p-9, 65504, .infinity, 0x1p-24, 0])
        let y = Tensor([1 + 0x1p-8, 1 + 3 * 0x1p-8])
        #expect(y.converted(to: .bfloat16).converted(to: .float32).elements() == [1, 1 + 0x1p-6])
    }

    @Test(arguments: [DType.float16, .bfloat16, .float64])
    func storedValuesSurviveTheRoundTrip(dtype: DType) {
        let once = Tensor(Self.values).converted(to: dtype).converted(to: .float32)
        let twice = once.converted(to: dtype).converted(to: .float32)
        #expect(once.elements() == twice.elements())
        #expect(Tensor([.nan]).converted(to: dtype).converted(to: .float32).elements()[0].isNaN)
    }

    @Test func quantizationErrorIsHalfAScaleAtMost() throws {
        let x = sample([5, 37])
        let quantized = x.quantizedByRow()
        let scales = try #require(quantized.rowScales)
        for (index, (a, b)) in zip(quantized.converted(to: .float32).elements(), x.elements()).enumerated() {
            #expect(abs(a - b) <= scales[index / 37] * 0.5001)
        }
        // a slice of rows keeps the scales of its rows
        #expect(
            quantized[3..<5].converted(to: .float32).elements() == quantized.converted(to: .float32)[3..<5].elements())
    }

    @Test func integersConvertBothWays() {
        let x = Tensor(integers: [0, 1, 5, 100], [2, 2])
        for dtype in [DType.int32, .int16, .int8, .uint8, .float32, .float64] {
            #expect(x.converted(to: dtype).converted(to: .int64).integers == [0, 1, 5, 100], "\(dtype)")
        }
        #expect(x.converted(to: .bool).integers == [0, 1, 1, 1])
    }

    @Test func viewsReadTheirOwnElements() {
        let x = Tensor((0..<24).map(Float.init), [2, 3, 4])
        #expect(x.transposed()[1].elements() == [12, 16, 20, 13, 17, 21, 14, 18, 22, 15, 19, 23])
        #expect(x.slice(axis: 2, 1..<3).slice(axis: 1, 2..<3).elements() == [9, 10, 21, 22])
        #expect(x.slice(axis: 1, 1..<2).transposed(0, 2).elements() == [4, 16, 5, 17, 6, 18, 7, 19])
        #expect(x.select(axis: 1, 0).elements() == [0, 1, 2, 3, 12, 13, 14, 15])
        #expect(Tensor([1, 2], [2, 1]).broadcast(to: [2, 3]).elements() == [1, 1, 1, 2, 2, 2])
        #expect(x.split([1, 2], axis: 1)[1].elements() == [4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23])
    }

    @Test func largeTransposesAreCopiedInOrder() {
        let x = Tensor((0..<300 * 257).map(Float.init), [300, 257])
        let y = x.transposed().contiguous
        #expect(y.shape == [257, 300])
        let elements = y.elements()
        #expect((0..<257 * 300).allSatisfy { elements[$0] == Float($0 % 300 * 257 + $0 / 300) })
    }

    @Test func emptyTensorsPassThrough() {
        let x = Tensor.zeros([0, 4])
        #expect((x + x).elements().isEmpty)
        #expect(linear(x, weight: .ones([3, 4])).shape == [0, 3])
        #expect(x.sum().scalar == 0)
        #expect(Tensor.concatenated([x, .ones([2, 4])], axis: 0).shape == [2, 4])
    }

    @Test func argumentsOfMaximaAreTheFirstOfEquals() {
        let x = Tensor([1, 3, 3, -1, .nan, 5], [2, 3])
        #expect(x.argmax() == [1, 1])
        #expect(Tensor([2, 2, 1], [1, 3]).top(2).columns == [0, 1])
    }

    @Test func randomTensorsFollowTheirDistribution() {
        var generator = TestGenerator(state: 3)
        let uniform = Tensor.uniform(-2...3, [20_000], using: &generator).elements()
        #expect(uniform.allSatisfy { $0 >= -2 && $0 <= 3 })
        // standard error of the mean: 5 / √12 / √20000 = 0.0102
        #expect(abs(uniform.reduce(0, +) / 20_000 - 0.5) < 0.05)
        let normal = Tensor.normal(mean: 1, standardDeviation: 2, [20_001], using: &generator).elements()
        let mean = normal.reduce(0, +) / 20_001
        let deviation = (normal.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 20_001).squareRoot()
        #expect(abs(mean - 1) < 0.07 && abs(deviation - 2) < 0.05)
    }
}
