public import RobotInterface
import Parallel
import Foundation
import ImageProcessing
public import TensorCore

/// Examples that went through the pipelines, all of them in memory: images as 8-bit values, numbers normalized.
public struct PreparedDataset: Sendable {
    public let observationPipeline: ObservationPipeline
    public let actionPipeline: ActionPipeline
    private var observations: [PreparedObservation] = []
    /// The cameras' own images, for ``ObservationAugmentation``; read when a batch is made.
    private var frames: [[CameraFrame]] = []
    private var targets: [[Float]] = []
    /// Ids of the targets, for models that write tokens.
    private var tokens: [[Int]] = []
    private var validCounts: [Int] = []
    private var events: [SIMD3<Float>?] = []
    private var weights: [Float] = []
    private let eventScale: PositionScale
    /// What a frozen tower made of the images, `float16` `[count, cameras, N, D]`; batches then carry it in place of
    /// the images. See ``FeatureCache``.
    public var features: Tensor?

    /// Prepares examples; images are read and decoded on all kernel threads.
    ///
    /// - Parameters:
    ///   - examples: Frames of demonstrations.
    ///   - observationPipeline: Prepares what was seen.
    ///   - actionPipeline: Prepares the actions.
    ///   - tokenizer: The one the prompt names; nil without a prompt.
    ///   - progress: Called with the number of examples done, on the calling thread.
    /// - Throws: ``ObservationError``, ``PipelineError`` and what reading the images throws.
    public init(
        _ examples: [PolicyExample], observationPipeline: ObservationPipeline, actionPipeline: ActionPipeline,
        tokenizer: InstructionTokenizer?, progress: (Int) -> Void = { _ in }
    ) throws {
        self.observationPipeline = observationPipeline
        self.actionPipeline = actionPipeline
        eventScale = PositionScale(observationPipeline.state)
        observations.reserveCapacity(examples.count)
        let block = 256
        for start in stride(from: 0, to: examples.count, by: block) {
            let part = Array(examples[start..<min(start + block, examples.count)])
            var results = [Result<PreparedObservation, any Error>?](repeating: nil, count: part.count)
            results.withUnsafeMutableBufferPointer { results in
                nonisolated(unsafe) let results = results
                parallelFor(part.count) { i in
                    results[i] = Result {
                        try observationPipeline.prepare(part[i].observation, using: tokenizer)
                    }
                }
            }
            for result in results { observations.append(try result!.get()) }
            progress(start + part.count)
        }
        for example in examples {
            frames.append(observationPipeline.cameras.compactMap { example.observation.cameras[$0.name] })
            let numbers = try actionPipeline.encode(example.actions)
            targets.append(numbers)
            if let coding = actionPipeline.tokens {
                tokens.append(try coding.ids(of: numbers, dimensionCount: actionPipeline.dimensionCount))
            }
            validCounts.append(example.validCount)
            events.append(example.nextGripperEvent.map(eventScale.normalized))
            weights.append(example.weight)
        }
    }

    public var count: Int { observations.count }

    /// Bytes of the images.
    public var imageByteCount: Int { observations.reduce(0) { $0 + $1.images.reduce(0) { $0 + $1.count } } }

    /// What the images of each camera look like, from at most 500 examples.
    public func fingerprints() -> [CameraName: ImageFingerprint] {
        guard count > 0 else { return [:] }
        let sample = stride(from: 0, to: count, by: max(1, count / 500))
        let cameras = observationPipeline.cameras
        return Dictionary(
            uniqueKeysWithValues: cameras.indices.map { camera in
                let size = cameras[camera].size
                let images = sample.map { index in
                    RGBImage(width: size.width, height: size.height, pixels: observations[index].images[camera])
                }
                return (cameras[camera].name, ImageFingerprint(images))
            })
    }

