import FileSupport
public import Foundation
import TensorCore
public import TensorNN

/// The baseline network of GraspNet-1Billion: grasps from 20,000 points.
///
/// PointNet++ finds features of 1024 seed points, a first head how graspable each is and from which of 300 views; a crop
/// of the points in a cylinder along that view gives a second pair of heads angle, width, score and tolerance at four
/// depths. Parameters have the names and shapes of the released checkpoints. Source: Fang et al. 2020, CVPR.
public struct GraspNetBaseline: Module {
    /// A level of set abstraction: points around centers.
    public struct Level: Sendable, Hashable {
        /// How many centers; each level takes the first ones of the level before.
        public var centerCount: Int
        /// Metres.
        public var radius: Float
        /// Most points of a group.
        public var sampleCount: Int
        /// Channels of the layers.
        public var sizes: [Int]
    }

    /// Sizes that are not those of weights. The defaults are the released network's.
    public struct Configuration: Sendable, Hashable {
        public var levels = [
            Level(centerCount: 2048, radius: 0.04, sampleCount: 64, sizes: [3, 64, 64, 128]),
            Level(centerCount: 1024, radius: 0.1, sampleCount: 32, sizes: [131, 128, 128, 256]),
            Level(centerCount: 512, radius: 0.2, sampleCount: 16, sizes: [259, 128, 128, 256]),
            Level(centerCount: 256, radius: 0.3, sampleCount: 16, sizes: [259, 128, 128, 256]),
        ]
        /// The cylinder of the crop, in metres: radius, lowest height, the highest for each depth.
        public var cropRadius: Float = 0.05
        public var cropMinimum: Float = -0.02
        public var cropHeights: [Float] = [0.01, 0.02, 0.03, 0.04]
        public var cropSampleCount = 64
        /// Points that the network is given.
        public var pointCount = 20_000

        public init() {}

        /// As many centers as asked for, halved from level to level.
        public init(centerCount: Int) {
            for i in levels.indices { levels[i].centerCount = max(3, centerCount >> i) }
        }
    }

    public static let viewCount = 300
    public static let angleCount = 12

    public var configuration = Configuration()
    public var setAbstractions: [SharedMLP]
    public var featurePropagations: [SharedMLP]
    public var viewHead: PointHead
    public var crop: SharedMLP
    public var operationHead: PointHead
    public var toleranceHead: PointHead

    /// Draws the parameters as PyTorch does by default.
    public init(
        configuration: Configuration = Configuration(), using generator: inout some RandomNumberGenerator
    ) {
        self.configuration = configuration
        setAbstractions = configuration.levels.map { SharedMLP($0.sizes, using: &generator) }
        featurePropagations = (0..<2).map { _ in SharedMLP([512, 256, 256], using: &generator) }
        viewHead = PointHead(
            [256, 256, 2 + Self.viewCount, 2 + Self.viewCount], using: &generator)
        crop = SharedMLP([3, 64, 128, 256], using: &generator)
        operationHead = PointHead([256, 128, 128, 3 * Self.angleCount], using: &generator)
        toleranceHead = PointHead([256, 128, 128, Self.angleCount], using: &generator)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        var first = ViewEstimator(network: self)
        try visitor.visit("view_estimator", &first)
        self = first.network
        var second = GraspGenerator(network: self)
        try visitor.visit("grasp_generator", &second)
        self = second.network
    }

    /// Reads weights: a released checkpoint (`.tar`, `.pth`: a dictionary with `model_state_dict`, beside the optimizer's
    /// state), a dictionary of tensors alone, or a safetensors file. The counters `num_batches_tracked` are skipped.
    ///
    /// - Throws: `SerializationError`, or `WeightMismatch` with everything that does not fit.
    public static func load(_ url: URL, configuration: Configuration = Configuration()) throws -> GraspNetBaseline {
        var generator = PhiloxGenerator(seed: 0)
        var network = GraspNetBaseline(configuration: configuration, using: &generator)
        try network.load(tensors(at: url))
        return network
    }

    /// The tensors of a checkpoint by name.
    static func tensors(at url: URL) throws -> [String: Tensor] {
        let start = try MappedFile(at: url).withBytes { Array($0.prefix(2)) }
        var tensors: [(name: String, tensor: Tensor)]
        if start == Array("PK".utf8) {
            let archive = try TorchArchive(at: url)
            tensors =
                archive.root["model_state_dict"] == nil
                ? try archive.stateDict() : try archive.stateDict("model_state_dict")
        } else {
            let archive = try TensorArchive.open(url)
            tensors = try archive.names.map { ($0, try archive.tensor($0)) }
        }
        tensors.removeAll { $0.name.hasSuffix(".num_batches_tracked") }
        // a network that was trained on several devices
        return Dictionary(
            tensors.map { ($0.name.hasPrefix("module.") ? String($0.name.dropFirst(7)) : $0.name, $0.tensor) }
        ) { first, _ in first }
    }

    /// Writes the parameters as a safetensors file that ``load(_:configuration:)`` reads.
    public func write(to url: URL, metadata: [String: String] = [:]) throws {
        var tensors: [(name: String, tensor: Tensor)] = []
        forEachParameter { name, parameter in tensors.append((name, parameter.value)) }
        try Safetensors.write(tensors, metadata: metadata, to: url)
    }
}

/// The names of the released checkpoints: `view_estimator.backbone.sa1.mlp_module.layer0…`.
private struct ViewEstimator: Module {
    var network: GraspNetBaseline

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        var backbone = Backbone(network: network)
        try visitor.visit("backbone", &backbone)
        network = backbone.network
        try visitor.visit("vpmodule", &network.viewHead)
    }
}

private struct Backbone: Module {
    var network: GraspNetBaseline

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        for i in network.setAbstractions.indices {
            var level = NestedModule(name: "mlp_module", module: network.setAbstractions[i])
            try visitor.visit("sa\(i + 1)", &level)
            network.setAbstractions[i] = level.module
        }
        for i in network.featurePropagations.indices {
            var level = NestedModule(name: "mlp", module: network.featurePropagations[i])
            try visitor.visit("fp\(i + 1)", &level)
            network.featurePropagations[i] = level.module
        }
    }
}

private struct GraspGenerator: Module {
    var network: GraspNetBaseline

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        var crop = NestedModule(name: "mlps", module: network.crop)
        try visitor.visit("crop", &crop)
        network.crop = crop.module
        try visitor.visit("operation", &network.operationHead)
        try visitor.visit("tolerance", &network.toleranceHead)
    }
}
