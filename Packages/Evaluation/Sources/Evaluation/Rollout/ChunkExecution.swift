/// How the chunks of a policy become actions.
public enum ChunkExecution: Hashable, Codable, Sendable {
    /// The first `replanInterval` actions of a chunk are carried out, then the policy is asked again; nil for all of
    /// them.
    case openLoop(replanInterval: Int?)
    /// The policy is asked at every step, and all that was predicted for this step is averaged with the weights
    /// `exp(−decay · i)`, i = 0 the oldest prediction.
    ///
    /// Source: Zhao et al. 2023, arXiv:2304.13705.
    case ensembled(decay: Double)
}
