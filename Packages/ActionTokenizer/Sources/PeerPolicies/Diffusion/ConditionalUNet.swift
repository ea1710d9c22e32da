import Foundation
public import TensorCore
public import TensorNN

/// A convolution over time, group normalization and Mish: `[batch, steps, inputs]` → `[batch, steps, outputs]`.
public struct ConvolutionBlock: Module {
    public var convolution: Convolution1D
    public var norm: ChannelNorm

    init(_ name: String, inputs: Int, outputs: Int, size: Int, groups: Int, from source: WeightSource) {
        convolution = source.convolution1D("\(name).block.0", inputs, outputs, size: size, padding: size / 2)
        norm = ChannelNorm("\(name).block.1", .group(count: groups), size: outputs, from: source)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        var none: BatchStatistics?
        return norm(convolution(x), statistics: &none).mish()
    }

    mutating func pack() { convolution.pack() }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("block.0", &convolution)
        try visitor.visit("block.1", &norm)
    }
}

extension WeightSource {
    func convolution1D(
        _ name: String, _ inputs: Int, _ outputs: Int, size: Int, stride: Int = 1, padding: Int = 0
    ) -> Convolution1D {
        Convolution1D(
            weight: tensor("\(name).weight", [outputs, inputs, size]), bias: tensor("\(name).bias", [outputs]),
            size: size, stride: stride, padding: padding)
    }
}

/// A residual block whose channels are modulated by the condition.
///
///     y = Mish(GN(conv x));  m = linear(Mish c)
///     y = m[:C] ⊙ y + m[C:]  with scale modulation, else y + m
///     y = Mish(GN(conv y)) + R(x)
public struct ConditionalBlock: Module {
    public var first: ConvolutionBlock
    public var second: ConvolutionBlock
    public var condition: Linear
    /// A 1×1 convolution where channels differ.
    public var residual: Convolution1D?
    let modulatesScale: Bool

    init(
        _ name: String, inputs: Int, outputs: Int, conditionSize: Int, _ configuration: DiffusionConfiguration,
        from source: WeightSource
    ) {
        let (size, groups) = (configuration.kernelSize, configuration.groupCount)
        first = ConvolutionBlock(
            "\(name).conv1", inputs: inputs, outputs: outputs, size: size, groups: groups, from: source)
        second = ConvolutionBlock(
            "\(name).conv2", inputs: outputs, outputs: outputs, size: size, groups: groups, from: source)
        modulatesScale = configuration.modulatesScale
        condition = source.linear("\(name).cond_encoder.1", conditionSize, modulatesScale ? 2 * outputs : outputs)
        if inputs != outputs {
            residual = source.convolution1D("\(name).residual_conv", inputs, outputs, size: 1)
        }
    }

    /// - Parameters:
    ///   - x: `[batch, steps, inputs]`.
    ///   - condition: Mish of the condition, `[batch, size]`.
    func callAsFunction(_ x: Tensor, condition activated: Tensor) -> Tensor {
        var y = first(x)
        let m = condition(activated).expandingDimension(at: 1)
        let channels = y.shape[2]
        y =
            modulatesScale
            ? y * m.slice(axis: 2, 0..<channels) + m.slice(axis: 2, channels..<2 * channels) : y + m
        return second(y) + (residual?(x) ?? x)
    }

    mutating func pack() {
        first.pack()
        second.pack()
        residual?.pack()
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("conv1", &first)
        try visitor.visit("conv2", &second)
        try visitor.visit("cond_encoder.1", &condition)
        try visitor.visit("residual_conv", &residual)
    }
}

/// Two blocks and, but for the last stage, a convolution that halves the steps.
public struct DownStage: Module {
    public var blocks: [ConditionalBlock]
    public var halving: Convolution1D?

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        for index in blocks.indices { try visitor.visit("\(index)", &blocks[index]) }
        try visitor.visit("2", &halving)
    }
}

/// Two blocks and a transposed convolution that doubles the steps.
public struct UpStage: Module {
    public var blocks: [ConditionalBlock]
    public var doubling: Upsampling1D

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        for index in blocks.indices { try visitor.visit("\(index)", &blocks[index]) }
        try visitor.visit("2", &doubling)
    }
}

/// The network that predicts the noise of an action sequence: `[batch, horizon, size]` → the same.
///
/// The skip of the first stage is computed and not used; there is one stage less on the way up than down. Source:
/// Janner et al. 2022, arXiv:2205.09991; LeRobot 0.6.1, `DiffusionConditionalUnet1d`.
public struct ConditionalUNet: Module {
    public var timeFirst: Linear
    public var timeSecond: Linear
    public var down: [DownStage]
    public var middle: [ConditionalBlock]
    public var up: [UpStage]
    public var finalBlock: ConvolutionBlock
    public var output: Convolution1D
    let timeSize: Int

