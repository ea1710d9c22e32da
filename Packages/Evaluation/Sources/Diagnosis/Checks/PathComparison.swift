import RobotInterface
import Foundation
import TensorCore
import VLAPolicy

/// Frames on two ways through a policy: in a batch, as the training makes it, and one by one, as a policy that acts is
/// asked.
enum PathComparison {
    /// What training and inference put into the model and get out of it.
    ///
    /// - Parameters:
    ///   - set: The examples as the training prepares them.
    ///   - observations: Of the same examples.
    static func fields<Model: PolicyModel>(
        _ policy: LearnedPolicy<Model>, _ set: PreparedDataset, _ observations: [Observation]
    ) throws -> [FieldComparison] {
        precondition(set.count == observations.count, "PathComparison: \(set.count) and \(observations.count) frames")
        let batch = try set.batch(Array(0..<set.count), using: PhiloxGenerator(seed: 0))
        let single = try observations.map { observation in
            PolicyInputs(
                [try policy.observationPipeline.prepare(observation, using: policy.tokenizer)],
                pipeline: policy.observationPipeline)
        }
        var fields = inputs(policy.observationPipeline, batch, single)
        if let model = policy.model.tokenModel, batch.coding != nil {
            fields += tokens(model, policy.actionPipeline, batch, single)
        }
        if let chunk = try chunks(policy, batch, observations) { fields.append(chunk) }
        return fields
    }

    private static func inputs(
        _ pipeline: ObservationPipeline, _ batch: PolicyBatch, _ single: [PolicyInputs]
    ) -> [FieldComparison] {
        var fields: [FieldComparison] = []
        for (place, camera) in pipeline.cameras.enumerated() {
            var field = FieldComparison("\(camera.name) as the model sees it", tolerance: 1e-6)
            let width = camera.size.width
            for row in single.indices {
                field.add(
                    batch.inputs.row(row).images[place].elements(), single[row].images[place].contiguous.elements()
                ) { "frame \(row), pixel \($0 / 3 % width), \($0 / 3 / width)" }
            }
            fields.append(field)
        }
        if pipeline.state != nil {
            var field = FieldComparison("state, normalized", tolerance: 1e-6)
            for row in single.indices {
                field.add(
                    batch.inputs.row(row).state?.elements() ?? [], single[row].state?.contiguous.elements() ?? []
                ) { "frame \(row), number \($0)" }
            }
            fields.append(field)
        }
        if pipeline.prompt != nil {
            var field = FieldComparison("ids of the prompt", tolerance: 0)
            for row in single.indices {
                field.add(batch.inputs.promptIDs[row].map(Float.init), single[row].promptIDs[0].map(Float.init)) {
                    "frame \(row), id \($0)"
                }
            }
            fields.append(field)
        }
        return fields
    }

    /// Logits and probabilities of the action token ids: those the training computes for all places at once, and
    /// those from which the tokens are written one after another, with the cache. Both after the tokens that are written.
    private static func tokens(
        _ model: TokenModel, _ actions: ActionPipeline, _ batch: PolicyBatch, _ single: [PolicyInputs]
    ) -> [FieldComparison] {
        guard let coding = batch.coding else { return [] }
        let ids = coding.tokenIDs.sorted()
        let written = single.indices.map { row in
            var generator = PhiloxGenerator(seed: 0, stream: UInt64(row))
            return withoutGradient { model.write(single[row], coding: coding, using: &generator) }
        }
        var batch = batch
        batch.tokens = written.map(\.tokens)
        let trained = model.actionLogits(on: batch)
        let size = trained.reduce(Float(1)) { max($0, $1.elements().reduce(0) { max($0, abs($1)) }) }
        // sums in another order; half precision keeps three digits
        var logits = FieldComparison("logits of the action ids", tolerance: 2e-3 * Double(size))
        var probabilities = FieldComparison("probabilities of the action ids", tolerance: 5e-3)
        var likeliest = FieldComparison("likeliest action id", tolerance: 0)
        for row in written.indices {
            let (a, b) = (trained[row].contiguous.elements(), written[row].logits.contiguous.elements())
            let width = trained[row].shape[1]
            for token in 0..<min(trained[row].shape[0], written[row].logits.shape[0]) {
                let (x, y) = (ids.map { a[token * width + $0] }, ids.map { b[token * width + $0] })
                let (p, q) = (softmax(x), softmax(y))
                let place = Self.place(row, token, actions, isBins: coding.fast == nil)
                logits.add(x, y) { "\(place), id \(ids[$0])" }
                for index in ids.indices { probabilities.add(p[index], q[index], at: "\(place), id \(ids[index])") }
                let (i, j) = (p.indices.max { p[$0] < p[$1] }!, q.indices.max { q[$0] < q[$1] }!)
                // equally likely ones are no difference
                let isTie = abs(p[i] - p[j]) <= probabilities.tolerance
                likeliest.add(
                    Double(ids[isTie ? j : i]), Double(ids[j]), at: "\(place): id \(ids[i]) and \(ids[j])")
            }
        }
        return [logits, probabilities, likeliest]
    }

