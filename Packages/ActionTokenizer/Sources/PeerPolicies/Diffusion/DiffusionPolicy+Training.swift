public import TensorCore
public import TensorNN

extension DiffusionPolicy {
    /// The loss of a batch, recorded for its gradient: the mean squared error of the predicted noise, or of the actions
    /// where the network predicts those.
    ///
    /// - Parameters:
    ///   - model: The model whose parameters are recorded.
    ///   - inputs: Normalized, with the axis of steps.
    ///   - targets: `[batch, horizon, size]`.
    ///   - noise: Of the targets' shape, from N(0, 1).
    ///   - times: One for each row, of 0…T−1.
    ///   - crops: The place of the crop in each encoder call; nil for the middle.
    ///   - statistics: Gets those of the batch norms.
    public func loss(
        of model: DiffusionModel, _ inputs: PreparedInputs, _ targets: LeRobotTargets, noise: Tensor, times: [Int],
        crops: [(top: Int, left: Int)]?, statistics: inout BatchStatistics?
    ) -> Tensor {
        let actions = preparation.normalizedActions(targets.actions)
        let condition = model.condition(inputs, crops: crops, statistics: &statistics)
        let noised = configuration.scheduler.noised(actions, noise: noise, times: times)
        let predicted = model.network(noised, times: times, condition: condition)
        let error = (predicted - (configuration.scheduler.prediction == .epsilon ? noise : actions)).squared()
        guard configuration.masksPadding else { return error.mean() }
        return (error * targets.valid).sum() / Float(max(targets.validCount * actions.shape[2], 1))
    }

    /// Places of random crops, one for each encoder; nil where images are cropped in the middle.
    public func randomCrops(using generator: inout some RandomNumberGenerator) -> [(top: Int, left: Int)]? {
        guard let crop = configuration.crop, configuration.cropsRandomly else { return nil }
        return model.encoders.indices.map { index in
            let camera = configuration.cameras[configuration.separatesEncoders ? index : 0]
            let whole = configuration.resize ?? (camera.shape[1], camera.shape[2])
            return (
                Int.random(in: 0...whole.height - crop.height, using: &generator),
                Int.random(in: 0...whole.width - crop.width, using: &generator)
            )
        }
    }
}

/// Adam with the decay added to the gradient, as `torch.optim.Adam` has it: moments and all see λ·p.
extension Gradients {
    /// These gradients plus `decay` times the trainable parameters they belong to.
    public func addingDecay(_ decay: Double, of model: some Module) -> Gradients {
        var result = self
        model.forEachParameter { name, parameter in
            guard parameter.isTrainable, self[name] != nil else { return }
            result.update(name) { $0.add(parameter.value.detached, scaledBy: Float(decay)) }
        }
        return result
    }
}
