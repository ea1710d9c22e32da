public import TensorCore
public import TensorNN

/// Diffusion Policy: a history of images and states to a denoised sequence of normalized actions.
///
/// Source: Chi et al. 2023, arXiv:2303.04137; LeRobot 0.6.1, `modeling_diffusion.py`.
public struct DiffusionModel: Module {
    public let configuration: DiffusionConfiguration
    /// One for all cameras, or one for each; empty without cameras.
    public var encoders: [DiffusionImageEncoder]
    public var network: ConditionalUNet

    /// Takes all of a checkpoint's tensors.
    ///
    /// - Throws: ``PeerPolicyError`` with every name and shape that does not fit.
    public init(_ configuration: DiffusionConfiguration, from source: WeightSource) throws {
        self.configuration = configuration
        let cameras = configuration.cameras.count
        if cameras == 0 {
            encoders = []
        } else if configuration.separatesEncoders {
            encoders = (0..<cameras).map {
                DiffusionImageEncoder("diffusion.rgb_encoder.\($0)", configuration, from: source)
            }
        } else {
            encoders = [DiffusionImageEncoder("diffusion.rgb_encoder", configuration, from: source)]
        }
        let step =
            configuration.stateSize + cameras * 2 * configuration.keypointCount + (configuration.environmentSize ?? 0)
        network = ConditionalUNet(
            "diffusion.unet", configuration, conditionSize: step * configuration.observationSteps, from: source)
        try source.finish()
    }

    /// Images as the encoder gets them: resized, and cropped in the middle or at a place.
    func cropped(_ images: Tensor, at place: (top: Int, left: Int)?) -> Tensor {
        var x = images
        if let resize = configuration.resize { x = antialiasedResize(x, height: resize.height, width: resize.width) }
        guard let crop = configuration.crop else { return x }
        // round half to even, as Python does
        let middle = (
            top: Int((Double(x.shape[1] - crop.height) / 2).rounded(.toNearestOrEven)),
            left: Int((Double(x.shape[2] - crop.width) / 2).rounded(.toNearestOrEven))
        )
        let (top, left) = place ?? middle
        return x.slice(axis: 1, top..<top + crop.height).slice(axis: 2, left..<left + crop.width).contiguous
    }

    /// The condition `[batch, steps · (state, cameras, environment)]`, oldest step first.
    ///
    /// - Parameters:
    ///   - inputs: Normalized, with the axis of steps.
    ///   - crops: A place for each encoder call, in training; nil for the middle.
    ///   - statistics: Collects those of batch norms in training.
    ///   - observe: Called with the name and result of each stage of the first encoder.
    public func condition(
        _ inputs: PreparedInputs, crops: [(top: Int, left: Int)]? = nil, statistics: inout BatchStatistics?,
        observe: (String, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        let state = inputs.state!
        let (batch, steps) = (state.shape[0], state.shape[1])
        var parts = [state]
        func flattened(_ image: Tensor) -> Tensor { image.reshaped([batch * steps] + image.shape.sizes.dropFirst(2)) }
        if configuration.separatesEncoders {
            for (index, image) in inputs.images.enumerated() {
                let x = cropped(flattened(image), at: crops?[index])
                let stages = encoders[index].stages(x, statistics: &statistics)
                if index == 0 { show(x, stages, observe) }
                parts.append(stages.features.reshaped([batch, steps, -1]))
            }
        } else if !inputs.images.isEmpty {
            // all images of a row, step by step, in one call
            let x = cropped(
                Tensor.stacked(inputs.images.map(flattened), axis: 1).reshaped(
                    [batch * steps * inputs.images.count] + inputs.images[0].shape.sizes.dropFirst(2)),
                at: crops?[0])
            let stages = encoders[0].stages(x, statistics: &statistics)
            show(x, stages, observe)
            parts.append(stages.features.reshaped([batch, steps, -1]))
        }
        if let environment = inputs.environment { parts.append(environment) }
        return Tensor.concatenated(parts, axis: 2).reshaped([batch, -1])
    }

    private func show(_ x: Tensor, _ stages: DiffusionImageEncoder.Stages, _ observe: (String, Tensor) -> Void) {
        observe("cropped_image", x)
        observe("backbone", stages.map)
        observe("keypoints", stages.keypoints)
        observe("image_feature", stages.features)
    }

    /// Denoises a sequence: `[batch, horizon, size]`.
    ///
    /// - Parameters:
    ///   - condition: `[batch, size]`.
    ///   - noise: The start, from N(0, 1).
    ///   - kind: The sampler; nil for the configuration's.
    ///   - stepNoise: Noise of a step by its number, for DDPM.
    ///   - observe: Called after each step with the network's output and the sample.
    public func sample(
        condition: Tensor, noise: Tensor, kind: NoiseScheduler.Kind? = nil, stepNoise: (Int) -> Tensor,
        observe: (_ step: Int, _ output: Tensor, _ sample: Tensor) -> Void = { _, _, _ in }
    ) -> Tensor {
        var scheduler = configuration.scheduler
        if let kind { scheduler.kind = kind }
        let times = scheduler.times(configuration.inferenceSteps)
        var x = noise
        for (index, time) in times.enumerated() {
            let output = network(x, times: [Int](repeating: time, count: x.shape[0]), condition: condition)
            x = scheduler.step(
                output: output, sample: x, time: time, previous: index + 1 < times.count ? times[index + 1] : nil,
                noise: stepNoise(index))
            observe(index, output, x)
        }
        return x
    }

    /// Updates the running statistics of batch norms.
    public mutating func update(with statistics: BatchStatistics) {
        var entries = statistics.entries[...]
        guard !configuration.usesGroupNorm else { return }
        for index in encoders.indices where !entries.isEmpty { encoders[index].backbone.update(with: &entries) }
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        if configuration.separatesEncoders {
            try visitor.visit("diffusion.rgb_encoder", &encoders)
        } else if !encoders.isEmpty {
            try visitor.visit("diffusion.rgb_encoder", &encoders[0])
        }
        try visitor.visit("diffusion.unet", &network)
    }
}
