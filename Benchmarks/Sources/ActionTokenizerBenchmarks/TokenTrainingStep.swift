import BenchmarkKit
import TensorCore
import TensorNN
import TensorTraining
import VLAPolicy

/// One training step of the 2025 system's model with cached image features: the seven action places learnt.
enum TokenTrainingStep {
    static var benchmark: BenchmarkCase {
        BenchmarkCase("token_training_step") {
            let step = try step(rows: 2)
            step()
            return { [MeasuredValue("token_training_step", secondsToRun(step), unit: "s")] }
        }
    }

    /// Forward, loss, backward and AdamW for so many sequences.
    static func step(rows: Int) throws -> () -> Void {
        let coding = try MicroVLA2025Model.coding()
        let inputs = MicroVLA2025Model.inputs(rows: rows, features: true)
        let actions = (0..<rows).map { row in (0..<7).map { 6399 - (31 * row + 37 * $0) % 256 } }
        var model = MicroVLA2025Model.make(withTower: false)
        var optimizer = AdamW(learningRate: 1e-5, weightDecay: 1e-4)
        return {
            let (_, gradients) = valueAndGradient(of: model) { model -> Tensor in
                let hidden = model.decoder(model.vectors(inputs, actions: actions)).hidden
                return model.loss(
                    hidden: hidden, prompts: inputs.promptIDs, actions: actions, coding: coding,
                    settings: TokenLossSettings(variant: .action), validCounts: Array(repeating: 1, count: rows),
                    weights: Array(repeating: 1, count: rows)
                ).total
            }
            optimizer.update(&model, with: gradients)
        }
    }
}
