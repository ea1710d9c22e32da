import RobotInterface
import ActionTokenizer
import Diagnosis
import Foundation
import ImageProcessing
import TensorCore
import VLAPolicy

extension PolicyCheckpoint {
    /// The images' transforms changed.
    mutating func editTransforms(_ change: (inout ImageTransform) -> Void) throws {
        observationPipeline = try ObservationPipeline(
            cameras: observationPipeline.cameras.map { camera in
                var transform = camera.transform
                change(&transform)
                return try CameraPipeline(name: camera.name, source: camera.source, transform: transform)
            }, state: observationPipeline.state, prompt: observationPipeline.prompt)
    }

    mutating func editState(_ change: (StatePipeline) throws -> StatePipeline) throws {
        observationPipeline = try ObservationPipeline(
            cameras: observationPipeline.cameras, state: observationPipeline.state.map(change),
            prompt: observationPipeline.prompt)
    }

    mutating func editPrompt(_ change: (PromptPipeline) throws -> PromptPipeline) throws {
        observationPipeline = try ObservationPipeline(
            cameras: observationPipeline.cameras, state: observationPipeline.state,
            prompt: observationPipeline.prompt.map(change))
    }

    mutating func editActions(
        _ normalization: Normalization? = nil, gripper: GripperCoding? = nil, tokens: ActionTokenCoding? = nil
    ) throws {
        let old = actionPipeline
        actionPipeline = try ActionPipeline(
            space: old.space, normalization: normalization ?? old.normalization, horizon: old.horizon,
            gripper: gripper ?? old.gripper, tokens: tokens ?? old.tokens)
    }

    /// As another program would have written it: without the recipe.
    mutating func forgetRecipe() { training.recipe = nil }
}

extension Fault {
    private static func pipeline(
        _ name: String, _ causes: Cause, families: Set<PolicyFamily> = [.regression, .token], reportedFault: Int? = nil,
        _ change: @escaping @Sendable (inout PolicyCheckpoint, Healthy) throws -> Void
    ) -> Fault {
        Fault(name, [causes], families: families, reportedFault: reportedFault) { patient, healthy in
            try patient.edit {
                try change(&$0, healthy)
                // half of the patients carry no recipe that gives the edit away
                if $0.family == .token { $0.forgetRecipe() }
            }
        }
    }

