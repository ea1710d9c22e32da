public import FileSupport
public import Foundation
public import TensorCore
import TensorNN
public import TensorTraining

/// How a vision-language model is trained: what changes, how fast, and for how long.
///
/// The four presets are MiniMind-V's; source: its training scripts of July 2025 and June 2026.
public struct VisionLanguageRecipe: Sendable, Hashable, Codable, CheckedSettings {
    /// What changes; the vision tower never does.
    public enum TrainedPart: String, Sendable, Hashable, Codable, CaseIterable {
        case projector
        /// The projector and the whole decoder.
        case decoder
        /// The projector and the decoder's first and last layer.
        case endLayers
    }

    public var trains = TrainedPart.projector
    /// Low-rank adapters in place of the decoder's own weights; nil for those.
    public var adapters: Adapters?
    public var generation = MiniMindGeneration.july2025
    public var baseRate = 4e-4
    public var epochCount = 4
    public var batchSize = 16
    /// Tokens of an example at most.
    public var maximumLength = 640
    public var accumulationCount = 1
    public var clipNorm = 1.0
    public var weightDecay = 0.01
    public var seed: UInt64 = 42
    /// Changes made to conversations by chance; nil for none.
    public var variation: ConversationVariation?

    /// MiniMind's own: scale 1, A from N(0, 0.02²), square layers alone.
    public struct Adapters: Sendable, Hashable, Codable {
        public var rank = 8
        public var scale: Float = 1
        public var standardDeviation: Float = 0.02
        public var squareLayersOnly = true

        public init() {}
    }

