import TensorCore
import TensorTestSupport
import Testing

@Suite struct InterpolationTests {
    @Test func interpolationKeepsConstantsAndCopiesSameSize() {
        let constant = Tensor.full([3, 4, 2], 0.7)
        for method in [Tensor.Interpolation.bilinear, .bicubic] {
            expectClose(
                constant.interpolated(toHeight: 5, width: 7, method), .full([5, 7, 2], 0.7), within: .elementwise)
        }
        let x = sample([3, 4, 2])
        expectClose(x.interpolated(toHeight: 3, width: 4, .bicubic), x, within: .exact)
    }

    /// `torch.nn.functional.interpolate(torch.tensor([[[1., 2., 4.]]]), size=5, mode='linear')` gives
    /// 1, 1.4, 2, 3.2, 4 (PyTorch 2.15).
    @Test func bilinearInterpolationMatchesPyTorch() {
        let x = Tensor([1, 2, 4], [1, 3, 1])
        expectClose(
            x.interpolated(toHeight: 1, width: 5, .bilinear), Tensor([1, 1.4, 2, 3.2, 4], [1, 5, 1]),
            within: .elementwise)
    }

    /// `torch.nn.functional.interpolate(x, size=(3, 5), mode='bicubic')` of the two rows, in `float64` (PyTorch 2.15).
    @Test func bicubicInterpolationMatchesPyTorch() {
        let x = Tensor([1, 2, 4, 0, -1, 3], [2, 3, 1])
        let expected: [Float] = [
            0.974138889, 1.410666667, 2.260416667, 3.462666667, 4.262138889, 0.5, 0.284, 0.5, 2.336, 3.788,
            0.025861111, -0.842666667, -1.260416667, 1.209333333, 3.313861111,
        ]
        expectClose(
            x.interpolated(toHeight: 3, width: 5, .bicubic), Tensor(expected, [3, 5, 1]), within: .reduction)
    }

    /// New sample `i` of `n` lies at `(i + ½) old / n − ½`, and takes its neighbours by the distance to each.
    static func weight(_ distance: Double, _ method: Tensor.Interpolation) -> Double {
        let (x, a) = (abs(distance), -0.75)
        switch method {
        case .bilinear: return max(1 - x, 0)
        case .bicubic where x <= 1: return (a + 2) * x * x * x - (a + 3) * x * x + 1
        case .bicubic: return x < 2 ? a * (x * x * x - 5 * x * x + 8 * x - 4) : 0
        }
    }

    @Test(arguments: [Tensor.Interpolation.bilinear, .bicubic], [[5, 3], [2, 7]])
    func gradientOfInterpolation(method: Tensor.Interpolation, size: [Int]) {
        let (height, width) = (size[0], size[1])
        func weights(_ old: Int, _ new: Int, _ i: Int) -> [Double] {
            let center = (Double(i) + 0.5) * Double(old) / Double(new) - 0.5
            var result = [Double](repeating: 0, count: old)
            // beyond the border is the border's value
            for k in -3..<old + 3 { result[min(max(k, 0), old - 1)] += Self.weight(center - Double(k), method) }
            return result
        }
        expectGradients(
            of: [sample([3, 4, 2])], { $0[0].interpolated(toHeight: height, width: width, method) }
        ) { inputs in
            var result: [Double] = []
            for y in 0..<height {
                for x in 0..<width {
                    let (rows, columns) = (weights(3, height, y), weights(4, width, x))
                    for c in 0..<2 {
                        var sum = 0.0
                        for k in 0..<12 { sum += rows[k / 4] * columns[k % 4] * inputs[0][2 * k + c] }
                        result.append(sum)
                    }
                }
            }
            return result
        }
    }
}
