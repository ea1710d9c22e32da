import ActionTokenizer
import BenchmarkKit
import TensorCore
import TensorNN
import TensorTraining
import VLAPolicy

/// One training step of the small regression policy, 32 examples of two 96 × 96 images.
enum RegressionStep {
    static var benchmark: BenchmarkCase {
        BenchmarkCase("regression_step") {
            var settings = RegressionModel.Settings()
            settings.encoder.layerCount = 2
            let sizes = PolicySizes(
                images: [[96, 96], [96, 96]], stateSize: 8, vocabularySize: 40, promptLength: 32, horizon: 8,
                dimensionCount: 7, gripper: .binary)
            var generator = PhiloxGenerator(seed: 1)
            var model = RegressionModel(.init(sizes: sizes, settings: settings), using: &generator)
            func images() -> Tensor { .uniform(-1...1, [32, 96, 96, 3], using: &generator) }
            let batch = PolicyBatch(
                inputs: PolicyInputs(
                    images: [images(), images()], state: .uniform(-1...1, [32, 8], using: &generator),
                    promptIDs: Array(repeating: [3, 9, 4, 12, 5, 6], count: 32)),
                targets: .uniform(0...1, [32, 8, 7], using: &generator),
                validCounts: Array(repeating: 8, count: 32), events: .uniform(-1...1, [32, 3], using: &generator),
                hasEvent: Array(repeating: true, count: 32), eventScale: [0.2, 0.2, 0.2], eventCenter: [0, 0, 0],
                weights: Array(repeating: 1, count: 32))
            var optimizer = AdamW(learningRate: 1e-4)
            func step() {
                let (_, gradients) = valueAndGradient(of: model) { model in
                    model.loss(on: batch, using: &generator).total
                }
                optimizer.update(&model, with: gradients.clipped(toNorm: 1))
            }
            step()
            return { [MeasuredValue("regression_step", 32 / secondsToRun(step), unit: "examples/s")] }
        }
    }
}
