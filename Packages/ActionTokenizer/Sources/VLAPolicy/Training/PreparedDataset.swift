public import RobotInterface
import Foundation
import ImageProcessing
import Parallel
import Synchronization
public import TensorCore

/// Examples on their way through the pipelines: images are read and prepared when a batch needs them, and kept as 8-bit
/// values as long as they fit into a budget of bytes.
///
/// What a batch holds depends on the examples and the generator alone, not on the budget or on what was read before.
public struct PreparedDataset: Sendable {
    public let examples: PolicyExamples
    public let observationPipeline: ObservationPipeline
    public let actionPipeline: ActionPipeline
    let tokenizer: InstructionTokenizer?
    /// Whether the next example that can be read stands in for one that cannot.
    public let skipsDamaged: Bool
    /// How often the examples of a demonstration are drawn in training; `nil` for each once in an epoch.
    public var sampling: SamplingWeights?
    private let eventScale: PositionScale
    private let memory: ImageMemory
    private let failures = DamagedExamples()
    /// What a frozen tower made of the images, `float16` `[count, cameras, N, D]`; batches then carry it in place of
    /// the images. See ``FeatureCache``.
    public var features: Tensor?

    /// - Parameters:
    ///   - examples: Moments of demonstrations.
    ///   - observationPipeline: Prepares what was seen.
    ///   - actionPipeline: Prepares the actions.
    ///   - tokenizer: The one the prompt names; `nil` without a prompt.
    ///   - imageMemory: Bytes that prepared images may take; the others are read again each time.
    ///   - skipsDamaged: Whether the next example that can be read stands in for one that cannot; else batches throw.
    public init(
        _ examples: PolicyExamples, observationPipeline: ObservationPipeline, actionPipeline: ActionPipeline,
        tokenizer: InstructionTokenizer?, imageMemory: Int = .max, skipsDamaged: Bool = false
    ) {
        self.examples = examples
        self.observationPipeline = observationPipeline
        self.actionPipeline = actionPipeline
        self.tokenizer = tokenizer
        self.skipsDamaged = skipsDamaged
        eventScale = PositionScale(observationPipeline.state)
        memory = ImageMemory(count: examples.count, byteLimit: imageMemory)
    }

    public var count: Int { examples.count }

    /// Bytes of all examples' prepared images.
    public var imageByteCount: Int { count * bytesPerExample }

    /// Bytes of the images that are in memory now; at most the budget.
    public var keptImageByteCount: Int { memory.byteCount }

    /// Bytes of one example's prepared images.
    var bytesPerExample: Int { observationPipeline.cameras.reduce(0) { $0 + $1.size.width * $1.size.height * 3 } }

    /// Why examples could not be read, by example; another one stands in for each.
    public var damaged: [Int: String] { failures.reasons }

    /// What the images of each camera look like, from at most 500 examples.
    ///
    /// - Throws: What reading the images throws.
    public func fingerprints() throws -> [CameraName: ImageFingerprint] {
        guard count > 0 else { return [:] }
        let sample = Array(stride(from: 0, to: count, by: max(1, count / 500)))
        let rows = try parallelMap(sample.count) { try row(of: sample[$0], .prepared).observation.images }
        let cameras = observationPipeline.cameras
        return Dictionary(
            uniqueKeysWithValues: cameras.indices.map { camera in
                let size = cameras[camera].size
                let images = rows.map { RGBImage(width: size.width, height: size.height, pixels: $0[camera]) }
                return (cameras[camera].name, ImageFingerprint(images))
            })
    }

    /// Reads and prepares all examples now, on all kernel threads; kept are as many as the memory holds.
    ///
    /// - Parameter progress: Called with the number of examples done, on the calling thread.
    /// - Throws: ``ObservationError``, ``PipelineError`` and what reading the images throws.
    public func prepareAll(progress: (Int) throws -> Void = { _ in }) throws {
        for start in stride(from: 0, to: count, by: 256) {
            let part = start..<min(start + 256, count)
            _ = try parallelMap(part.count) { _ = try row(of: start + $0, .prepared) }
            try progress(part.upperBound)
        }
    }

    // MARK: - Batches

    /// A batch of some examples.
    ///
    /// - Parameters:
    ///   - indices: Places among the examples.
    ///   - augmentation: Augments the cameras' images, in training.
    ///   - jitter: Small changes of the prepared images, in training.
    ///   - generator: Row i draws from a copy of it, on a separate stream.
    /// - Throws: ``ObservationError``, ``PipelineError`` and what reading the images throws.
    public func batch(
        _ indices: [Int], augmentation: ObservationAugmentation? = nil, jitter: ImageJitter? = nil,
        using generator: PhiloxGenerator
    ) throws -> PolicyBatch {
        try batch(indices, augmentation, jitter, generator, onAllThreads: true)
    }