    private static func place(_ row: Int, _ token: Int, _ actions: ActionPipeline, isBins: Bool) -> String {
        let count = actions.dimensionCount
        return isBins
            ? "frame \(row), token \(token) (action \(token / count), dimension \(token % count))"
            : "frame \(row), token \(token)"
    }

    private static func softmax(_ logits: [Float]) -> [Double] {
        let highest = logits.max() ?? 0
        let weights = logits.map { exp(Double($0 - highest)) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    /// The chunks in the units of the robot; nil where the model writes none that can be read.
    private static func chunks<Model: PolicyModel>(
        _ policy: LearnedPolicy<Model>, _ batch: PolicyBatch, _ observations: [Observation]
    ) throws -> FieldComparison? {
        // noise is drawn for each row as an episode draws it
        var generators = observations.indices.map { PhiloxGenerator(seed: 0, stream: UInt64($0)) }
        let isDrawn = Model.drawsActions
        guard let acted = try? policy.actionChunks(for: observations, using: &generators) else { return nil }
        let rows = try withoutGradient { () -> [[Float]] in
            var generator = PhiloxGenerator(seed: 0)
            guard isDrawn else {
                return try policy.model.predict(batch.inputs, actions: policy.actionPipeline, using: &generator)
            }
            return try observations.indices.flatMap { row in
                var generator = PhiloxGenerator(seed: 0, stream: UInt64(row))
                return try policy.model.predict(
                    batch.inputs.row(row), actions: policy.actionPipeline, using: &generator)
            }
        }
        var field = FieldComparison("predicted chunk", tolerance: 2e-3 * policy.actionPipeline.space.limit)
        for row in acted.indices {
            let learnt = try policy.actionPipeline.decode(rows[row])
            for step in 0..<min(learnt.horizon, acted[row].horizon) {
                for d in 0..<learnt.dimensionCount {
                    field.add(learnt[step][d], acted[row][step][d], at: "frame \(row), action \(step), dimension \(d)")
                }
            }
        }
        return field
    }
}

extension DiagnosisRun {
    /// Training frames in the training's batch and through the inference path, field by field, and the training's metrics.
    mutating func comparePaths() throws -> Check {
        guard let subject, let trial, let sample else { return Check("paths", .skipped, "there are no data") }
        let frames =
            trial.frames.count <= 16
            ? trial.frames
            : stride(from: 0, to: trial.frames.count, by: (trial.frames.count + 15) / 16).map { trial.frames[$0] }
        let set: PreparedDataset
        do {
            set = try subject.prepared(frames)
            report.fields = try subject.paths(set, frames.map(\.observation))
        } catch let error as ObservationError {
            return Check("paths", .skipped, "\(error)")
        }
        let here = try metrics(of: sample.frames, subject)
        report.metrics = subject.checkpoint.training.metrics.sorted { $0.key < $1.key }.compactMap { name, value in
            here[name].map { MetricComparison(name: name, training: value, here: $0) }
        }
        let differing = report.fields.filter { !$0.agrees }
        guard let first = differing.first else {
            return Check(
                "paths", .sound,
                "\(report.fields.count) fields agree at \(frames.count) frames, training's batch and inference path")
        }
        report.add(
            Finding(
                .otherInference, in: .inference, .proof, certainty: 0.93,
                detail: "For the same frames the inference path makes something else of \(first.name) than the "
                    + "training's batch: \(first.firstDifference ?? "").",
                evidence: differing.map {
                    Evidence("\($0.name), largest difference", $0.largestDifference, expected: 0)
                },
                remedy:
                    "run it through PolicyCheckpoint.policy(), with fresh caches; without one (usesCache: false) the "
                    + "numbers have to be the same"))
        return Check("paths", .sick, differing.map(\.text).joined(separator: "; "))
    }
}
