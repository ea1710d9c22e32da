import FileSupport
import SuccessStatistics
import RobotInterface
import Evaluation
import Foundation
import LiberoData
import TensorNN
import TensorTraining
import VLAPolicy

extension DiagnosisRun {
    /// The checkpoint's files, their hashes, and whether the weights fit the model.
    mutating func readCheckpoint() throws -> Check {
        do {
            let checkpoint = try PolicyCheckpoint(at: doctor.checkpoint)
            report.checkpoint = checkpoint.contentHash
            subject = try PolicyUnderTest(checkpoint)
        } catch {
            report.add(Self.finding(ofLoading: error))
            return Check("checkpoint", .sick, "\(error)")
        }
        let count = subject!.checkpoint.weights.values.reduce(0) { $0 + $1.shape.elementCount }
        return Check(
            "checkpoint", .sound,
            "every hash right, all \(subject!.checkpoint.weights.count) tensors loaded (\(count) weights)")
    }

    private static func finding(ofLoading error: any Error) -> Finding {
        let detail = "\(error)".split(separator: "\n").prefix(6).joined(separator: " ")
        switch error {
        case let mismatch as WeightMismatch where !mismatch.notFinite.isEmpty:
            return Finding(
                .weightsNotFinite, in: .checkpoint, .proof, certainty: 0.99, detail: detail,
                evidence: [Evidence("tensors with NaN or infinity", Double(mismatch.notFinite.count), expected: 0)],
                remedy: "take an earlier checkpoint; train with a lower rate or clipping, and save float32 "
                    + "(\"isHalfPrecision\": false) when numbers exceed 65504")
        case let mismatch as WeightMismatch:
            return Finding(
                .weightsMissing, in: .checkpoint, .proof, certainty: 0.99, detail: detail,
                evidence: [
                    Evidence("missing", Double(mismatch.missing.count), expected: 0),
                    Evidence("without a place", Double(mismatch.unexpected.count), expected: 0),
                    Evidence("of another shape", Double(mismatch.wrongShapes.count), expected: 0),
                ], remedy: "save the whole model under its own names; `vla inspect` shows what a file holds")
        case PipelineError.otherTokenizer, PipelineError.tokenizer:
            return Finding(
                .tokenizer, in: .checkpoint, .proof, certainty: 0.99, detail: detail,
                remedy: "copy the tokenizer.json of the training into the checkpoint")
        default:
            return Finding(
                .checkpointUnreadable, in: .checkpoint, .proof, certainty: 0.99, detail: detail,
                remedy: "copy the whole folder again from where it was trained")
        }
    }

    /// The data set, and whether it means what the policy was trained for.
    mutating func readData() throws -> Check {
        let dataset: LiberoDataset
        do {
            dataset = try LiberoDataset(at: doctor.data)
        } catch {
            return unreadable(error)
        }
        self.dataset = dataset
        if let subject {
            let pipeline = subject.checkpoint.actionPipeline
            let column = subject.checkpoint.training.recipe?.data.actionColumn
            do {
                sample = try FrameSample(
                    dataset, horizon: pipeline.horizon, column: column, count: options.frameCount)
            } catch {
                return unreadable(error)
            }
            if let sample, sample.frames.isEmpty {
                return Check("data", .skipped, "there is no demonstration that succeeded")
            }
            let data = dataset.description
            let differences = try subject.policy.requirements.differences(
                from: EnvironmentDescription(
                    suite: "", tasks: [], actionSpace: data.actionSpace, cameras: data.cameras,
                    stateParts: data.stateLayout.parts, initialStateCounts: [], provenance: [:]))
            report.addDifferences(differences, between: "the data", place: .checkpointOrData)
            if !differences.isEmpty {
                return Check("data", .sick, "\(differences.count) fields are not what the checkpoint was trained with")
            }
        }
        let tasks = Set(dataset.episodes.map(\.taskIndex)).count
        return Check(
            "data", .sound,
            "\(dataset.episodes.count) demonstrations of \(tasks) tasks, described as the policy needs them")
    }

    private mutating func unreadable(_ error: any Error) -> Check {
        report.add(
            Finding(
                .dataUnreadable, in: .data, .proof, certainty: 0.97, detail: "\(error)",
                remedy: "vla data verify \(doctor.data.lastPathComponent)"))
        return Check("data", .sick, "\(error)")
    }

