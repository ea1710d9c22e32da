import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import TensorTraining
import Testing

/// Ten AdamW steps of a tiny decoder, step by step against PyTorch.
@Suite struct TrainingCurveGoldenTests {
    struct Case: Decodable {
        var generation: String
        var config: TestDecoder.Configuration
        var training: Training
        var tolerance: Tolerances
        var steps: [Step]

        struct Training: Decodable {
            var base_lr: Double
            var total_steps: Int
            var betas: [Double]
            var eps: Double
            var weight_decay: Double
            var clip: Double?
        }
        struct Tolerances: Decodable {
            var loss: Double
            var grad_norm_relative: Double
            var final_max: Double
            var final_rms: Double
        }
        struct Step: Decodable {
            var lr: Double
            var micro_losses: [Double]
            var grad_norm: Double
        }
    }

    static let folders = SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("curve_lm") }

    @Test(arguments: folders)
    func tenStepsMatchPyTorch(folder: URL) throws {
        let description: Case = try Golden.json(folder.appendingPathComponent("case.json"))
        let (training, tolerance) = (description.training, description.tolerance)
        let io = try Golden(folder.appendingPathComponent("io.safetensors"))
        var decoder = TestDecoder(description.config, generation: description.generation)
        try decoder.load(fixture: folder.appendingPathComponent("weights.safetensors"))
        var optimizer = AdamW(
            learningRate: training.base_lr, beta1: training.betas[0], beta2: training.betas[1], epsilon: training.eps,
            weightDecay: training.weight_decay)
        let schedule = LearningRateSchedule.miniMind07(base: training.base_lr, stepCount: training.total_steps)

        for (index, step) in description.steps.enumerated() {
            var sum = Gradients()
            for (micro, expected) in step.micro_losses.enumerated() {
                let ids = try io("step\(index)/micro\(micro)/input_ids")
                let labels = try io("step\(index)/micro\(micro)/labels")
                let (loss, gradients) = valueAndGradient(of: decoder) { $0.losses(ids, labels: labels).crossEntropy }
                expectClose(
                    Double(loss), expected, within: .init(relative: 0, absolute: tolerance.loss),
                    "loss of step \(index), micro-batch \(micro)")
                sum += gradients.scaled(by: 1 / Float(step.micro_losses.count))
            }
            #expect(abs(sum.norm - step.grad_norm) <= tolerance.grad_norm_relative * max(1, step.grad_norm))
            optimizer.learningRate = schedule.rate(at: index)
            expectClose(optimizer.learningRate, step.lr, within: .init(relative: 1e-12, absolute: 0), "rate")
            optimizer.update(&decoder, with: training.clip.map { sum.clipped(toNorm: $0) } ?? sum)
        }

        // single weights and their root-mean-square distance, over all of the model
        let final = try Golden(folder.appendingPathComponent("final.safetensors"))
        var (largest, squares, count) = (0.0, 0.0, 0)
        for (name, value) in decoder.parameters {
            for (a, b) in zip(value.floats, try final(name).floats) {
                let difference = abs(Double(a) - Double(b))
                largest = max(largest, difference)
                squares += difference * difference
                count += 1
            }
        }
        #expect(largest <= tolerance.final_max)
        #expect((squares / Double(count)).squareRoot() <= tolerance.final_rms)
    }
}
