import Foundation
public import TensorCore
public import TensorNN

/// Action Chunking with Transformers: images and state to a chunk of normalized actions.
///
///     tokens: [latent] [state?] [environment?] [camera 1: h · w, in rows] [camera 2] …
///     latent = linear(z), z = 0 when acting;  camera = 1×1 convolution of ResNet's map
///     e = Encoder(tokens, p);  d = Decoder(0, e);  actions = head(d)
///
/// Source: Zhao et al. 2023, arXiv:2304.13705; names and order of LeRobot 0.6.1, `modeling_act.py`.
public struct ACTModel: Module {
    public let configuration: ACTConfiguration
    /// Shared by all cameras; nil without cameras.
    public var backbone: ResNet?
    public var latentProjection: Linear
    public var stateProjection: Linear?
    public var environmentProjection: Linear?
    /// A 1×1 convolution, `[width, channels, 1, 1]`.
    public var imageProjection: ImageProjection?
    /// Of latent, state and environment, `[1–3, width]`.
    public var vectorPositions: Parameter
    public var encoder: ACTStack<ACTEncoderLayer>
    public var decoder: ACTStack<ACTDecoderLayer>
    /// `[chunk, width]`.
    public var actionPositions: Parameter
    public var head: Linear
    /// For training; nil where the file leaves it out.
    public var vae: ACTVariationalEncoder?

    /// A 1×1 convolution with bias.
    public struct ImageProjection: Module {
        public var weight: Parameter
        public var bias: Parameter

