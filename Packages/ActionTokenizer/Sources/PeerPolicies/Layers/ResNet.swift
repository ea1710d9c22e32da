public import TensorCore
public import TensorNN

/// ResNet-18 or -34 without its classifier: `[batch, height, width, 3]` → `[batch, ⌈height/32⌉, ⌈width/32⌉, channels]`.
///
///     stem    7×7, stride 2 → norm → ReLU → 3×3 maximum, stride 2
///     stages  four of basic blocks, strides 1, 2, 2, 2
///     block   y = ReLU(N₂(conv₃(ReLU(N₁(conv₃ x)))) + S(x)),  S = identity, or 1×1 convolution + norm
///
/// Widths are read from the weights' shapes. Source: He et al. 2016, arXiv:1512.03385, section 4.1; names of torchvision
/// (`layer1.0.conv1`), or of its children in a sequence (`4.0.conv1`).
public struct ResNet: Module {
    /// How layers are called in weight files.
    public enum Naming: Sendable {
        case torchvision
        case sequence

        var stem: String { self == .torchvision ? "conv1" : "0" }
        var stemNorm: String { self == .torchvision ? "bn1" : "1" }
        func stage(_ index: Int) -> String { self == .torchvision ? "layer\(index + 1)" : "\(index + 4)" }
    }

    /// How its layers normalize.
    public enum Norm: Sendable {
        case frozen
        case batch
        /// A group for every 16 channels.
        case groups

        func kind(_ channels: Int?) -> ChannelNorm.Kind {
            switch self {
            case .frozen: .frozen
            case .batch: .batch
            case .groups: .group(count: max(1, (channels ?? 16) / 16))
            }
        }
    }

    public var stem: Parameter
    public var stemNorm: ChannelNorm
    public var stages: [[BasicBlock]]
    public let naming: Naming

    /// Blocks of each stage by the name of the backbone; nil for one that is not built here.
    public static func blockCounts(_ backbone: String) -> [Int]? {
        ["resnet18": [2, 2, 2, 2], "resnet34": [3, 4, 6, 3]][backbone]
    }

    /// Takes the layers below `prefix`, which ends in a dot.
    public init(_ prefix: String, blockCounts: [Int], norm: Norm, naming: Naming, from source: WeightSource) {
        self.naming = naming
        let stemName = "\(prefix)\(naming.stem).weight"
        stem = source.parameter(stemName, [nil, 3, 7, 7])
        var width = source.shape(stemName)?.first
        stemNorm = ChannelNorm("\(prefix)\(naming.stemNorm)", norm.kind(width), size: width, from: source)
        stages = []
        for (stage, count) in blockCounts.enumerated() {
            var blocks: [BasicBlock] = []
            for index in 0..<count {
                let name = "\(prefix)\(naming.stage(stage)).\(index)"
                blocks.append(
                    BasicBlock(name, inputs: width, stride: stage > 0 && index == 0 ? 2 : 1, norm: norm, from: source))
                width = source.shape("\(name).conv1.weight")?.first
            }
            stages.append(blocks)
        }
        outputChannels = width ?? 0
    }

    /// Channels of the result.
    public let outputChannels: Int

    public func callAsFunction(_ x: Tensor, statistics: inout BatchStatistics?) -> Tensor {
        var y = channelsLastConvolution(x, weight: stem.value, stride: 2, padding: 3)
        y = maximumPooling(stemNorm(y, statistics: &statistics).relu())
        for stage in stages {
            for block in stage { y = block(y, statistics: &statistics) }
        }
        return y
    }

    /// Updates the running statistics with those of a batch, taken in the order of computing.
    mutating func update(with entries: inout ArraySlice<BatchStatistics.Entry>) {
        stemNorm.update(with: entries.removeFirst())
        for stage in stages.indices {
            for block in stages[stage].indices { stages[stage][block].update(with: &entries) }
        }
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("\(naming.stem).weight", &stem)
        try visitor.visit(naming.stemNorm, &stemNorm)
        for stage in stages.indices { try visitor.visit(naming.stage(stage), &stages[stage]) }
    }
}

/// The residual block of ResNet-18 and -34.
public struct BasicBlock: Module {
    public var first: Parameter
    public var firstNorm: ChannelNorm
    public var second: Parameter
    public var secondNorm: ChannelNorm
    /// Where channels or sizes change.
    public var shortcut: Shortcut?
    public let stride: Int

    public struct Shortcut: Module {
        public var weight: Parameter
        public var norm: ChannelNorm

        public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
            try visitor.visit("0.weight", &weight)
            try visitor.visit("1", &norm)
        }
    }

    init(_ name: String, inputs: Int?, stride: Int, norm: ResNet.Norm, from source: WeightSource) {
        let width = source.shape("\(name).conv1.weight")?.first
        let kind = norm.kind(width)
        self.stride = stride
        first = source.parameter("\(name).conv1.weight", [nil, inputs, 3, 3])
        firstNorm = ChannelNorm("\(name).bn1", kind, size: width, from: source)
        second = source.parameter("\(name).conv2.weight", [width, width, 3, 3])
        secondNorm = ChannelNorm("\(name).bn2", kind, size: width, from: source)
        if stride != 1 || inputs != width {
            shortcut = Shortcut(
                weight: source.parameter("\(name).downsample.0.weight", [width, inputs, 1, 1]),
                norm: ChannelNorm("\(name).downsample.1", kind, size: width, from: source))
        }
    }

    public func callAsFunction(_ x: Tensor, statistics: inout BatchStatistics?) -> Tensor {
        var y = channelsLastConvolution(x, weight: first.value, stride: stride, padding: 1)
        y = firstNorm(y, statistics: &statistics).relu()
        y = channelsLastConvolution(y, weight: second.value, stride: 1, padding: 1)
        y = secondNorm(y, statistics: &statistics)
        guard let shortcut else { return (y + x).relu() }
        let s = channelsLastConvolution(x, weight: shortcut.weight.value, stride: stride)
        return (y + shortcut.norm(s, statistics: &statistics)).relu()
    }

    mutating func update(with entries: inout ArraySlice<BatchStatistics.Entry>) {
        firstNorm.update(with: entries.removeFirst())
        secondNorm.update(with: entries.removeFirst())
        if shortcut != nil { shortcut!.norm.update(with: entries.removeFirst()) }
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("conv1.weight", &first)
        try visitor.visit("bn1", &firstNorm)
        try visitor.visit("conv2.weight", &second)
        try visitor.visit("bn2", &secondNorm)
        try visitor.visit("downsample", &shortcut)
    }
}