    init(_ name: String, _ configuration: DiffusionConfiguration, conditionSize: Int, from source: WeightSource) {
        let sizes = configuration.downSizes
        let d = configuration.timeSize
        timeSize = d
        timeFirst = source.linear("\(name).diffusion_step_encoder.1", d, 4 * d)
        timeSecond = source.linear("\(name).diffusion_step_encoder.3", 4 * d, d)
        let total = d + conditionSize
        func block(_ path: String, _ inputs: Int, _ outputs: Int) -> ConditionalBlock {
            ConditionalBlock(
                "\(name).\(path)", inputs: inputs, outputs: outputs, conditionSize: total, configuration, from: source)
        }
        down = sizes.indices.map { s in
            let inputs = s == 0 ? configuration.actionSize : sizes[s - 1]
            return DownStage(
                blocks: [
                    block("down_modules.\(s).0", inputs, sizes[s]), block("down_modules.\(s).1", sizes[s], sizes[s]),
                ],
                halving: s == sizes.count - 1
                    ? nil
                    : source.convolution1D(
                        "\(name).down_modules.\(s).2", sizes[s], sizes[s], size: 3, stride: 2, padding: 1))
        }
        let last = sizes[sizes.count - 1]
        middle = [block("mid_modules.0", last, last), block("mid_modules.1", last, last)]
        up = (0..<sizes.count - 1).map { j in
            let (from, to) = (sizes[sizes.count - 1 - j], sizes[sizes.count - 2 - j])
            let path = "up_modules.\(j)"
            return UpStage(
                blocks: [block("\(path).0", 2 * from, to), block("\(path).1", to, to)],
                doubling: Upsampling1D(
                    weight: source.tensor("\(name).\(path).2.weight", [to, to, 4]),
                    bias: source.tensor("\(name).\(path).2.bias", [to])))
        }
        finalBlock = ConvolutionBlock(
            "\(name).final_conv.0", inputs: sizes[0], outputs: sizes[0], size: configuration.kernelSize, groups: 8,
            from: source)
        output = source.convolution1D("\(name).final_conv.1", sizes[0], configuration.actionSize, size: 1)
    }

    /// The embedding of times: f_i = e^(−i ln 10⁴ / (d/2 − 1)), [sin tf, cos tf] → linear → Mish → linear.
    func timeEmbedding(_ times: [Int]) -> Tensor {
        let half = timeSize / 2
        var values: [Float] = []
        let scale = Float(log(10_000.0) / Double(half - 1))
        let angles = times.map { t in (0..<half).map { i in Double(Float(t) * exp(-scale * Float(i))) } }
        for row in angles { values += row.map { Float(sin($0)) } + row.map { Float(cos($0)) } }
        return timeSecond(timeFirst(Tensor(values, [times.count, timeSize])).mish())
    }

    /// - Parameters:
    ///   - x: `[batch, horizon, size]`.
    ///   - times: One for each row.
    ///   - condition: `[batch, size]`.
    ///   - observe: Called with the name and result of each stage, before its steps are halved or doubled.
    public func callAsFunction(
        _ x: Tensor, times: [Int], condition: Tensor, observe: (String, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        let time = timeEmbedding(times)
        observe("time_embedding", time)
        let c = Tensor.concatenated([time, condition], axis: 1).mish()
        var x = x
        var skips: [Tensor] = []
        for (index, stage) in down.enumerated() {
            for block in stage.blocks { x = block(x, condition: c) }
            observe("down.\(index)", x)
            skips.append(x)
            if let halving = stage.halving { x = halving(x) }
        }
        for block in middle { x = block(x, condition: c) }
        observe("mid", x)
        for (index, stage) in up.enumerated() {
            x = .concatenated([x, skips.removeLast()], axis: 2)
            for block in stage.blocks { x = block(x, condition: c) }
            observe("up.\(index)", x)
            x = stage.doubling(x)
        }
        return output(finalBlock(x))
    }

    /// Keeps weights in the order of the products, for sampling.
    mutating func pack() {
        for s in down.indices {
            for b in down[s].blocks.indices { down[s].blocks[b].pack() }
            down[s].halving?.pack()
        }
        for b in middle.indices { middle[b].pack() }
        for s in up.indices {
            for b in up[s].blocks.indices { up[s].blocks[b].pack() }
            up[s].doubling.pack()
        }
        finalBlock.pack()
        output.pack()
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("diffusion_step_encoder.1", &timeFirst)
        try visitor.visit("diffusion_step_encoder.3", &timeSecond)
        try visitor.visit("down_modules", &down)
        try visitor.visit("mid_modules", &middle)
        try visitor.visit("up_modules", &up)
        try visitor.visit("final_conv.0", &finalBlock)
        try visitor.visit("final_conv.1", &output)
    }
}
