import CGraspKernels
import Parallel
import TensorCore

/// A linear layer with its normalization multiplied in, `y = W x + b`.
struct FoldedLayer: Sendable {
    let inputSize: Int
    let outputSize: Int
    /// `[out, in]`.
    var weight: [Float]
    var bias: [Float]

    /// W' = W γ / √(σ² + ε), b' = (b - μ) γ / √(σ² + ε) + β.
    init(_ convolution: PointConvolution, _ normalization: BatchNormalization?) {
        (inputSize, outputSize) = (convolution.inputSize, convolution.outputSize)
        weight = convolution.weight.value.floats
        bias = convolution.bias?.value.floats ?? [Float](repeating: 0, count: outputSize)
        guard let normalization else { return }
        let (gamma, beta) = (normalization.weight.value.floats, normalization.bias.value.floats)
        let (mean, variance) = (normalization.runningMean.value.floats, normalization.runningVariance.value.floats)
        for row in 0..<outputSize {
            let scale = gamma[row] / (variance[row] + BatchNormalization.epsilon).squareRoot()
            for column in 0..<inputSize { weight[row * inputSize + column] *= scale }
            bias[row] = (bias[row] - mean[row]) * scale + beta[row]
        }
    }

    /// The same outputs of some of the inputs, without bias.
    init(_ layer: FoldedLayer, columns: Range<Int>) {
        (inputSize, outputSize) = (columns.count, layer.outputSize)
        weight = []
        for row in 0..<layer.outputSize {
            let start = row * layer.inputSize
            weight += layer.weight[start + columns.lowerBound..<start + columns.upperBound]
        }
        bias = [Float](repeating: 0, count: layer.outputSize)
    }

    static func layers(_ mlp: SharedMLP) -> [FoldedLayer] {
        mlp.blocks.map { FoldedLayer($0.convolution, $0.normalization) }
    }

    static func layers(_ head: PointHead) -> [FoldedLayer] {
        head.convolutions.indices.map { i in
            FoldedLayer(head.convolutions[i], i < head.normalizations.count ? head.normalizations[i] : nil)
        }
    }

    /// `y = W x` for some rows; `y` is written whole.
    func multiply(_ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>) {
        var target = UnsafeMutableBufferPointer(start: y, count: rows * outputSize).mutableSpan
        weight.withUnsafeBufferPointer { weight in
            multiplyMatrices(
                UnsafeBufferPointer(start: x, count: rows * inputSize).span, weight.span, transposingB: true,
                into: &target, rows: rows, columns: outputSize, inner: inputSize)
        }
    }

    /// `y = max(W x + b, 0)`.
    func callAsFunction(_ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>) {
        multiply(x, rows: rows, into: y)
        cgk_bias_relu(y, bias, Int64(rows), Int32(outputSize))
    }
}

/// Rows of features in memory: `count` rows of `columns` floats.
final class FeatureRows: @unchecked Sendable {
    // Written by one kernel at a time, at different rows from different threads.
    let count: Int
    let columns: Int
    let base: UnsafeMutablePointer<Float>

    init(_ count: Int, _ columns: Int) {
        (self.count, self.columns) = (count, columns)
        base = .allocate(capacity: max(1, count * columns))
    }

    deinit { base.deallocate() }

    func row(_ index: Int) -> UnsafeMutablePointer<Float> { base + index * columns }

    var values: [Float] { Array(UnsafeBufferPointer(start: base, count: count * columns)) }
}

extension [FoldedLayer] {
    /// All layers, with ReLU after each but the last of a head.
    func run(_ x: FeatureRows, lastIsPlain: Bool = false) -> FeatureRows {
        let result = FeatureRows(x.count, self[count - 1].outputSize)
        let size = 256
        let widest = self.map(\.outputSize).max() ?? 1
        parallelFor((x.count + size - 1) / size) { chunk in
            let (first, rows) = (chunk * size, Swift.min(size, x.count - chunk * size))
            let (a, b) = (FeatureRows(rows, widest), FeatureRows(rows, widest))
            var (source, target) = (UnsafePointer(x.row(first)), a.base)
            for (i, layer) in enumerated() {
                if i == count - 1 { target = result.row(first) }
                if i == count - 1, lastIsPlain {
                    layer.multiply(source, rows: rows, into: target)
                    for r in 0..<rows {
                        for c in 0..<layer.outputSize { target[r * layer.outputSize + c] += layer.bias[c] }
                    }
                } else {
                    layer(source, rows: rows, into: target)
                }
                source = UnsafePointer(target)
                target = target == a.base ? b.base : a.base
            }
            withExtendedLifetime((a, b)) {}
        }
        return result
    }
}