        public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
            try visitor.visit("weight", &weight)
            try visitor.visit("bias", &bias)
        }
    }

    /// Takes all of a checkpoint's tensors.
    ///
    /// - Throws: ``PeerPolicyError`` with every name and shape that does not fit.
    public init(_ configuration: ACTConfiguration, from source: WeightSource) throws {
        self.configuration = configuration
        let width = configuration.width
        if configuration.cameraCount > 0, let counts = ResNet.blockCounts(configuration.backbone) {
            let backbone = ResNet(
                "model.backbone.", blockCounts: counts, norm: .frozen, naming: .torchvision, from: source)
            self.backbone = backbone
            imageProjection = ImageProjection(
                weight: source.parameter(
                    "model.encoder_img_feat_input_proj.weight", [width, backbone.outputChannels, 1, 1]),
                bias: source.parameter("model.encoder_img_feat_input_proj.bias", [width]))
            source.ignore { $0.hasSuffix("num_batches_tracked") && $0.hasPrefix("model.backbone.") }
        }
        latentProjection = source.linear("model.encoder_latent_input_proj", configuration.latentSize, width)
        if let size = configuration.stateSize {
            stateProjection = source.linear("model.encoder_robot_state_input_proj", size, width)
        }
        if let size = configuration.environmentSize {
            environmentProjection = source.linear("model.encoder_env_state_input_proj", size, width)
        }
        let vectors = 1 + (configuration.stateSize == nil ? 0 : 1) + (configuration.environmentSize == nil ? 0 : 1)
        vectorPositions = source.parameter("model.encoder_1d_feature_pos_embed.weight", [vectors, width])
        encoder = ACTStack(
            layers: (0..<configuration.encoderLayerCount).map {
                ACTEncoderLayer("model.encoder.layers.\($0)", configuration, from: source)
            }, norm: configuration.normalizesFirst ? source.layerNorm("model.encoder.norm", width) : nil)
        decoder = ACTStack(
            layers: (0..<configuration.decoderLayerCount).map {
                ACTDecoderLayer("model.decoder.layers.\($0)", configuration, from: source)
            }, norm: source.layerNorm("model.decoder.norm", width))
        actionPositions = source.parameter(
            "model.decoder_pos_embed.weight", [configuration.chunkSize, width],
            setting: "chunk_size is \(configuration.chunkSize)")
        head = source.linear("model.action_head", width, configuration.actionSize)
        // a third of the weights, unused when acting: it may be absent as a whole
        if configuration.usesVAE, source.names.contains(where: { $0.hasPrefix("model.vae_encoder") }) {
            vae = ACTVariationalEncoder(configuration, from: source)
        }
        source.ignore { !configuration.usesVAE && $0.hasPrefix("model.vae_encoder") }
        try source.finish()
    }

    // MARK: Acting

    /// Normalized actions: `[batch, chunk, size]`.
    ///
    /// - Parameters:
    ///   - inputs: Normalized.
    ///   - latent: `[batch, latentSize]`; zeros when acting.
    ///   - dropout: In training.
    public func callAsFunction(_ inputs: PreparedInputs, latent: Tensor? = nil, dropout: inout Dropout?) -> Tensor {
        let (tokens, positions) = tokens(inputs, latent: latent)
        let memory = encode(tokens, positions, dropout: &dropout)
        return head(decode(memory, positions, dropout: &dropout))
    }

    /// Without dropout.
    public func callAsFunction(_ inputs: PreparedInputs) -> Tensor {
        var none: Dropout?
        return self(inputs, dropout: &none)
    }

    /// The encoder's tokens `[batch, T, width]` and their positions `[1, T, width]`.
    func tokens(_ inputs: PreparedInputs, latent: Tensor?) -> (tokens: Tensor, positions: Tensor) {
        let batch = inputs.images.first?.shape[0] ?? inputs.state?.shape[0] ?? inputs.environment!.shape[0]
        let width = configuration.width
        let z = latent ?? .zeros([batch, configuration.latentSize])
        var parts = [latentProjection(z).expandingDimension(at: 1)]
        if let stateProjection { parts.append(stateProjection(inputs.state!).expandingDimension(at: 1)) }
        if let environmentProjection {
            parts.append(environmentProjection(inputs.environment!).expandingDimension(at: 1))
        }
        var positions = [vectorPositions.value.expandingDimension(at: 0)]
        for image in inputs.images {
            var none: BatchStatistics?
            let map = backbone!(image, statistics: &none)
            let weight = imageProjection!.weight.value.reshaped([width, -1])
            let rows = linear(map, weight: weight, bias: imageProjection!.bias.value)
            parts.append(rows.reshaped([batch, -1, width]))
            positions.append(Self.imagePositions(height: map.shape[1], width: map.shape[2], channels: width))
        }
        return (.concatenated(parts, axis: 1), .concatenated(positions, axis: 1))
    }

    func encode(_ tokens: Tensor, _ positions: Tensor, dropout: inout Dropout?) -> Tensor {
        var x = tokens
        for layer in encoder.layers { x = layer(x, positions: positions, dropout: &dropout) }
        return encoder.norm?(x) ?? x
    }

    func decode(_ memory: Tensor, _ positions: Tensor, dropout: inout Dropout?) -> Tensor {
        var x = Tensor.zeros([memory.shape[0], configuration.chunkSize, configuration.width])
        let own = actionPositions.value.expandingDimension(at: 0)
        for layer in decoder.layers {
            x = layer(x, positions: own, memory: memory, memoryPositions: positions, dropout: &dropout)
        }
        return decoder.norm!(x)
    }

    /// Sines and cosines of row and column: `[1, height · width, channels]`.
    ///
    /// Half of the channels for the row r, half for the column: u = (r + 1) / (height + 1e-6) · 2π; channel i has the
    /// angle u / 10000^(2⌊i/2⌋ / (channels/2)), its sine for even i, its cosine for odd.
    static func imagePositions(height: Int, width: Int, channels: Int) -> Tensor {
        let half = channels / 2
        func table(_ count: Int) -> [[Float]] {
            (0..<count).map { r in
                let u = Float(r + 1) / (Float(count) + 1e-6) * 2 * .pi
                return (0..<half).map { i in
                    let angle = Double(u / Float(pow(10_000, Double(2 * (i / 2)) / Double(half))))
                    return Float(i % 2 == 0 ? sin(angle) : cos(angle))
                }
            }
        }
        let (rows, columns) = (table(height), table(width))
        var values: [Float] = []
        values.reserveCapacity(height * width * channels)
        for r in 0..<height { for c in 0..<width { values += rows[r] + columns[c] } }
        return Tensor(values, [1, height * width, channels])
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("model.backbone", &backbone)
        try visitor.visit("model.encoder_latent_input_proj", &latentProjection)
        try visitor.visit("model.encoder_robot_state_input_proj", &stateProjection)
        try visitor.visit("model.encoder_env_state_input_proj", &environmentProjection)
        try visitor.visit("model.encoder_img_feat_input_proj", &imageProjection)
        try visitor.visit("model.encoder_1d_feature_pos_embed.weight", &vectorPositions)
        try visitor.visit("model.encoder", &encoder)
        try visitor.visit("model.decoder", &decoder)
        try visitor.visit("model.decoder_pos_embed.weight", &actionPositions)
        try visitor.visit("model.action_head", &head)
        try visitor.visit("model", &vae)
    }
}