    static let ofPipelines: [Fault] = [
        .pipeline("pipeline.json turns images by 180°", .turned) { checkpoint, _ in
            try checkpoint.editTransforms { $0.steps.append(.rotate180) }
        },
        .pipeline("pipeline.json flips rows", .rowsReversed, reportedFault: 4) { checkpoint, _ in
            try checkpoint.editTransforms { $0.steps.append(.flipVertically) }
        },
        .pipeline("pipeline.json lists the cameras in the other order", .camerasExchanged) { checkpoint, _ in
            let old = checkpoint.observationPipeline
            checkpoint.observationPipeline = try ObservationPipeline(
                cameras: old.cameras.reversed(), state: old.state, prompt: old.prompt)
        },
        .pipeline("pipeline.json scales colours to 0…1", .colorScale) { checkpoint, _ in
            try checkpoint.editTransforms { $0.normalization = .unit }
        },
        .pipeline("pipeline.json resizes by way of half the size", .sourceSize, reportedFault: 1) { checkpoint, _ in
            let size = checkpoint.observationPipeline.cameras[0].size
            try checkpoint.editTransforms {
                $0.steps += [
                    .resize(to: ImageSize(width: size.width / 2, height: size.height / 2), using: .pillowBilinear),
                    .resize(to: size, using: .pillowBilinear),
                ]
            }
        },
        .pipeline("pipeline.json crops as OpenVLA, the training did not", .crop) { checkpoint, _ in
            let size = checkpoint.observationPipeline.cameras[0].size
            try checkpoint.editTransforms { $0.steps.append(.cropAndResize(area: 0.8, to: size)) }
        },
        .pipeline("pipeline.json has the state's statistics of another set", .stateStatistics) { checkpoint, healthy in
            let other = try healthy.otherStatistics()
            try checkpoint.editState {
                try StatePipeline(
                    layout: $0.layout,
                    normalization: Normalization($0.normalization.method, other.state, source: "other"))
            }
        },
        .pipeline("pipeline.json has the actions' statistics of another set", .actionStatistics) {
            checkpoint, healthy in
            let old = checkpoint.actionPipeline.normalization
            let other = try healthy.otherStatistics().actions
            let statistics = try ActionStatistics(
                mean: other.mean, standardDeviation: other.standardDeviation, minimum: other.minimum,
                maximum: other.maximum, lowerQuantile: other.lowerQuantile, upperQuantile: other.upperQuantile,
                mask: old.statistics.mask, gripperConvention: old.statistics.gripperConvention)
            try checkpoint.editActions(Normalization(old.method, statistics, source: "other"))
        },
        .pipeline("pipeline.json normalizes the state by mean and deviation", .stateStatistics) { checkpoint, _ in
            try checkpoint.editState {
                try StatePipeline(
                    layout: $0.layout,
                    normalization: Normalization(
                        .openPINormal, $0.normalization.statistics, source: $0.normalization.source))
            }
        },
        .pipeline("pipeline.json lists the state's parts in another order", .stateOrder) { checkpoint, _ in
            try checkpoint.editState {
                try StatePipeline(
                    layout: StateLayout([.axisAngle, .endEffectorPosition, .fingerPositions]),
                    normalization: $0.normalization)
            }
        },
        .pipeline("pipeline.json has another template", .template) { checkpoint, _ in
            try checkpoint.editPrompt {
                try PromptPipeline(
                    template: "What should the robot do to {task}?", lowercases: $0.lowercases,
                    tokenizerHash: $0.tokenizerHash, maximumTokenCount: $0.maximumTokenCount)
            }
        },
        .pipeline("the tokenizer lists its words in another order", .wordIDs) { checkpoint, _ in
            struct File: Codable { var format = "words 1", words: [String] }
            var file = try JSONDecoder().decode(File.self, from: checkpoint.tokenizer!.file)
            // as sorted by frequency in place of the alphabet
            file.words = file.words.sorted { ($0.count, $0) < ($1.count, $1) }
            let tokenizer = try InstructionTokenizer(kind: .words, file: JSONEncoder().encode(file))
            checkpoint.tokenizer = tokenizer
            try checkpoint.editPrompt {
                try PromptPipeline(
                    template: $0.template, lowercases: $0.lowercases, tokenizerHash: tokenizer.hash,
                    maximumTokenCount: $0.maximumTokenCount)
            }
        },
        .pipeline("the action tokens are listed from the highest value on", .actionTokens, families: [.token]) {
            checkpoint, _ in
            let old = checkpoint.actionPipeline.tokens!
            try checkpoint.editActions(
                tokens: ActionTokenCoding(tokenIDs: old.tokenIDs.reversed(), ranges: old.ranges))
        },
        .pipeline("the gripper's class is taken for a number", .gripperRange, families: [.regression]) {
            checkpoint, _ in
            // the configuration goes along, as a tool that converts both would write it
            try checkpoint.editActions(gripper: .number)
            var object = try JSONSerialization.jsonObject(with: checkpoint.configuration) as! [String: Any]
            var sizes = object["sizes"] as! [String: Any]
            sizes["gripper"] = "number"
            object["sizes"] = sizes
            checkpoint.configuration = try JSONSerialization.data(withJSONObject: object)
        },
        Fault("a file of the checkpoint is cut off", [.checkpointUnreadable]) { patient, _ in
            try patient.damage("model.safetensors") { $0.removeLast(1000) }
        },
        Fault("tokenizer.json of another checkpoint", [.tokenizer, .checkpointUnreadable]) { patient, _ in
            try patient.damage("tokenizer.json") { $0 = Data(#"{"format": "words 1", "words": ["pick", "up"]}"#.utf8) }
        },
    ]
}
