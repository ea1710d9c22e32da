import TensorCore
public import TensorNN

/// The encoder of ACT's variational autoencoder: state and demonstrated actions to a distribution of latents. Used in
/// training only.
///
///     tokens: [class] [state?] [actions];  row 0 → linear → [μ, s], s = 2 log σ;  z = μ + e^(s/2) · ε
public struct ACTVariationalEncoder: Module {
    public var classEmbedding: Parameter
    public var stateProjection: Linear?
    public var actionProjection: Linear
    public var latentProjection: Linear
    /// Fixed, `[1, 1 (+ 1) + chunk, width]`.
    public var positions: Parameter
    public var encoder: ACTStack<ACTEncoderLayer>

    init(_ configuration: ACTConfiguration, from source: WeightSource) {
        let width = configuration.width
        classEmbedding = source.parameter("model.vae_encoder_cls_embed.weight", [1, width])
        if let size = configuration.stateSize {
            stateProjection = source.linear("model.vae_encoder_robot_state_input_proj", size, width)
        }
        actionProjection = source.linear("model.vae_encoder_action_input_proj", configuration.actionSize, width)
        latentProjection = source.linear("model.vae_encoder_latent_output_proj", width, 2 * configuration.latentSize)
        let count = 1 + (configuration.stateSize == nil ? 0 : 1) + configuration.chunkSize
        positions = source.parameter("model.vae_encoder_pos_enc", [1, count, width], isTrainable: false)
        encoder = ACTStack(
            layers: (0..<configuration.vaeLayerCount).map {
                ACTEncoderLayer("model.vae_encoder.layers.\($0)", configuration, from: source)
            }, norm: configuration.normalizesFirst ? source.layerNorm("model.vae_encoder.norm", width) : nil)
    }

    /// μ and s, `[batch, latentSize]` each.
    ///
    /// - Parameters:
    ///   - state: `[batch, size]`, normalized.
    ///   - actions: `[batch, chunk, size]`, normalized.
    ///   - isPadded: `[batch · chunk]`; padded actions are not seen.
    ///   - dropout: In training.
    func callAsFunction(
        state: Tensor?, actions: Tensor, isPadded: [Bool], dropout: inout Dropout?
    ) -> (mean: Tensor, logVariance: Tensor) {
        let (batch, chunk, width) = (actions.shape[0], actions.shape[1], positions.value.shape[2])
        var parts = [classEmbedding.value.expandingDimension(at: 0).broadcast(to: [batch, 1, width])]
        if let stateProjection { parts.append(stateProjection(state!).expandingDimension(at: 1)) }
        let leading = parts.count
        parts.append(actionProjection(actions))
        var x = Tensor.concatenated(parts, axis: 1)
        var visible = [UInt8](repeating: 1, count: batch * (leading + chunk))
        for b in 0..<batch {
            for step in 0..<chunk where isPadded[b * chunk + step] {
                visible[b * (leading + chunk) + leading + step] = 0
            }
        }
        let mask = AttentionMask.full.padding(
            Tensor(scalars: visible, [batch, leading + chunk]), bias: -.infinity)
        for layer in encoder.layers { x = layer(x, positions: positions.value, mask: mask, dropout: &dropout) }
        if let norm = encoder.norm { x = norm(x) }
        let latent = latentProjection(x.select(axis: 1, 0))
        let size = latent.shape[1] / 2
        return (latent.slice(axis: 1, 0..<size), latent.slice(axis: 1, size..<2 * size))
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("vae_encoder_cls_embed.weight", &classEmbedding)
        try visitor.visit("vae_encoder_robot_state_input_proj", &stateProjection)
        try visitor.visit("vae_encoder_action_input_proj", &actionProjection)
        try visitor.visit("vae_encoder_latent_output_proj", &latentProjection)
        try visitor.visit("vae_encoder_pos_enc", &positions)
        try visitor.visit("vae_encoder", &encoder)
    }
}
