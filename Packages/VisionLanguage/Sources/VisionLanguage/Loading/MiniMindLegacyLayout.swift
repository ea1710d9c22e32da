import TensorCore

/// The weights of MiniMind before 2025-04-26.
///
/// On that day every tensor was renamed, and the rotary embedding changed from pairs of adjacent rows (2j, 2j + 1) to
/// halves (j, j + d/2). A file that is only renamed has the right names and shapes, and computes noise: the rows of
/// queries and keys have to be put in the new order.
enum MiniMindLegacyLayout {
    private static let names = [
        ("tok_embeddings.", "model.embed_tokens."), ("output.", "lm_head."), ("norm.", "model.norm."),
    ]
    private static let namesInLayer = [
        ("attention.wq.", "self_attn.q_proj."), ("attention.wk.", "self_attn.k_proj."),
        ("attention.wv.", "self_attn.v_proj."), ("attention.wo.", "self_attn.o_proj."),
        ("feed_forward.w1.", "mlp.gate_proj."), ("feed_forward.w2.", "mlp.down_proj."),
        ("feed_forward.w3.", "mlp.up_proj."), ("attention_norm.", "input_layernorm."),
        ("ffn_norm.", "post_attention_layernorm."),
    ]

    /// Whether names of that time are among these.
    static func isUsed(by names: [String]) -> Bool {
        names.contains { $0.hasPrefix("tok_embeddings.") || $0.contains(".attention.wq.") }
    }

    /// Today's name; nil for a name that is not of that time.
    static func currentName(_ name: String) -> String? {
        for (old, new) in names where name.hasPrefix(old) { return new + name.dropFirst(old.count) }
        let parts = name.split(separator: ".", maxSplits: 2)
        guard parts.count == 3, parts[0] == "layers", Int(parts[1]) != nil else { return nil }
        for (old, new) in namesInLayer where parts[2].hasPrefix(old) {
            return "model.layers.\(parts[1])." + new + parts[2].dropFirst(old.count)
        }
        return nil
    }

    /// Rows of a query or key matrix in today's order: per head, new row j is old row 2j, new row j + d/2 old row 2j + 1.
    static func permuted(_ weight: Tensor, headSize: Int) -> Tensor {
        let (rows, columns) = (weight.shape[0], weight.shape[1])
        return weight.reshaped([rows / headSize, headSize / 2, 2, columns]).permuted([0, 2, 1, 3])
            .reshaped([rows, columns])
    }
}

extension Checkpoint {
    /// The same weights under today's names and in today's order of rotated rows.
    ///
    /// A checkpoint of the current layout is returned as it is. Buffers of that time that hold no weights (`freqs_cis`,
    /// `mask`) are left out.
    ///
    /// - Parameter headSize: Elements of a head; the files of that time do not say it.
    /// - Throws: ``ConfigurationError`` when the head size does not divide the rows.
    public func convertedToCurrentLayout(headSize: Int) throws -> Checkpoint {
        guard layout == .miniMindBefore20250426 else { return self }
        var result = self
        (result.names, result.tensors, result.layout) = ([], [:], .current)
        for name in names {
            guard let tensor = tensors[name] else { continue }
            if name.hasSuffix("freqs_cis") || name.hasSuffix(".mask") || name.hasSuffix("pos_cis") { continue }
            let current = MiniMindLegacyLayout.currentName(name) ?? name
            var value = tensor
            if current.hasSuffix("q_proj.weight") || current.hasSuffix("k_proj.weight") {
                guard headSize > 0, headSize % 2 == 0, tensor.rank == 2, tensor.shape[0] % headSize == 0 else {
                    throw ConfigurationError(
                        "a head size of \(headSize) for '\(name)' of \(tensor.shape)",
                        advice: "Check that config.json belongs to these weights.")
                }
                value = MiniMindLegacyLayout.permuted(tensor, headSize: headSize)
            }
            result.names.append(current)
            result.tensors[current] = value
        }
        return result
    }
}