    /// A batch of some examples whose images are made anew by an augmentation.
    ///
    /// - Parameters:
    ///   - indices: Places among the examples.
    ///   - augmentation: Applied to the image as it was read.
    ///   - jitter: Small changes besides; nil for none.
    ///   - generator: As for ``batch(_:jitter:using:)``.
    /// - Throws: What reading the images throws.
    public func batch(
        _ indices: [Int], augmentation: ObservationAugmentation, jitter: ImageJitter? = nil,
        using generator: PhiloxGenerator
    ) throws -> PolicyBatch {
        var results = [Result<[[UInt8]], any Error>?](repeating: nil, count: indices.count)
        results.withUnsafeMutableBufferPointer { results in
            nonisolated(unsafe) let results = results
            parallelFor(indices.count) { row in
                var generator = PhiloxGenerator(
                    seed: generator.seed ^ 0x5851_f42d_4c95_7f2d,
                    stream: generator.stream &* 65_537 &+ UInt64(row))
                results[row] = Result {
                    try augmentation.images(
                        frames[indices[row]], observationPipeline.cameras, using: &generator)
                }
            }
        }
        var rows = indices.map { observations[$0] }
        for row in rows.indices { rows[row].images = try results[row]!.get() }
        return batch(indices, rows, features: nil, jitter: jitter, using: generator)
    }

    /// A batch of some examples.
    ///
    /// - Parameters:
    ///   - indices: Places among the examples.
    ///   - jitter: In training.
    ///   - generator: The row at place i draws from a copy of it on a stream of its own.
    public func batch(_ indices: [Int], jitter: ImageJitter? = nil, using generator: PhiloxGenerator) -> PolicyBatch {
        batch(indices, indices.map { observations[$0] }, features: features, jitter: jitter, using: generator)
    }

    private func batch(
        _ indices: [Int], _ observations: [PreparedObservation], features: Tensor?, jitter: ImageJitter?,
        using generator: PhiloxGenerator
    ) -> PolicyBatch {
        let generators = indices.indices.map { row in
            PhiloxGenerator(seed: generator.seed, stream: generator.stream &* 65_537 &+ UInt64(row))
        }
        var inputs = PolicyInputs(
            observations, pipeline: observationPipeline, withImages: features == nil,
            jitter: jitter, using: generators)
        inputs.features = features.map { $0.halfRows(indices) }
        let (horizon, dimensions) = (actionPipeline.horizon, actionPipeline.dimensionCount)
        let coding = actionPipeline.tokens
        return PolicyBatch(
            inputs: inputs,
            targets: Tensor(indices.flatMap { targets[$0] }, [indices.count, horizon, dimensions]),
            tokens: coding == nil ? [] : indices.map { tokens[$0] }, coding: coding,
            validCounts: indices.map { validCounts[$0] },
            events: Tensor(
                indices.flatMap { i -> [Float] in
                    let event = events[i] ?? .zero
                    return [event.x, event.y, event.z]
                }, [indices.count, 3]),
            hasEvent: indices.map { events[$0] != nil }, eventScale: eventScale.metres,
            eventCenter: eventScale.center.map { Float($0) },
            weights: indices.map { weights[$0] })
    }
}

/// Positions in metres to about −1…1 and back: as the state is normalized, else a metre is 5.
private struct PositionScale: Sendable {
    /// Metres of one unit along each axis.
    let metres: [Float]
    let center: [Double]

    init(_ state: StatePipeline?) {
        if let state, state.layout.parts.first == .endEffectorPosition {
            let zeros = [Double](repeating: 0, count: state.layout.count)
            let ones = [Double](repeating: 1, count: state.layout.count)
            let (low, high) = (
                state.normalization.normalizer.denormalized(zeros), state.normalization.normalizer.denormalized(ones)
            )
            let widths = (0..<3).map { high[$0] - low[$0] }
            if widths.allSatisfy({ $0 > 1e-6 }) {
                (center, metres) = (Array(low[0..<3]), widths.map { Float($0) })
                return
            }
        }
        (center, metres) = ([0, 0, 0], [0.2, 0.2, 0.2])
    }

    func normalized(_ position: SIMD3<Double>) -> SIMD3<Float> {
        SIMD3((0..<3).map { Float((position[$0] - center[$0]) / Double(metres[$0])) })
    }
}
