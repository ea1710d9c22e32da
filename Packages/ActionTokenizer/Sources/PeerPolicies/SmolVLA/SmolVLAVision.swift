public import TensorCore
public import TensorNN

/// SmolVLA's view of an image: SigLIP, then neighbouring patches joined to one token of the language model.
///
/// `[1, height, width, 3]` in −1…1 → `[1, tokens, textWidth]`.
public struct SmolVLAVision: Module {
    /// `[width, 3, patch, patch]`.
    public var patchWeight: Parameter
    public var patchBias: Parameter
    /// `[n², width]`.
    public var positions: Parameter
    public var layers: [VisionLayer]
    public var norm: LayerNorm
    public var connector: Linear
    let shuffleFactor: Int
    let patchSize: Int

    init(_ name: String, _ c: SmolVLAConfiguration, from source: WeightSource) {
        let vision = "\(name).vision_model"
        patchSize = c.patchSize
        shuffleFactor = c.shuffleFactor
        patchWeight = source.parameter(
            "\(vision).embeddings.patch_embedding.weight", [c.visionWidth, 3, c.patchSize, c.patchSize])
        patchBias = source.parameter("\(vision).embeddings.patch_embedding.bias", [c.visionWidth])
        let side = c.visionImageSize / c.patchSize
        positions = source.parameter(
            "\(vision).embeddings.position_embedding.weight", [side * side, c.visionWidth])
        layers = (0..<c.visionLayerCount).map {
            VisionLayer(
                "\(vision).encoder.layers.\($0)", width: c.visionWidth, headCount: c.visionHeadCount, naming: .siglip,
                activation: .tanh, epsilon: c.visionEpsilon, from: source)
        }
        norm = source.layerNorm("\(vision).post_layernorm", c.visionWidth, epsilon: c.visionEpsilon)
        connector = source.linear(
            "\(name).connector.modality_projection.proj", c.visionWidth * c.shuffleFactor * c.shuffleFactor,
            c.textWidth,
            bias: false)
    }

    /// Patches with their positions: `[1, rows · columns, width]`.
    func embed(_ image: Tensor) -> Tensor {
        let patches = patchEmbedding(
            image.permuted([0, 3, 1, 2]).contiguous, weight: patchWeight.value, bias: patchBias.value)
        let (rows, columns) = (image.shape[1] / patchSize, image.shape[2] / patchSize)
        return patches + positions.value.gatheringRows(positionIndices(rows: rows, columns: columns))
    }

    /// The place of each patch in the table of n × n: the number of boundaries 1/n, 2/n, … up to r/rows and c/columns.
    func positionIndices(rows: Int, columns: Int) -> [Int] {
        let side = Int(Double(positions.value.shape[0]).squareRoot().rounded())
        func bucket(_ index: Int, _ count: Int) -> Int {
            let u = Float(index) / Float(count)
            return (1..<max(side, 1)).count { Float($0) / Float(side) <= u }
        }
        let across = (0..<columns).map { bucket($0, columns) }
        return (0..<rows).flatMap { r in
            let row = bucket(r, rows) * side
            return across.map { row + $0 }
        }
    }

    /// Groups of neighbours as one token: channels in the order row, column, channel.
    func shuffled(_ x: Tensor, rows: Int, columns: Int) -> Tensor {
        let (batch, width, s) = (x.shape[0], x.shape[2], shuffleFactor)
        return x.reshaped([batch, rows / s, s, columns / s, s, width]).permuted([0, 1, 3, 2, 4, 5])
            .reshaped([batch, rows / s * (columns / s), s * s * width])
    }

    /// - Parameter observe: Called with the name and result of each stage.
    public func callAsFunction(_ image: Tensor, observe: (String, Tensor) -> Void = { _, _ in }) -> Tensor {
        var x = embed(image)
        observe("vision_embeddings", x)
        for (index, layer) in layers.enumerated() {
            x = layer(x)
            observe("vision.\(index)", x)
        }
        x = norm(x)
        observe("vision_out", x)
        let (rows, columns) = (image.shape[1] / patchSize, image.shape[2] / patchSize)
        let tokens = connector(shuffled(x, rows: rows, columns: columns))
        observe("connector_out", tokens)
        return tokens
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("vision_model.embeddings.patch_embedding.weight", &patchWeight)
        try visitor.visit("vision_model.embeddings.patch_embedding.bias", &patchBias)
        try visitor.visit("vision_model.embeddings.position_embedding.weight", &positions)
        try visitor.visit("vision_model.encoder.layers", &layers)
        try visitor.visit("vision_model.post_layernorm", &norm)
        try visitor.visit("connector.modality_projection.proj", &connector)
    }
}

extension SmolVLAConfiguration {
    /// An image fitted into the model's size, aspect kept, padded left and top with 0, then 2x − 1.
    ///
    /// - Parameter image: `[height, width, 3]` in 0…1, or normalized.
    /// - Returns: `[1, imageHeight, imageWidth, 3]`.
    func fitted(_ image: Tensor) -> Tensor {
        let (height, width) = (image.shape[0], image.shape[1])
        var x = image
        if height != imageHeight || width != imageWidth {
            let ratio = max(Double(width) / Double(imageWidth), Double(height) / Double(imageHeight))
            let newHeight = max(1, min(Int(Double(height) / ratio), imageHeight))
            let newWidth = max(1, min(Int(Double(width) / ratio), imageWidth))
            x = x.interpolated(toHeight: newHeight, width: newWidth, .bilinear)
            if newWidth < imageWidth {
                x = .concatenated([.zeros([newHeight, imageWidth - newWidth, 3]), x], axis: 1)
            }
            if newHeight < imageHeight {
                x = .concatenated([.zeros([imageHeight - newHeight, imageWidth, 3]), x], axis: 0)
            }
        }
        return (x * 2 - 1).expandingDimension(at: 0)
    }
}
