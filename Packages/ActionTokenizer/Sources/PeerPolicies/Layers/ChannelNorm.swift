public import TensorCore
public import TensorNN

/// Normalization of channels that lie together on the last axis: `[batch, …, channels]`.
///
/// - `frozen`: batch normalization by stored statistics, y = x·s + (b − mean·s) with s = w/√(var + 1e-5); nothing is
///   trained.
/// - `batch`: by stored statistics when acting, by those of the batch in training.
/// - `group`: over all positions and the channels of a group.
///
/// Named as `torch.nn.BatchNorm2d` and `GroupNorm`. ε is 1e-5.
public struct ChannelNorm: Module {
    public enum Kind: Hashable, Sendable {
        case frozen
        case batch
        case group(count: Int)
    }

    public let kind: Kind
    public var weight: Parameter
    public var bias: Parameter
    /// Stored statistics; nil for groups.
    public var runningMean: Parameter?
    public var runningVariance: Parameter?

    static let epsilon: Float = 1e-5

    /// Takes `name.weight`, `name.bias` and, but for groups, `name.running_mean` and `name.running_var`.
    public init(_ name: String, _ kind: Kind, size: Int?, from source: WeightSource) {
        self.kind = kind
        weight = source.parameter("\(name).weight", [size], isTrainable: kind != .frozen)
        bias = source.parameter("\(name).bias", [size], isTrainable: kind != .frozen)
        if case .group(let count) = kind {
            if let size, size % count != 0 {
                source.reportWrongShape("\(name).weight", expected: [size / count * count])
            }
            return
        }
        runningMean = source.parameter("\(name).running_mean", [size], isTrainable: false)
        runningVariance = source.parameter("\(name).running_var", [size], isTrainable: false)
    }

    /// - Parameter statistics: Collects the batch's statistics in training; nil when acting.
    public func callAsFunction(_ x: Tensor, statistics: inout BatchStatistics?) -> Tensor {
        switch kind {
        case .group(let count): return groupNormalized(x, count)
        case .frozen: break
        case .batch: if statistics != nil { return batchNormalized(x, &statistics!) }
        }
        let scale = weight.value / (runningVariance!.value + Self.epsilon).squareRoot()
        return x * scale + (bias.value - runningMean!.value * scale)
    }

    private func groupNormalized(_ x: Tensor, _ groups: Int) -> Tensor {
        let (batch, channels) = (x.shape[0], x.shape[-1])
        let positions = x.elementCount / batch / channels
        let grouped = x.reshaped([batch, positions, groups, channels / groups]).permuted([0, 2, 1, 3])
        let rows = layerNorm(grouped.reshaped([batch * groups, -1]), epsilon: Self.epsilon)
        return rows.reshaped([batch, groups, positions, channels / groups]).permuted([0, 2, 1, 3])
            .reshaped(x.shape.sizes) * weight.value + bias.value
    }

    private func batchNormalized(_ x: Tensor, _ statistics: inout BatchStatistics) -> Tensor {
        let channels = x.shape[-1]
        let rows = x.reshaped([-1, channels])
        let count = Float(rows.shape[0])
        let mean = rows.mean(axes: [0])
        let centered = rows - mean
        let variance = centered.squared().mean(axes: [0])
        statistics.append(mean: mean.detached, variance: variance.detached * (count / max(count - 1, 1)))
        let normalized = centered / (variance + Self.epsilon).squareRoot()
        return (normalized * weight.value + bias.value).reshaped(x.shape.sizes)
    }

    /// running ← 0.9 · running + 0.1 · batch.
    mutating func update(with entry: BatchStatistics.Entry) {
        guard let mean = runningMean, let variance = runningVariance else { return }
        runningMean!.value = mean.value.detached * 0.9 + entry.mean * 0.1
        runningVariance!.value = variance.value.detached * 0.9 + entry.variance * 0.1
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("weight", &weight)
        try visitor.visit("bias", &bias)
        try visitor.visit("running_mean", &runningMean)
        try visitor.visit("running_var", &runningVariance)
    }
}

/// Means and unbiased variances of a batch, layer by layer in the order in which layers were computed.
public struct BatchStatistics: Sendable {
    public struct Entry: Sendable {
        public let mean: Tensor
        public let variance: Tensor
    }

    public private(set) var entries: [Entry] = []

    public init() {}

    mutating func append(mean: Tensor, variance: Tensor) { entries.append(Entry(mean: mean, variance: variance)) }
}
