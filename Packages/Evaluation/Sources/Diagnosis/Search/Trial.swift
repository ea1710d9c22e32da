import RobotInterface
import Parallel
import TensorCore
import VLAPolicy

/// Asks a policy at frames of the data, as they are and changed.
struct Trial {
    let subject: PolicyUnderTest
    let frames: [Frame]
    /// Deviations of the actions, by which differences are measured.
    let scale: [Double]

    private var observationPipeline: ObservationPipeline { subject.checkpoint.observationPipeline }
    private var actionPipeline: ActionPipeline { subject.checkpoint.actionPipeline }

    init(_ subject: PolicyUnderTest, _ frames: [Frame], deviation: [Double]) {
        (self.subject, self.frames) = (subject, frames)
        let space = subject.checkpoint.actionPipeline.space
        let trained = subject.checkpoint.actionPipeline.normalization.statistics.standardDeviation
        scale = (0..<space.dimensionCount).map { d in
            max(trained?[d] ?? 0, d < deviation.count ? deviation[d] : 0, 0.02 * space.limit)
        }
    }

    /// What came of it.
    struct Outcome {
        var numbers: [[Float]?]
        var predictions: [ActionChunk?]
        var agreement: Agreement
        /// The training's loss of groups of frames, for models that write tokens: it moves where the likeliest tokens do
        /// not yet; nil where the change is not one of the inputs.
        var losses: [Double]?

        /// How much better this is than another one: by the losses where both have them.
        func gain(over other: Outcome) -> (share: Double, errors: Double) {
            guard let losses, let others = other.losses, losses.count == others.count, losses.count > 3 else {
                return agreement.gain(over: other.agreement)
            }
            let differences = zip(others, losses).map { $0 - $1 }
            let count = Double(differences.count)
            let mean = differences.reduce(0, +) / count
            let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
            return (
                mean / max(others.reduce(0, +) / count, 1e-9), mean / max((variance / count).squareRoot(), 1e-12)
            )
        }
    }

    /// Predicts under changes, one after the other.
    ///
    /// - Parameters:
    ///   - known: The numbers predicted where no change touches the inputs.
    ///   - base: The outcome as it is: given, the loss alone is computed where it tells enough.
    /// - Returns: nil when a change cannot be made here.
    func outcome(
        _ changes: [Alteration] = [], known: [[Float]?]? = nil, comparedTo base: Outcome? = nil
    ) throws -> Outcome? {
        var pipeline = observationPipeline
        for change in changes {
            guard let alter = change.pipeline else { continue }
            guard let changed = alter(pipeline) else { return nil }
            pipeline = changed
        }
        // a model takes its own sizes
        guard pipeline.cameras.map(\.size) == observationPipeline.cameras.map(\.size) else { return nil }

        // where the loss tells enough nothing is written
        if let base, let before = base.losses, !changes.isEmpty, let losses = try losses(changes, pipeline) {
            var agreement = base.agreement
            let ratio = losses.reduce(0, +) / max(before.reduce(0, +), 1e-9)
            agreement.costs = agreement.costs.map { $0 * ratio }
            return Outcome(numbers: base.numbers, predictions: base.predictions, agreement: agreement, losses: losses)
        }
        var numbers: [[Float]?]
        if let known, !changes.contains(where: \.changesInputs) {
            numbers = known
        } else {
            guard let prepared = try prepare(changes, pipeline) else { return nil }
            let present = prepared.indices.filter { prepared[$0] != nil }
            guard present.count * 2 >= frames.count else { return nil }
            let predicted = try subject.predict(present.map { prepared[$0]! }, pipeline)
            numbers = Array(repeating: nil, count: frames.count)
            for (index, row) in zip(present, predicted) { numbers[index] = row }
        }
        for change in changes { if let alter = change.numbers { numbers = numbers.map { $0.map(alter) } } }

        var decoding = actionPipeline
        for change in changes {
            guard let alter = change.decoding else { continue }
            guard let changed = alter(decoding) else { return nil }
            decoding = changed
        }
        var targets = frames.map(\.target)
        for change in changes {
            guard let alter = change.target else { continue }
            for index in targets.indices {
                // at the ends of a demonstration there is no other moment
                targets[index] = alter(targets[index], frames[index]) ?? targets[index]
            }
        }
        let predictions = numbers.map { row in row.flatMap { try? decoding.decode($0) } }
        return Outcome(
            numbers: numbers, predictions: predictions,
            agreement: Agreement(
                predictions, targets: targets, frames: frames, space: actionPipeline.space, scale: scale),
            losses: try losses(changes, pipeline))
    }