    public init() {}

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case trains, adapters, generation, baseRate, epochCount, batchSize, maximumLength, accumulationCount, clipNorm
        case weightDecay, seed, variation
    }

    /// What is left out has its default; what is not known is refused.
    public init(from decoder: any Swift.Decoder) throws {
        let known = Set(CodingKeys.allCases.map(\.rawValue))
        let names = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        if let unknown = names.filter({ !known.contains($0) }).min() {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "the unknown setting '\(unknown)'"))
        }
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
            value = try values.decodeIfPresent(Value.self, forKey: key) ?? value
        }
        try read(.trains, &trains)
        adapters = try values.decodeIfPresent(Adapters.self, forKey: .adapters)
        try read(.generation, &generation)
        try read(.baseRate, &baseRate)
        try read(.epochCount, &epochCount)
        try read(.batchSize, &batchSize)
        try read(.maximumLength, &maximumLength)
        try read(.accumulationCount, &accumulationCount)
        try read(.clipNorm, &clipNorm)
        try read(.weightDecay, &weightDecay)
        try read(.seed, &seed)
        variation = try values.decodeIfPresent(ConversationVariation.self, forKey: .variation)
    }

    /// - Throws: ``ConfigurationError`` when a number is out of its range.
    public func validate() throws {
        do throws(SettingError) { try SettingsCheck(file: "").check(self) } catch {
            throw ConfigurationError("\(error.field) \(error.found)", advice: "Allowed is \(error.allowed).")
        }
    }

    /// The ranges of all settings.
    public func check(_ check: SettingsCheck) throws(SettingError) {
        try check.check("baseRate", baseRate, above: 0, upTo: 10)
        try check.check("epochCount", epochCount, in: 1...1_000_000)
        try check.check("batchSize", batchSize, in: 1...65_536)
        try check.check("maximumLength", maximumLength, in: 2...1 << 20)
        try check.check("accumulationCount", accumulationCount, in: 1...65_536)
        try check.check("clipNorm", clipNorm, above: 0, upTo: .greatestFiniteMagnitude)
        try check.check("weightDecay", weightDecay, in: 0...10)
        try check.check("variation.systemShare", variation?.systemShare, in: 0...1)
        try check.check("variation.emptyThoughtShare", variation?.emptyThoughtShare, in: 0...1)
        try check.check("adapters.rank", adapters?.rank, in: 1...4096)
        try check.check("adapters.scale", adapters?.scale, in: -1000...1000)
        try check.check("adapters.standardDeviation", adapters?.standardDeviation, in: 0...10)
    }

    public static var pretraining07: VisionLanguageRecipe { VisionLanguageRecipe() }

    public static var tuning07: VisionLanguageRecipe {
        var recipe = VisionLanguageRecipe()
        (recipe.trains, recipe.baseRate, recipe.epochCount) = (.decoder, 1e-6, 2)
        (recipe.batchSize, recipe.maximumLength) = (4, 1536)
        return recipe
    }

    public static var pretraining26: VisionLanguageRecipe {
        var recipe = VisionLanguageRecipe()
        (recipe.generation, recipe.epochCount, recipe.maximumLength) = (.june2026, 2, 450)
        recipe.variation = .init()
        return recipe
    }

    public static var tuning26: VisionLanguageRecipe {
        var recipe = VisionLanguageRecipe()
        (recipe.generation, recipe.trains, recipe.baseRate) = (.june2026, .endLayers, 5e-6)
        (recipe.epochCount, recipe.batchSize, recipe.maximumLength) = (2, 4, 768)
        recipe.variation = .init()
        return recipe
    }

    /// Rates of a run of so many updates: from 1.1 times the base in 2025, from the base in 2026, to a tenth.
    public func schedule(stepCount: Int) -> LearningRateSchedule {
        switch generation {
        case .july2025: .miniMind07(base: baseRate, stepCount: stepCount)
        case .june2026: .miniMind26(base: baseRate, stepCount: stepCount)
        }
    }

    /// Freezes what does not change, and adds adapters where the recipe has them.
    public func prepare(_ model: inout VisionLanguageModel) {
        let last = model.decoder.blocks.count - 1
        let part = trains
        if let adapters, part != .projector {
            var generator = PhiloxGenerator(seed: seed, stream: .max)
            model.decoder.addAdapters(
                rank: adapters.rank, scale: adapters.scale, standardDeviation: adapters.standardDeviation,
                using: &generator
            ) { _, layer in !adapters.squareLayersOnly || layer.inputSize == layer.outputSize }
            model.tower?.setTrainable(false)
            model.projector?.setTrainable(true)
            return
        }
        model.updateParameters { name, parameter in
            parameter.isTrainable =
                if name.hasPrefix("vision_encoder.") {
                    false
                } else if name.hasPrefix("vision_proj.") {
                    true
                } else {
                    switch part {
                    case .projector: false
                    case .decoder: true
                    case .endLayers: name.hasPrefix("model.layers.0.") || name.hasPrefix("model.layers.\(last).")
                    }
                }
        }
    }

    /// Trains a model on examples, in another order each epoch, or continues a run that was stopped.
    ///
    /// The order is drawn from seed and epoch; an incomplete last batch of an epoch is left out, as long as there is
    /// another.
    ///
    /// - Parameters:
    ///   - model: The model; the saved state of a resumed run replaces it.
    ///   - exampleCount: Number of examples.
    ///   - stateFolder: Where states are saved and looked for; nil for neither.
    ///   - configure: Changes the loop before it runs: intervals, log, limits.
    ///   - progress: Called after each update at most every five seconds, and after the last one.
    ///   - shouldStop: Asked after each update; true ends the run with a saved state.
    ///   - example: The example of an index, and the generator of what is varied in it this time.
    /// - Throws: What `example` throws, and what the loop does.
    @discardableResult
    public func train(
        _ model: inout VisionLanguageModel, exampleCount: Int, stateFolder: URL? = nil,
        configure: (inout TrainingLoop) -> Void = { _ in },
        progress: (VisionLanguageTrainingProgress) -> Void = { _ in }, shouldStop: () -> Bool = { false },
        example: (_ index: Int, _ generator: PhiloxGenerator) throws -> VisionLanguageExample
    ) throws -> TrainingLoop.Outcome {
        require(exampleCount > 0 && batchSize > 0, "\(exampleCount) examples in batches of \(batchSize)")
        prepare(&model)
        var loop = TrainingLoop(
            epochCount: epochCount, microBatchesPerEpoch: max(1, exampleCount / batchSize), schedule: .constant(0))
        loop.accumulationCount = accumulationCount
        loop.clipNorm = clipNorm
        loop.stateFolder = stateFolder
        configure(&loop)
        loop.schedule = schedule(stepCount: loop.stepCount)
        var optimizer = AdamW(learningRate: baseRate, weightDecay: weightDecay)
        let paddingID = model.decoder.configuration.paddingID
        let trainsDecoder = trains != .projector
        var (orderedEpoch, order): (Int?, [Int]) = (nil, [])
        var (collective, none) = (SingleProcess(), false)
        var (lastLoss, stoppedAfter) = (Float.nan, Int?.none)
        var meter = StepMeter(stepCount: loop.stepCount)
        let outcome = try loop.run(&model, &optimizer, context: &none, over: &collective) { model, place, _ in
            if orderedEpoch != place.epoch {
                var generator = PhiloxGenerator(seed: seed, stream: UInt64(place.epoch))
                (orderedEpoch, order) = (place.epoch, (0..<exampleCount).shuffled(using: &generator))
            }
            let first = place.microBatch * batchSize
            let examples = try order[first..<min(exampleCount, first + batchSize)].map { index in
                // another stream than those of order and dropout
                let stream = 1 << 63 | UInt64(place.epoch) << 40 | UInt64(index)
                return try example(index, PhiloxGenerator(seed: seed, stream: stream))
            }
            let batch = VisionLanguageBatch(examples, paddingID: paddingID)
            let stream = UInt64(place.epoch) << 32 | UInt64(place.microBatch)
            let (loss, gradients) = valueAndGradient(of: model) { model in
                var dropout =
                    trainsDecoder
                    ? model.decoder.trainingDropout(PhiloxGenerator(seed: seed, stream: stream)) : nil
                return model.loss(on: batch, dropout: &dropout)
            }
            lastLoss = loss
            return TrainingLoop.Output(loss: loss, gradients: gradients)
        } afterUpdate: { _, step in
            if let found = meter.take(step: step, loss: Double(lastLoss)) { progress(found) }
            return [:]
        } isOver: { step in
            meter.begin(step: step)
            guard shouldStop(), step < loop.stepCount else { return false }
            stoppedAfter = step
            return true
        }
        return stoppedAfter.map { .stopped(step: $0) } ?? outcome
    }

    /// The same of examples that are always alike.
    @discardableResult
    public func train(
        _ model: inout VisionLanguageModel, exampleCount: Int, stateFolder: URL? = nil,
        configure: (inout TrainingLoop) -> Void = { _ in }, example: (_ index: Int) throws -> VisionLanguageExample
    ) throws -> TrainingLoop.Outcome {
        try train(&model, exampleCount: exampleCount, stateFolder: stateFolder, configure: configure) { index, _ in
            try example(index)
        }
    }
}

/// When to tell of a training's progress, and its speed.
private struct StepMeter {
    let stepCount: Int
    private let clock = ContinuousClock()
    private var start: (instant: ContinuousClock.Instant, step: Int)?
    private var last: ContinuousClock.Instant?

    init(stepCount: Int) { self.stepCount = stepCount }

    mutating func begin(step: Int) {
        if start == nil { (start, last) = ((clock.now, step), clock.now) }
    }

    mutating func take(step: Int, loss: Double) -> VisionLanguageTrainingProgress? {
        let now = clock.now
        guard let start, let last, now - last >= .seconds(5) || step == stepCount else { return nil }
        self.last = now
        return VisionLanguageTrainingProgress(
            step: step, stepCount: stepCount, loss: loss,
            secondsPerStep: (now - start.instant) / .seconds(1) / Double(max(step - start.step, 1)))
    }
}

/// Any name in an object.
private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
