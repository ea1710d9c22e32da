import TensorCore

extension DecoderConfiguration {
    /// Told from the shapes of a checkpoint in today's layout; what they leave open is taken as usual and listed.
    init(shapesOf checkpoint: Checkpoint, _ generation: MiniMindGeneration, _ assumptions: inout [String]) {
        let is26 = generation == .june2026
        let layer = "model.layers.0."
        func rows(_ name: String) -> Int? { checkpoint.shape(name).flatMap { $0.rank == 2 ? $0[0] : nil } }
        let table = checkpoint.shape("model.embed_tokens.weight") ?? checkpoint.shape("lm_head.weight") ?? [0, 0]
        let hidden = table.rank == 2 ? table[1] : 0
        self = is26 ? .miniMind26(hiddenSize: hidden) : .miniMind07(hiddenSize: hidden)
        vocabularySize = table.rank > 0 ? table[0] : 0
        layerCount = max(1, checkpoint.layerCount("model.layers."))

        // heads: their size stands in the query norm, else the models have 8
        let (queries, keys) = (rows(layer + "self_attn.q_proj.weight"), rows(layer + "self_attn.k_proj.weight"))
        if let norm = checkpoint.shape(layer + "self_attn.q_norm.weight"), norm.rank == 1 {
            headSize = norm[0]
        } else {
            headSize = max(2, (queries ?? hidden) / 8)
            assumptions.append("8 query heads: the file does not say how many")
        }
        if let queries, let keys, headSize > 0 {
            (headCount, keyValueHeadCount) = (max(1, queries / headSize), max(1, keys / headSize))
        }
        normalizesQueriesAndKeys = is26

        // dense, or experts
        if let width = rows(layer + "mlp.gate_proj.weight") {
            intermediateSize = width
        } else if let router = rows(layer + "mlp.gate.weight") {
            var experts = is26 ? Experts.miniMind26 : Experts()
            experts.count = router
            experts.sharedCount = checkpoint.layerCount(layer + "mlp.shared_experts.")
            intermediateSize = rows(layer + "mlp.experts.0.gate_proj.weight") ?? intermediateSize
            self.experts = experts
            assumptions.append("\(experts.perToken) experts a token: the file does not say how many")
        }
        assumptions.append("a norm ε of \(normEpsilon) and a rotary θ of \(rotaryBase), as published")
    }
}

extension VisionTransformerConfiguration {
    /// Told from the shapes of a checkpoint whose tower's names begin with `prefix`; nil when there is none.
    init?(shapesOf checkpoint: Checkpoint, prefix: String, _ assumptions: inout [String]) {
        func shape(_ name: String) -> Shape? { checkpoint.shape(prefix + name) }
        let isDINO = shape("embeddings.cls_token") != nil
        let inside = "vision_model.embeddings."
        let patch = isDINO ? "embeddings.patch_embeddings.projection.weight" : inside + "patch_embedding.weight"
        let positions = isDINO ? "embeddings.position_embeddings" : inside + "position_embedding.weight"
        guard let kernel = shape(patch), let table = shape(positions), kernel.rank == 4, table.rank >= 2,
            kernel[0] > 0, kernel[2] > 0
        else { return nil }

        let isCLIP = shape(inside + "class_embedding") != nil
        let (width, size) = (kernel[0], kernel[2])
        let patches = table[-2] - (isDINO || isCLIP ? 1 : 0)
        let grid = Int(Double(max(0, patches)).squareRoot().rounded())
        let layers = checkpoint.layerCount(prefix + (isDINO ? "encoder.layer." : "vision_model.encoder.layers."))
        let first = isDINO ? "encoder.layer.0.mlp.fc1.weight" : "vision_model.encoder.layers.0.mlp.fc1.weight"
        let heads = width % 64 == 0 && width != 1152 ? width / 64 : (width % 16 == 0 ? 16 : 1)
        self.init(
            family: isDINO ? .dinov2 : (isCLIP ? .clip : .siglip), imageSize: grid * size, patchSize: size,
            width: width, layerCount: layers, headCount: heads,
            intermediateSize: shape(first).map { $0[0] } ?? 4 * width,
            activation: isDINO ? .exact : (isCLIP ? .quick : .tanh), normEpsilon: isCLIP ? 1e-5 : 1e-6,
            registerCount: isDINO ? shape("embeddings.register_tokens").map { $0[-2] } ?? 0 : 0,
            hasPoolingHead: !isDINO && !isCLIP && shape("vision_model.head.probe") != nil,
            output: isCLIP ? .lastBlock : .normalized)
        if checkpoint.configuration.map(Self.isDescribed) != true {
            assumptions.append("\(heads) vision heads: the file does not say how many")
        }
    }
}
