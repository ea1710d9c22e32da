public import TensorCore
public import TensorNN

/// One of OpenVLA's vision transformers in timm's layout: patches of the output of the last block but one, no norm.
///
/// DINOv2 puts a class token and registers in front, without positions. Exact GELU, ε 1e-6.
public struct TimmVisionTransformer: Module {
    public var patchWeight: Parameter
    public var patchBias: Parameter
    /// `[1, patches, width]`.
    public var positions: Parameter
    public var classToken: Parameter?
    public var registers: Parameter?
    /// All but the last, which has no effect.
    public var layers: [VisionLayer]
    /// Of each layer, from the language's mean (FiLM); empty without.
    public var modulations: [Modulation] = []

    /// Scale and shift of a layer's channels.
    public struct Modulation: Module {
        public var scale: Linear
        public var shift: Linear

        public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
            try visitor.visit("scale", &scale)
            try visitor.visit("shift", &shift)
        }
    }

    /// - Parameters:
    ///   - name: Of the transformer in the file.
    ///   - headCount: Heads.
    ///   - imageSize: Height and width of the pixels.
    ///   - languageSize: Width of the language's embeddings, for FiLM; nil without.
    init(_ name: String, headCount: Int, imageSize: Int, languageSize: Int?, from source: WeightSource) {
        let width = source.shape("\(name).patch_embed.proj.weight")?.first ?? 0
        let patch = source.shape("\(name).patch_embed.proj.weight")?.last ?? 1
        patchWeight = source.parameter("\(name).patch_embed.proj.weight", [nil, 3, patch, patch])
        patchBias = source.parameter("\(name).patch_embed.proj.bias", [width])
        let side = imageSize / max(patch, 1)
        if side * max(patch, 1) != imageSize || width % headCount != 0 {
            source.reportWrongShape(
                "\(name).patch_embed.proj.weight", expected: [width / headCount * headCount, 3, side, side])
        }
        positions = source.parameter("\(name).pos_embed", [1, side * side, width])
        if source.contains("\(name).cls_token") {
            classToken = source.parameter("\(name).cls_token", [1, 1, width])
        }
        if source.contains("\(name).reg_token") {
            registers = source.parameter("\(name).reg_token", [1, nil, width])
        }
        let blocks = source.names.compactMap { entry -> Int? in
            guard entry.hasPrefix("\(name).blocks.") else { return nil }
            return Int(entry.dropFirst("\(name).blocks.".count).prefix { $0 != "." })
        }
        // indices beyond any real depth are left unread and reported
        let count = min(blocks.max().map { $0 + 1 } ?? 1, 1024)
        let isModulated = source.contains("\(name).blocks.0.scale.weight")
        let inner = isModulated ? ".block" : ""
        layers = (0..<max(count - 1, 0)).map {
            VisionLayer(
                "\(name).blocks.\($0)\(inner)", width: width, headCount: headCount, naming: .timm, activation: .exact,
                epsilon: 1e-6, from: source)
        }
        if isModulated {
            modulations = (0..<max(count - 1, 0)).map {
                Modulation(
                    scale: source.linear("\(name).blocks.\($0).scale", languageSize, width),
                    shift: source.linear("\(name).blocks.\($0).shift", languageSize, width))
            }
        }
        source.ignore {
            $0.hasPrefix("\(name).blocks.\(count - 1).") || $0.hasPrefix("\(name).norm.")
                || $0.hasPrefix("\(name).attn_pool.")
        }
    }

    /// `[1, 3, size, size]` → `[1, patches, width]`.
    ///
    /// - Parameters:
    ///   - pixels: Normalized.
    ///   - language: The mean embedding of the instruction's tokens, `[size]`, for FiLM.
    ///   - observe: Called with the name and result of each stage.
    public func callAsFunction(
        _ pixels: Tensor, language: Tensor? = nil, observe: (String, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        let patches = patchEmbedding(pixels, weight: patchWeight.value, bias: patchBias.value)
        observe("patches", patches)
        var x = Tensor.concatenated(
            [classToken, registers].compactMap { $0?.value } + [patches + positions.value], axis: 1)
        for (index, layer) in layers.enumerated() {
            var modulation: (scale: Tensor, shift: Tensor)?
            if let language, index < modulations.count {
                modulation = (modulations[index].scale(language), modulations[index].shift(language))
            }
            x = layer(x, modulation: modulation)
            observe("block.\(index)", x)
        }
        let first = x.shape[1] - patches.shape[1]
        return x.slice(axis: 1, first..<x.shape[1]).contiguous
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("patch_embed.proj.weight", &patchWeight)
        try visitor.visit("patch_embed.proj.bias", &patchBias)
        try visitor.visit("pos_embed", &positions)
        try visitor.visit("cls_token", &classToken)
        try visitor.visit("reg_token", &registers)
        for index in layers.indices {
            try visitor.visit("blocks.\(index)\(modulations.isEmpty ? "" : ".block")", &layers[index])
        }
        for index in modulations.indices { try visitor.visit("blocks.\(index)", &modulations[index]) }
    }
}