    /// The training's loss in groups of four frames.
    private func losses(_ changes: [Alteration], _ pipeline: ObservationPipeline) throws -> [Double]? {
        guard subject.tokens != nil,
            changes.allSatisfy({ $0.target == nil && $0.decoding == nil && $0.numbers == nil && $0.promptIDs == nil })
        else { return nil }
        let examples = try frames.map { frame in
            var example = frame.example
            // at the ends of a demonstration there is no other moment
            example.observation =
                try observation(of: frame, changes, pipeline) ?? observation(of: frame, [], pipeline)
                ?? frame.observation
            return example
        }
        let set = PreparedDataset(
            PolicyExamples(examples), observationPipeline: pipeline, actionPipeline: actionPipeline,
            tokenizer: subject.checkpoint.tokenizer)
        return try stride(from: 0, to: set.count, by: 4).compactMap { start in
            let batch = try set.batch(Array(start..<min(start + 4, set.count)), using: PhiloxGenerator(seed: 0))
            return subject.metrics(batch)["loss"]
        }
    }

    /// Prepared observations of all frames; an entry is nil where a change has no such moment.
    func prepare(_ changes: [Alteration], _ pipeline: ObservationPipeline) throws -> [PreparedObservation?]? {
        var results = [Result<PreparedObservation?, any Error>?](repeating: nil, count: frames.count)
        results.withUnsafeMutableBufferPointer { results in
            nonisolated(unsafe) let results = results
            nonisolated(unsafe) let changes = changes
            parallelFor(frames.count) { index in
                results[index] = Result { try prepare(frames[index], changes, pipeline) }
            }
        }
        return try results.map { try $0!.get() }
    }

    /// A frame's observation under changes, described as the pipeline wants it.
    private func observation(
        of frame: Frame, _ changes: [Alteration], _ pipeline: ObservationPipeline
    ) throws -> Observation? {
        var observation = frame.observation
        for change in changes {
            guard let alter = change.observation else { continue }
            guard let changed = try alter(observation, frame) else { return nil }
            observation = changed
        }
        // what the images are said to be was compared before; here the pixels count
        for camera in pipeline.cameras {
            guard let given = observation.cameras[camera.name] else { continue }
            observation.cameras[camera.name] = CameraFrame(camera.source) {
                let image = try given.image()
                guard image.width != camera.source.width || image.height != camera.source.height else { return image }
                return image.resized(
                    to: .init(width: camera.source.width, height: camera.source.height), using: .pillowBilinear)
            }
        }
        return observation
    }

    private func prepare(
        _ frame: Frame, _ changes: [Alteration], _ pipeline: ObservationPipeline
    ) throws -> PreparedObservation? {
        guard let observation = try observation(of: frame, changes, pipeline) else { return nil }
        if let ids = changes.lazy.compactMap({ $0.promptIDs?(observation) }).first {
            // the words are prepared from ids that are given
            let silent = try ObservationPipeline(cameras: pipeline.cameras, state: pipeline.state, prompt: nil)
            var prepared = try silent.prepare(observation, using: nil)
            prepared.promptIDs = ids
            return prepared
        }
        return try pipeline.prepare(observation, using: subject.checkpoint.tokenizer)
    }
}
