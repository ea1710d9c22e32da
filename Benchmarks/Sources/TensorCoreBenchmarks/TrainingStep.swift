import Parallel
import BenchmarkKit
import TensorCore
import TensorNN
import TensorTraining

/// One training step: forward, backward, clip, AdamW.
enum TrainingStep {
    static var benchmark: BenchmarkCase {
        BenchmarkCase("training_step") {
            var training = State()
            training.step()
            training.step()
            return {
                let seconds = secondsToRun { training.step() }
                let bound = GEMMBound.seconds()
                return [
                    MeasuredValue("training_step", seconds, unit: "s"),
                    MeasuredValue("training_step/peak_memory", peakResidentBytes(), unit: "bytes"),
                    // the time of the matrix products alone, over the time of the step
                    MeasuredValue("training_step/gemm_bound", bound, unit: "s", role: .ours),
                    MeasuredValue("training_step/gemm_bound", seconds, unit: "s", role: .peer),
                ]
            }
        }
    }

    struct State {
        var decoder: Decoder
        var optimizer = AdamW(learningRate: 4e-4, weightDecay: 0.01)
        let ids: Tensor
        let targets: [Int]

        /// - Parameter rows: The part of the batch.
        init(rows: Range<Int> = 0..<Decoder.Size.batch) {
            var generator = SplitMix64(state: 1)
            decoder = Decoder(using: &generator)
            let tokens = Decoder.Size.tokens
            let text = (0..<Decoder.Size.batch * tokens + 1).map { _ in
                Int.random(in: 0..<Decoder.Size.vocabulary, using: &generator)
            }
            let part = rows.lowerBound * tokens..<rows.upperBound * tokens
            ids = Tensor(integers: Array(text[part]), [rows.count, tokens])
            targets = Array(text[part.lowerBound + 1...part.upperBound])
        }

        @discardableResult
        mutating func step() -> Float {
            var (loss, gradients) = valueAndGradient(of: decoder) { $0.loss(ids, targets: targets) }
            gradients.clip(toNorm: 1)
            optimizer.update(&decoder, with: gradients)
            return loss
        }
    }
}

/// The matrix products of a training step and nothing else, on memory that is there.
enum GEMMBound {
    /// Seconds of all products of one step: forward, and two products for the gradient of each.
    static func seconds() -> Double {
        typealias Size = Decoder.Size
        let rows = Size.batch * Size.tokens
        let headSize = Size.hidden / Size.heads
        var total = 0.0
        // (inputs, outputs, times) of every linear layer, the output layer last
        for (inputs, outputs, times) in [
            (Size.hidden, Size.heads * headSize, 2 * Size.layers),
            (Size.hidden, Size.keyValueHeads * headSize, 2 * Size.layers),
            (Size.hidden, Size.intermediate, 2 * Size.layers), (Size.intermediate, Size.hidden, Size.layers),
            (Size.hidden, Size.vocabulary, 1),
        ] {
            total += linear(rows, inputs, outputs, times: times)
        }
        return total + attention(times: Size.layers)
    }

    private static func linear(_ rows: Int, _ inputs: Int, _ outputs: Int, times: Int) -> Double {
        let x = [Float](repeating: 0.5, count: rows * inputs)
        let w = [Float](repeating: 0.25, count: outputs * inputs)
        var y = [Float](repeating: 1, count: rows * outputs)
        var dx = x
        var dw = w
        return secondsToRun {
            for _ in 0..<times {
                var output = y.mutableSpan
                multiplyMatrices(
                    x.span, w.span, transposingB: true, into: &output, rows: rows, columns: outputs, inner: inputs)
                var inputGradient = dx.mutableSpan
                multiplyMatrices(
                    y.span, w.span, into: &inputGradient, rows: rows, columns: inputs, inner: outputs)
                var weightGradient = dw.mutableSpan
                multiplyMatrices(
                    y.span, transposingA: true, x.span, into: &weightGradient, rows: outputs, columns: inputs,
                    inner: rows)
            }
        }
    }

    /// The seven products of causal attention, half of each square, one head a task.
    private static func attention(times: Int) -> Double {
        typealias Size = Decoder.Size
        let (tokens, size) = (Size.tokens, Size.hidden / Size.heads)
        let q = [Float](repeating: 0.5, count: tokens * size)
        return secondsToRun {
            for _ in 0..<times {
                parallelFor(Size.batch * Size.heads) { _ in
                    var scores = [Float](repeating: 0, count: 64 * tokens)
                    var out = [Float](repeating: 0, count: tokens * size)
                    for first in stride(from: 0, to: tokens, by: 64) {
                        let rows = min(64, tokens - first)
                        let width = first + rows
                        let block = q.span.extracting(0..<rows * size)
                        let keys = q.span.extracting(0..<width * size)
                        for _ in 0..<3 {
                            var whole = scores.mutableSpan
                            var target = whole._mutatingExtracting(0..<rows * width)
                            multiplyMatrices(
                                block, keys, transposingB: true, into: &target, rows: rows, columns: width, inner: size)
                        }
                        let p = scores.span.extracting(0..<rows * width)
                        for _ in 0..<2 {
                            var whole = out.mutableSpan
                            var target = whole._mutatingExtracting(0..<rows * size)
                            multiplyMatrices(p, keys, into: &target, rows: rows, columns: size, inner: width)
                        }
                        for _ in 0..<2 {
                            var whole = out.mutableSpan
                            var target = whole._mutatingExtracting(0..<width * size)
                            multiplyMatrices(
                                p, transposingA: true, block, into: &target, rows: width, columns: size, inner: rows)
                        }
                    }
                }
            }
        }
    }
}
