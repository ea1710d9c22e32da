public import TensorCore
public import TensorNN

/// A block of a vision transformer in one of the layouts that policies publish.
///
///     x ← x + ls₁ ⊙ attention(norm₁ x);  [x ← x ⊙ (1 + scale) + shift]  x ← x + ls₂ ⊙ W₂ gelu(W₁ norm₂ x)
///
/// `ls` are DINOv2's learned scales; scale and shift are OpenVLA-OFT's modulation by the language (FiLM).
public struct VisionLayer: Module {
    /// How layers are called in weight files.
    public enum Naming: Sendable {
        /// `self_attn.{q,k,v,out}_proj`, `layer_norm1`; of Hugging Face's SigLIP.
        case siglip
        /// `attn.qkv`, `attn.proj`, `norm1`; of timm.
        case timm
    }

    public var norm1: LayerNorm
    /// Queries, keys and values: three matrices, or one for all.
    public var projections: [Linear]
    public var output: Linear
    public var norm2: LayerNorm
    public var first: Linear
    public var second: Linear
    public var scale1: Parameter?
    public var scale2: Parameter?
    public let headCount: Int
    public let naming: Naming
    public let activation: Tensor.GELU

    init(
        _ name: String, width: Int, headCount: Int, naming: Naming, activation: Tensor.GELU, epsilon: Float,
        from source: WeightSource
    ) {
        self.headCount = headCount
        self.naming = naming
        self.activation = activation
        let isTimm = naming == .timm
        norm1 = source.layerNorm("\(name).\(isTimm ? "norm1" : "layer_norm1")", width, epsilon: epsilon)
        norm2 = source.layerNorm("\(name).\(isTimm ? "norm2" : "layer_norm2")", width, epsilon: epsilon)
        projections =
            isTimm
            ? [source.linear("\(name).attn.qkv", width, 3 * width)]
            : ["q", "k", "v"].map { source.linear("\(name).self_attn.\($0)_proj", width, width) }
        output = source.linear(isTimm ? "\(name).attn.proj" : "\(name).self_attn.out_proj", width, width)
        first = source.linear("\(name).mlp.fc1", width, nil)
        second = source.linear("\(name).mlp.fc2", source.shape("\(name).mlp.fc1.weight")?.first, width)
        if source.contains("\(name).ls1.scale_factor") {
            scale1 = source.parameter("\(name).ls1.scale_factor", [width])
            scale2 = source.parameter("\(name).ls2.scale_factor", [width])
        }
    }

    /// - Parameters:
    ///   - x: `[batch, tokens, width]`.
    ///   - modulation: Scale and shift, `[width]` each; nil for none.
    public func callAsFunction(_ x: Tensor, modulation: (scale: Tensor, shift: Tensor)? = nil) -> Tensor {
        let (batch, tokens, width) = (x.shape[0], x.shape[1], x.shape[2])
        let y = norm1(x)
        func heads(_ x: Tensor) -> Tensor { x.reshaped([batch, tokens, headCount, width / headCount]) }
        let parts: [Tensor]
        if projections.count == 1 {
            let joined = projections[0](y)
            parts = (0..<3).map { heads(joined.slice(axis: 2, $0 * width..<($0 + 1) * width)) }
        } else {
            parts = projections.map { heads($0(y)) }
        }
        var attended = output(
            attention(parts[0], parts[1], parts[2], mask: .full).reshaped([batch, tokens, width]))
        if let scale1 { attended = attended * scale1.value }
        var x = x + attended
        if let modulation { x = x * (modulation.scale + 1) + modulation.shift }
        var fed = second(first(norm2(x)).gelu(activation))
        if let scale2 { fed = fed * scale2.value }
        return x + fed
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        let isTimm = naming == .timm
        try visitor.visit(isTimm ? "norm1" : "layer_norm1", &norm1)
        if isTimm {
            try visitor.visit("attn.qkv", &projections[0])
        } else {
            for (index, name) in ["q", "k", "v"].enumerated() {
                try visitor.visit("self_attn.\(name)_proj", &projections[index])
            }
        }
        try visitor.visit(isTimm ? "attn.proj" : "self_attn.out_proj", &output)
        try visitor.visit("ls1.scale_factor", &scale1)
        try visitor.visit(isTimm ? "norm2" : "layer_norm2", &norm2)
        try visitor.visit("mlp.fc1", &first)
        try visitor.visit("mlp.fc2", &second)
        try visitor.visit("ls2.scale_factor", &scale2)
    }
}