    /// How validation went over the training, and which weights were kept.
    mutating func readLog() throws -> Check {
        let folder = doctor.checkpoint.deletingLastPathComponent()
            .appendingPathComponent(doctor.checkpoint.lastPathComponent + ".run")
        let log = folder.appendingPathComponent("run.jsonl")
        guard let subject, FileManager.default.fileExists(atPath: log.path) else {
            return Check("run log", .skipped, "there is no \(folder.lastPathComponent)/run.jsonl beside the checkpoint")
        }
        let curve = try RunLog.records(at: log).compactMap { record -> (step: Double, loss: Double)? in
            guard let step = record["step"]?.number, let loss = record["validation/loss"]?.number else { return nil }
            return (step, loss)
        }
        guard let best = curve.min(by: { $0.loss < $1.loss }), curve.count > 1 else {
            return Check("run log", .skipped, "it holds \(curve.count) validations")
        }
        let kept = Double(subject.checkpoint.training.step)
        guard let own = curve.last(where: { $0.step <= kept }) else {
            return Check("run log", .skipped, "no validation before update \(Int(kept))")
        }
        let detail =
            "validation \(Evidence.short(own.loss)) at update \(Int(own.step)), "
            + "best \(Evidence.short(best.loss)) at \(Int(best.step))"
        guard own.loss > 1.1 * best.loss, best.step < own.step else { return Check("run log", .sound, detail) }
        report.add(
            Finding(
                .overfitted, in: .training, .proof, certainty: min(0.6 + (own.loss / best.loss - 1), 0.95),
                detail: "Validation rose after update \(Int(best.step)), and later weights were kept.",
                evidence: [Evidence("validation loss", own.loss, expected: best.loss)],
                remedy: "set \"selection\": \"loss\" in the recipe, or stop at update \(Int(best.step)) "
                    + "(vla train --steps \(Int(best.step)))"))
        return Check("run log", .sick, detail)
    }

    /// How much an evaluation's success rate says.
    mutating func readEvaluation() throws -> Check? {
        guard let folder = doctor.evaluation else { return nil }
        let result = try EvaluationResult(at: folder)
        let rate = SuccessRate(successCount: result.successCount, trialCount: result.episodeCount)
        let interval = rate.wilsonInterval()
        let width = interval.upperBound - interval.lowerBound
        let detail = "\(rate) over \(result.tasks.count) tasks"
        guard width > 0.25 else { return Check("evaluation", .sound, detail) }
        let needed = 100
        report.add(
            Finding(
                .tooFewEpisodes, in: .evaluation, .proof, certainty: min(0.5 + width / 2, 0.95),
                detail: "\(result.successCount) of \(result.episodeCount) episodes is any rate from "
                    + "\(Evidence.short(interval.lowerBound * 100)) to \(Evidence.short(interval.upperBound * 100)) %.",
                evidence: [
                    Evidence("episodes", Double(result.episodeCount), expected: Double(needed)),
                    Evidence("width of the 95 % interval", width),
                ],
                remedy:
                    "vla evaluate … --episodes 20 on all tasks; \(needed) episodes give an interval of at most 20 points"
            ))
        return Check("evaluation", .sick, detail)
    }
}

extension DoctorReport {
    /// Fields in which the policy's side and another one differ.
    mutating func addDifferences(_ differences: [FieldDifference], between side: String, place: Place) {
        for difference in differences {
            let field = difference.field
            let cause: Cause =
                if field.hasSuffix("orientation") {
                    Self.turn(difference)
                } else if field.hasSuffix("width") || field.hasSuffix("height") {
                    .sourceSize
                } else if field.hasSuffix("renderProfile") {
                    .renderProfile
                } else if field.contains("gripperConvention") {
                    .gripperSign
                } else if field.contains("controlRate") {
                    .frameRate
                } else if field.contains("cameras") {
                    .camerasExchanged
                } else if field.hasPrefix("state") {
                    .stateOrder
                } else { .actionSpace }
            add(
                Finding(
                    cause, in: place, .proof, certainty: 0.95,
                    detail: "\(side) and the checkpoint differ: \(difference)",
                    remedy: "give the policy what its pipeline names, or train on data like these"))
        }
    }

    private static func turn(_ difference: FieldDifference) -> Cause {
        let sides = Set([difference.found, difference.expected].compactMap { $0 })
        if sides == ["\"raw\"", "\"upright\""] { return .rowsReversed }
        return sides == ["\"rotated180\"", "\"upright\""] ? .columnsReversed : .turned
    }
}
