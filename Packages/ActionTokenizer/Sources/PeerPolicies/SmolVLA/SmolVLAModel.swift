import Foundation
public import TensorCore
public import TensorNN

/// SmolVLA: images, an instruction and a state as the prefix of a language model; an expert beside it denoises actions by
/// flow matching.
///
///     prefix = for each camera [fake, global tokens if special] image · √H [fake if special]; text · √H; state token
///     x ← noise;  x ← x − v(x, t) / steps at t = 1, 1 − 1/steps, …
///
/// Only valid tokens are computed: padding and missing images change nothing but positions, which count valid tokens.
/// Sources: Shukor et al. 2025, arXiv:2506.01844; LeRobot 0.6.1, `modeling_smolvla.py`.
public struct SmolVLAModel: Module {
    public let configuration: SmolVLAConfiguration
    public var vision: SmolVLAVision
    public var embedding: Embedding
    public var textLayers: [LlamaLayer]
    /// Of the language model, unused here: kept so that the file saves whole.
    public var unusedNorm: Parameter?
    public var unusedHead: Parameter?
    public var expertLayers: [LlamaLayer]
    public var expertNorm: RMSNorm
    public var stateProjection: Linear
    public var actionInput: Linear
    public var actionOutput: Linear
    public var timeInput: Linear
    public var timeOutput: Linear
    let rotary: RotaryTable

    private static let vlmName = "model.vlm_with_expert.vlm.model"
    private static let expertName = "model.vlm_with_expert.lm_expert"

    /// Takes all of a checkpoint's tensors.
    ///
    /// - Throws: ``PeerPolicyError`` with every name and shape that does not fit.
    public init(_ c: SmolVLAConfiguration, from source: WeightSource) throws {
        configuration = c
        let text = "\(Self.vlmName).text_model"
        vision = SmolVLAVision(Self.vlmName, c, from: source)
        embedding = Embedding(weight: source.tensor("\(text).embed_tokens.weight", [nil, c.textWidth]))
        textLayers = (0..<c.textLayerCount).map {
            LlamaLayer(
                "\(text).layers.\($0)", width: c.textWidth, headCount: c.headCount,
                keyValueHeadCount: c.keyValueHeadCount, headSize: c.headSize, epsilon: c.textEpsilon, from: source)
        }
        unusedNorm = source.optional("\(text).norm.weight", [c.textWidth]).map { Parameter($0, isTrainable: false) }
        unusedHead = source.optional("model.vlm_with_expert.vlm.lm_head.weight", [nil, c.textWidth])
            .map { Parameter($0, isTrainable: false) }
        let pairs = c.keyValueHeadCount * c.headSize
        expertLayers = []
        for layer in 0..<c.textLayerCount {
            guard let index = c.expertLayer(beside: layer) else { continue }
            expertLayers.append(
                LlamaLayer(
                    "\(Self.expertName).layers.\(index)", width: c.expertWidth, headCount: c.headCount,
                    keyValueHeadCount: c.keyValueHeadCount, headSize: c.headSize,
                    keyValueInput: c.attendsToItself(layer) ? nil : pairs, epsilon: c.textEpsilon, from: source))
        }
        expertNorm = RMSNorm(
            weight: source.tensor("\(Self.expertName).norm.weight", [c.expertWidth]), epsilon: c.textEpsilon)
        let width = c.expertWidth
        stateProjection = source.linear("model.state_proj", c.maximumStateSize, c.textWidth)
        actionInput = source.linear("model.action_in_proj", c.maximumActionSize, width)
        actionOutput = source.linear("model.action_out_proj", width, c.maximumActionSize)
        timeInput = source.linear("model.action_time_mlp_in", 2 * width, width)
        timeOutput = source.linear("model.action_time_mlp_out", width, width)
        // an expert that always attends across has no embedding of its own; text layers beyond those used are left over
        source.ignore { name in
            guard name.hasPrefix("\(text).layers."),
                let index = Int(name.dropFirst("\(text).layers.".count).prefix { $0 != "." })
            else { return false }
            return index >= c.textLayerCount
        }
        try source.finish()
        // prefix, suffix and some room; the base is 10 000 whatever the language model's configuration says
        let images = (c.cameras.count + c.emptyCameraCount) * (c.imageTokenCount + 4)
        rotary = RotaryTable(
            headSize: c.headSize, positionCount: images + max(c.maximumTokenCount, 4096) + c.chunkSize + 1,
            base: 10_000)
    }

