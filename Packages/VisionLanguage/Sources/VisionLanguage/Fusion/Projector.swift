public import TensorCore
public import TensorNN

/// Which way image tokens take to the decoder's width.
public enum ProjectorConfiguration: Sendable, Hashable, Codable {
    /// Nothing: both widths are the same, as in the 2025 system.
    case identity
    /// One linear layer, MiniMind-V of 2025.
    case linear
    /// LayerNorm, linear, GELU, linear, MiniMind-V of 2026. `merge` × `merge` neighbours are joined before; 1 for none.
    case perceptron(merge: Int)
    /// Linear, GELU, linear: OpenVLA with one tower.
    case openVLA
    /// Linear to four times the width, GELU, linear, GELU, linear: OpenVLA with two towers.
    case openVLAFused

    /// Neighbours along an axis that become one token.
    var merge: Int {
        if case .perceptron(let merge) = self { merge } else { 1 }
    }

    /// Widths before, between and after the linear layers; empty for ``identity``.
    func layerWidths(inputWidth: Int, outputWidth: Int) -> [Int] {
        let input = inputWidth * merge * merge
        return switch self {
        case .identity: []
        case .linear: [input, outputWidth]
        case .perceptron, .openVLA: [input, outputWidth, outputWidth]
        case .openVLAFused: [input, 4 * input, outputWidth, outputWidth]
        }
    }

    /// Weights of the linear layers.
    func matrixElementCount(inputWidth: Int, outputWidth: Int) -> Double {
        let widths = layerWidths(inputWidth: inputWidth, outputWidth: outputWidth).map(Double.init)
        return zip(widths, widths.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    }
}

/// Image tokens `[B, N, D]` → rows for the decoder `[B, N / merge², H]`.
///
/// Names of the published files: `vision_proj.0`, `mlp.0`, `mlp.1`, `mlp.3`, or `fc1` …
public struct Projector: Module {
    public let configuration: ProjectorConfiguration
    var norm: LayerNorm?
    var layers: [Linear]

    /// Traps when `merge` is not positive, or the identity would have to change the width.
    public init(
        _ configuration: ProjectorConfiguration, inputWidth: Int, outputWidth: Int,
        initialization: Initialization = .uniformByInputSize, using generator: inout some RandomNumberGenerator
    ) {
        self.configuration = configuration
        require(configuration.merge > 0, "projector that joins \(configuration.merge) neighbours")
        require(
            configuration != .identity || inputWidth == outputWidth,
            "no projector between image tokens of \(inputWidth) and a decoder of \(outputWidth)")
        let widths = configuration.layerWidths(inputWidth: inputWidth, outputWidth: outputWidth)
        if case .perceptron = configuration { norm = LayerNorm(widths[0], epsilon: 1e-5) }
        layers = zip(widths, widths.dropFirst()).map {
            Linear($0, $1, initialization: initialization, using: &generator)
        }
    }

    public func callAsFunction(_ tokens: Tensor) -> Tensor {
        var x = merged(tokens)
        if let norm { x = norm(x) }
        for (index, layer) in layers.enumerated() { x = layer(index == 0 ? x : x.gelu(.exact)) }
        return x
    }

    /// Squares of neighbours one behind the other, each in (row, column) order.
    private func merged(_ tokens: Tensor) -> Tensor {
        let merge = configuration.merge
        guard merge > 1 else { return tokens }
        let (batch, count, width) = (tokens.shape[0], tokens.shape[1], tokens.shape[2])
        let side = Int(Double(count).squareRoot().rounded())
        require(
            side * side == count && side % merge == 0,
            "\(count) image tokens do not make squares of \(merge) × \(merge)")
        let squares = side / merge
        return tokens.reshaped([batch, squares, merge, squares, merge, width]).permuted([0, 1, 3, 2, 4, 5])
            .reshaped([batch, squares * squares, merge * merge * width])
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        switch configuration {
        case .identity: break
        case .linear: try visitor.visit("vision_proj.0", &layers[0])
        case .perceptron:
            try visitor.visit("mlp.0", &norm)
            try visitor.visit("mlp.1", &layers[0])
            try visitor.visit("mlp.3", &layers[1])
        case .openVLA, .openVLAFused:
            for index in layers.indices { try visitor.visit("fc\(index + 1)", &layers[index]) }
        }
    }
}