    /// The same; on the calling thread alone for threads that work beside a training step.
    func batch(
        _ indices: [Int], _ augmentation: ObservationAugmentation?, _ jitter: ImageJitter?,
        _ generator: PhiloxGenerator, onAllThreads: Bool
    ) throws -> PolicyBatch {
        let kind: ImageKind = augmentation.map { .augmented($0) } ?? (features == nil ? .prepared : .none)
        func row(_ place: Int) throws -> Row {
            let random = PhiloxGenerator(
                seed: generator.seed ^ 0x5851_f42d_4c95_7f2d, stream: generator.stream &* 65_537 &+ UInt64(place))
            return try self.row(of: indices[place], kind, using: random)
        }
        let rows = try onAllThreads ? parallelMap(indices.count, row) : indices.indices.map(row)
        let generators = indices.indices.map { row in
            PhiloxGenerator(seed: generator.seed, stream: generator.stream &* 65_537 &+ UInt64(row))
        }
        let withFeatures = augmentation == nil ? features : nil
        var inputs = PolicyInputs(
            rows.map(\.observation), pipeline: observationPipeline, withImages: withFeatures == nil, jitter: jitter,
            using: generators, onAllThreads: onAllThreads)
        inputs.features = withFeatures.map { $0.halfRows(rows.map(\.index)) }

        let (horizon, dimensions) = (actionPipeline.horizon, actionPipeline.dimensionCount)
        let coding = actionPipeline.tokens
        let numbers = try rows.map { try actionPipeline.encode($0.example.actions) }
        let events = rows.map { $0.example.nextGripperEvent.map(eventScale.normalized) }
        return PolicyBatch(
            inputs: inputs, targets: Tensor(numbers.flatMap { $0 }, [rows.count, horizon, dimensions]),
            tokens: try coding.map { coding in
                try numbers.map { try coding.ids(of: $0, dimensionCount: dimensions) }
            } ?? [],
            coding: coding, validCounts: rows.map(\.example.validCount),
            events: Tensor(
                events.flatMap { event -> [Float] in
                    let event = event ?? .zero
                    return [event.x, event.y, event.z]
                }, [rows.count, 3]),
            hasEvent: events.map { $0 != nil }, eventScale: eventScale.metres,
            eventCenter: eventScale.center.map { Float($0) }, weights: rows.map(\.example.weight))
    }

    // MARK: - Rows

    /// What is wanted of an example's images.
    private enum ImageKind {
        case none, prepared
        case augmented(ObservationAugmentation)
    }

    private struct Row: Sendable {
        var index: Int
        var example: PolicyExample
        var observation: PreparedObservation
    }

    /// An example through the pipeline; another one where it cannot be read and may be left out.
    private func row(
        of index: Int, _ kind: ImageKind, using generator: PhiloxGenerator = PhiloxGenerator(seed: 0)
    ) throws -> Row {
        // the same stand-in each time, whatever was read before
        for step in 0..<min(count, Self.standInLimit) {
            let place = (index + step) % count
            if failures.contains(place) { continue }
            do {
                return try readRow(of: place, kind, using: generator)
            } catch {
                guard skipsDamaged else { throw error }
                failures.add(place, "\(error)")
            }
        }
        throw DamagedExamplesError(count: min(count, Self.standInLimit), reason: failures.reasons[index] ?? "")
    }

    private static let standInLimit = 1000

    private func readRow(of index: Int, _ kind: ImageKind, using generator: PhiloxGenerator) throws -> Row {
        let example = try examples[index]
        var observation: PreparedObservation
        switch kind {
        case .none: observation = try observationPipeline.prepareNumbers(example.observation, using: tokenizer)
        case .prepared:
            if let kept = memory[index] {
                observation = kept
            } else {
                observation = try observationPipeline.prepare(example.observation, using: tokenizer)
                memory.keep(observation, at: index)
            }
        case .augmented(let augmentation):
            observation = try observationPipeline.prepareNumbers(example.observation, using: tokenizer)
            let cameras = observationPipeline.cameras
            var generator = generator
            observation.images = try augmentation.images(
                cameras.compactMap { example.observation.cameras[$0.name] }, cameras, using: &generator)
        }
        return Row(index: index, example: example, observation: observation)
    }
}

/// Prepared observations by example, as many as a budget of bytes holds.
///
/// An example is read once in each pass: what was kept first is as good as what was kept last, and nothing is ever thrown
/// away.
private final class ImageMemory: Sendable {
    private struct State {
        var observations: [PreparedObservation?]
        var byteCount = 0
    }

    private let state: Mutex<State>
    private let byteLimit: Int

    init(count: Int, byteLimit: Int) {
        state = Mutex(State(observations: Array(repeating: nil, count: count)))
        self.byteLimit = byteLimit
    }

    var byteCount: Int { state.withLock { $0.byteCount } }

    subscript(index: Int) -> PreparedObservation? { state.withLock { $0.observations[index] } }

    func keep(_ observation: PreparedObservation, at index: Int) {
        let size = observation.images.reduce(0) { $0 + $1.count }
        state.withLock { state in
            guard state.observations[index] == nil, size <= byteLimit - state.byteCount else { return }
            state.observations[index] = observation
            state.byteCount += size
        }
    }
}

/// Examples that cannot be read.
private final class DamagedExamples: Sendable {
    private let state = Mutex<[Int: String]>([:])

    var reasons: [Int: String] { state.withLock { $0 } }
    func contains(_ index: Int) -> Bool { state.withLock { $0[index] != nil } }
    func add(_ index: Int, _ reason: String) { state.withLock { $0[index] = reason } }
}

/// Many examples in a row that cannot be read: the data are damaged as a whole.
public struct DamagedExamplesError: Error, Equatable, CustomStringConvertible {
    public var count: Int
    public var reason: String

    public var description: String {
        "\(count) examples in a row cannot be read; check the data by `vla data verify`. The first one: \(reason)"
    }
}

/// Results of `body` for 0, 1, … in order, computed on all kernel threads.
private func parallelMap<Result>(_ count: Int, _ body: (Int) throws -> Result) throws -> [Result] {
    var results = [Swift.Result<Result, any Error>?](repeating: nil, count: count)
    results.withUnsafeMutableBufferPointer { results in
        nonisolated(unsafe) let results = results
        parallelFor(count) { index in results[index] = Swift.Result { try body(index) } }
    }
    return try results.map { try $0!.get() }
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