    // MARK: Prefix

    /// What the expert reads of the prefix: rotated keys, and values of each text layer.
    public struct Prefix: Sendable {
        /// By text layer: `[1, tokens, heads, headSize]`.
        public var keys: [Tensor]
        public var values: [Tensor]
        /// Valid tokens.
        public var tokenCount: Int
        /// Of layers that attend across: the expert's keys and values of the prefix, where they are computed once.
        var crossKeys: [Int: Tensor] = [:]
        var crossValues: [Int: Tensor] = [:]
    }

    /// The prefix's vectors, valid tokens only: `[1, tokens, textWidth]`.
    ///
    /// - Parameters:
    ///   - images: Of each camera in order, `[1, height, width, 3]`; nil for a place that is kept for a missing one.
    ///   - ids: Of the instruction, with the special tokens' ids where they are used.
    ///   - special: Ids of `<fake_token_around_image>` and `<global-img>`; nil without special tokens.
    ///   - state: `[size]`, normalized.
    ///   - observe: Called with the name and result of each stage, and the camera's index.
    func prefixVectors(
        images: [Tensor?], ids: [Int], special: (fake: Int, global: Int)?, state: Tensor,
        observe: (String, Int, Tensor) -> Void = { _, _, _ in }
    ) -> Tensor {
        let root = Float(Double(configuration.textWidth).squareRoot())
        func embedded(_ ids: [Int]) -> Tensor { embedding(Tensor(integers: ids, [1, ids.count])) }
        var parts: [Tensor] = []
        for (index, image) in images.enumerated() {
            if let special { parts.append(embedded([special.fake, special.global])) }
            if let image { parts.append(vision(image) { observe($0, index, $1) } * root) }
            if let special { parts.append(embedded([special.fake])) }
        }
        if !ids.isEmpty { parts.append(embedded(ids) * root) }
        let padding = configuration.maximumStateSize - state.elementCount
        let padded = padding > 0 ? Tensor.concatenated([state.reshaped([-1]), .zeros([padding])], axis: 0) : state
        parts.append(stateProjection(padded.reshaped([1, 1, configuration.maximumStateSize])))
        return .concatenated(parts, axis: 1)
    }

    /// Keys and values of the prefix: images and text see each other, the state token sees all.
    func prefix(_ vectors: Tensor) -> Prefix {
        let count = vectors.shape[1]
        var h = vectors
        var prefix = Prefix(keys: [], values: [], tokenCount: count)
        let positions = Array(0..<count)
        for (index, layer) in textLayers.enumerated() {
            let isLast = index == textLayers.count - 1
            if isLast {
                // the last layer's output is unused
                let x = layer.attentionNorm(h)
                prefix.keys.append(rotaryEmbedding(layer.heads(layer.key(x)), rotary, positions: positions))
                prefix.values.append(layer.heads(layer.value(x)))
            } else {
                let result = layer(h, rotary: rotary, positions: positions, mask: .prefix(lengths: [count - 1]))
                h = result.h
                prefix.keys.append(result.keys)
                prefix.values.append(result.values)
            }
        }
        return prefix
    }

    /// The prefix with the expert's own keys and values, which do not depend on the step: for acting.
    func completed(_ prefix: Prefix) -> Prefix {
        var result = prefix
        for index in textLayers.indices {
            guard let expert = configuration.expertLayer(beside: index), !configuration.attendsToItself(index) else {
                continue
            }
            (result.crossKeys[index], result.crossValues[index]) = crossPair(index, expertLayers[expert], prefix)
        }
        return result
    }

    /// The expert's keys and values of the prefix in a layer that attends across.
    private func crossPair(_ index: Int, _ layer: LlamaLayer, _ prefix: Prefix) -> (keys: Tensor, values: Tensor) {
        if let keys = prefix.crossKeys[index], let values = prefix.crossValues[index] { return (keys, values) }
        func flat(_ x: Tensor) -> Tensor { x.reshaped([1, prefix.tokenCount, -1]) }
        return (
            layer.heads(layer.key(flat(prefix.keys[index]))), layer.heads(layer.value(flat(prefix.values[index])))
        )
    }

    // MARK: Expert

