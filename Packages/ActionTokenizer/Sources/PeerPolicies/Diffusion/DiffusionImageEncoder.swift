import TensorCore
public import TensorNN

/// Images to keypoints: ResNet, a 1×1 convolution to K maps, the expected place of each map's softmax, a linear layer.
///
/// `[images, height, width, 3]`, normalized → `[images, 2 · K]`.
///
/// Source: Chi et al. 2023, arXiv:2303.04137, section 3; Levine et al. 2016 (spatial softmax); LeRobot 0.6.1,
/// `DiffusionRgbEncoder`.
public struct DiffusionImageEncoder: Module {
    public var backbone: ResNet
    /// `[K, channels, 1, 1]` and `[K]`.
    public var mapWeight: Parameter
    public var mapBias: Parameter
    /// Fixed, `[h · w, 2]`: x and y in −1…1.
    public var places: Parameter
    public var output: Linear

    init(_ name: String, _ configuration: DiffusionConfiguration, from source: WeightSource) {
        backbone = ResNet(
            "\(name).backbone.", blockCounts: ResNet.blockCounts(configuration.backbone)!,
            norm: configuration.usesGroupNorm ? .groups : .batch, naming: .sequence, from: source)
        let keypoints = configuration.keypointCount
        mapWeight = source.parameter("\(name).pool.nets.weight", [keypoints, backbone.outputChannels, 1, 1])
        mapBias = source.parameter("\(name).pool.nets.bias", [keypoints])
        var places: Int?
        if let camera = configuration.cameras.first {
            let size = configuration.crop ?? configuration.resize ?? (camera.shape[1], camera.shape[2])
            // five halvings, rounded up
            places = (size.height + 31) / 32 * ((size.width + 31) / 32)
        }
        self.places = source.parameter("\(name).pool.pos_grid", [places, 2], isTrainable: false)
        output = source.linear("\(name).out", 2 * keypoints, 2 * keypoints)
        source.ignore { $0.hasPrefix("\(name).backbone.") && $0.hasSuffix("num_batches_tracked") }
    }

    /// Stages of one call, for tests.
    struct Stages {
        var map: Tensor
        var keypoints: Tensor
        var features: Tensor
    }

    func stages(_ x: Tensor, statistics: inout BatchStatistics?) -> Stages {
        let map = backbone(x, statistics: &statistics)
        let (images, count) = (map.shape[0], mapBias.value.shape[0])
        let rows = linear(
            map.reshaped([images, -1, map.shape[3]]), weight: mapWeight.value.reshaped([count, -1]),
            bias: mapBias.value)
        // softmax over the places of each map
        let weights = rows.permuted([0, 2, 1]).reshaped([images * count, -1]).softmax()
        let keypoints = matmul(weights, places.value).reshaped([images, 2 * count])
        return Stages(map: map, keypoints: keypoints, features: output(keypoints).relu())
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("backbone", &backbone)
        try visitor.visit("pool.nets.weight", &mapWeight)
        try visitor.visit("pool.nets.bias", &mapBias)
        try visitor.visit("pool.pos_grid", &places)
        try visitor.visit("out", &output)
    }
}
