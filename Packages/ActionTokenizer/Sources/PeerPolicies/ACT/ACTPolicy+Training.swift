public import TensorCore
public import TensorNN

/// A batch of demonstrated actions for training: `[batch, horizon, size]` in the robot's units.
public struct LeRobotTargets: Sendable {
    public var actions: Tensor
    /// Row by row: whether a step lies past the end of its episode.
    public var isPadded: [Bool]

    public init(actions: Tensor, isPadded: [Bool]) {
        precondition(
            actions.rank == 3 && isPadded.count == actions.shape[0] * actions.shape[1],
            "actions \(actions.shape) with \(isPadded.count) padding marks")
        self.actions = actions
        self.isPadded = isPadded
    }

    /// 1 for steps of the episode, `[batch, horizon, 1]`.
    var valid: Tensor {
        Tensor(isPadded.map { $0 ? 0 : 1 }, [actions.shape[0], actions.shape[1], 1])
    }

    var validCount: Int { isPadded.count { !$0 } }
}

/// The parts of ACT's loss.
public struct ACTLoss: Sendable {
    /// What is minimized: l1 + klWeight · divergence.
    public let total: Tensor
    /// Mean absolute error of normalized actions over the steps of the episode.
    public let l1: Float
    /// Kullback–Leibler divergence of the latents from N(0, 1), summed over dimensions, averaged over the batch.
    public let divergence: Float
}

extension ACTPolicy {
    /// The loss of a batch, recorded for its gradient.
    ///
    ///     Σ_valid |a − â| / (valid · A) + klWeight · mean_batch Σ −½ (1 + s − μ² − eˢ)
    ///
    /// - Parameters:
    ///   - model: The model whose parameters are recorded.
    ///   - inputs: Normalized observations.
    ///   - targets: Demonstrated actions.
    ///   - latentNoise: `[batch, latentSize]` of N(0, 1).
    ///   - dropout: In training; nil for none.
    /// - Throws: ``PeerPolicyError`` when the file leaves out the encoder that training needs.
    public func loss(
        of model: ACTModel, _ inputs: PreparedInputs, _ targets: LeRobotTargets, latentNoise: Tensor,
        dropout: inout Dropout?
    ) throws -> ACTLoss {
        let actions = preparation.normalizedActions(targets.actions)
        var (latent, divergence): (Tensor?, Tensor?) = (nil, nil)
        if configuration.usesVAE {
            guard let vae = model.vae else {
                throw PeerPolicyError(
                    .weights, file: LeRobotFolder.weightsName, key: "model.vae_encoder",
                    "the encoder that training needs is not in the file", remedy: "Train from a whole checkpoint.")
            }
            let (mean, logVariance) = vae(
                state: inputs.state, actions: actions, isPadded: targets.isPadded, dropout: &dropout)
            latent = mean + (logVariance * 0.5).exp() * latentNoise
            let terms = (logVariance + 1) - mean.squared() - logVariance.exp()
            divergence = terms.sum(axes: [1]).mean() * -0.5
        }
        let predicted = model(inputs, latent: latent, dropout: &dropout)
        let error = (actions - predicted).absoluteValue() * targets.valid
        let l1 = error.sum() / Float(max(targets.validCount * actions.shape[2], 1))
        let total = divergence.map { l1 + $0 * Float(configuration.klWeight) } ?? l1
        return ACTLoss(total: total, l1: l1.scalar, divergence: divergence?.scalar ?? 0)
    }

    /// Whether a parameter belongs to the image backbone, which has its own learning rate.
    public static func isBackbone(_ name: String) -> Bool { name.hasPrefix("model.backbone.") }
}