    /// [sin, cos](2πt / period), periods from the least to the largest in equal ratios: `[expertWidth]`.
    func timeEmbedding(_ time: Float) -> Tensor {
        let half = configuration.expertWidth / 2
        let ratio = configuration.maximumPeriod / configuration.minimumPeriod
        let angles = (0..<half).map { i -> Double in
            let fraction = half > 1 ? Double(i) / Double(half - 1) : 0
            return Double(time) * (2 * .pi / (configuration.minimumPeriod * pow(ratio, fraction)))
        }
        return Tensor(angles.map { Float(sin($0)) } + angles.map { Float(cos($0)) })
    }

    /// The velocity of noisy actions: `[1, chunk, maximumActionSize]` → the same.
    func velocity(
        _ x: Tensor, time: Float, prefix: Prefix, observe: (String, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        let chunk = x.shape[1]
        let timeRows = timeEmbedding(time).broadcast(to: [1, chunk, configuration.expertWidth])
        let joined = Tensor.concatenated([actionInput(x), timeRows], axis: 2)
        var h = timeOutput(timeInput(joined).silu())
        observe("suffix_embeddings", h)
        for index in textLayers.indices {
            guard let expert = configuration.expertLayer(beside: index) else { continue }
            let layer = expertLayers[expert]
            let normed = layer.attentionNorm(h)
            let context: Tensor
            if configuration.attendsToItself(index) {
                // positions go on behind the valid prefix tokens
                let positions = Array(prefix.tokenCount..<prefix.tokenCount + chunk)
                let queries = layer.query(normed)
                observe("expert.q.\(index)", queries)
                let q = rotaryEmbedding(layer.heads(queries), rotary, positions: positions)
                let k = rotaryEmbedding(layer.heads(layer.key(normed)), rotary, positions: positions)
                context = attention(
                    q, .concatenated([prefix.keys[index], k], axis: 1),
                    .concatenated([prefix.values[index], layer.heads(layer.value(normed))], axis: 1), mask: .causal)
            } else {
                let queries = layer.query(normed)
                observe("expert.q.\(index)", queries)
                let q = rotaryEmbedding(layer.heads(queries), rotary, positions: Array(0..<chunk))
                let (k, v) = crossPair(index, layer, prefix)
                context = attention(q, k, v, mask: .full)
            }
            let output = layer.output(context.reshaped([1, chunk, -1]))
            observe("expert.o.\(index)", output)
            let a = h + output
            let fed = layer.mlp(layer.mlpNorm(a))
            observe("expert.mlp.\(index)", fed)
            h = a + fed
        }
        h = expertNorm(h)
        observe("expert.expert_out", h)
        return actionOutput(h)
    }

    /// Euler steps from noise to actions: `[1, chunk, maximumActionSize]`.
    ///
    /// - Parameters:
    ///   - noise: All columns matter, those of padding too.
    ///   - prefix: Called before each step: pass a stored prefix, or compute it again.
    ///   - observe: Called with the step, the sample before it and the velocity.
    func denoise(
        _ noise: Tensor, prefix: () -> Prefix,
        observe: (_ step: Int, _ x: Tensor, _ velocity: Tensor) -> Void = { _, _, _ in }
    ) -> Tensor {
        var x = noise
        let dt = -1 / Float(configuration.stepCount)
        for step in 0..<configuration.stepCount {
            let v = velocity(x, time: time(step), prefix: prefix())
            observe(step, x, v)
            x = x + v * dt
        }
        return x
    }

    /// 1 − k / steps.
    func time(_ step: Int) -> Float { Float(1 - Double(step) / Double(configuration.stepCount)) }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        let text = "\(Self.vlmName).text_model"
        try visitor.visit(Self.vlmName, &vision)
        try visitor.visit("\(text).embed_tokens", &embedding)
        try visitor.visit("\(text).layers", &textLayers)
        try visitor.visit("\(text).norm.weight", &unusedNorm)
        try visitor.visit("model.vlm_with_expert.vlm.lm_head.weight", &unusedHead)
        try visitor.visit("\(Self.expertName).layers", &expertLayers)
        try visitor.visit("\(Self.expertName).norm", &expertNorm)
        try visitor.visit("model.state_proj", &stateProjection)
        try visitor.visit("model.action_in_proj", &actionInput)
        try visitor.visit("model.action_out_proj", &actionOutput)
        try visitor.visit("model.action_time_mlp_in", &timeInput)
        try visitor.visit("model.action_time_mlp_out", &timeOutput)
    }
}
