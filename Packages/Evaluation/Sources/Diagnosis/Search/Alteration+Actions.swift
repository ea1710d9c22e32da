import RobotInterface
import ActionTokenizer
import LiberoData
import VLAPolicy

extension Alteration {
    /// Changes of what the recorded actions mean, which can be made before they are replayed as well.
    static func ofActions(_ space: ActionSpace) -> [Alteration] {
        let last = space.dimensionCount - 1
        var all: [Alteration] = [
            .actions(
                .gripperSign, "the gripper's commands with the other sign",
                remedy: "state the gripper's convention (DatasetOptions.gripperConvention), or convert the commands"
            ) { action in
                var action = action
                action[last] = space.gripperConvention == .openVLA ? 1 - action[last] : -action[last]
                return action
            }
        ]
        for (name, factor) in [
            ("metres and radians were recorded", 1 / space.translationScale), ("the reverse", space.translationScale),
        ] {
            let rotation = factor > 1 ? 1 / space.rotationScale : space.rotationScale
            all.append(
                .actions(
                    .actionScale,
                    "\(name): motion times \(Evidence.short(factor)), rotation \(Evidence.short(rotation))",
                    remedy: "record what the controller is told: ±1 for its full range"
                ) { action in
                    action.indices.map { d in
                        let value = d >= last ? action[d] : d < 3 ? action[d] * factor : action[d] * rotation
                        return d >= last ? value : min(max(value, -space.limit), space.limit)
                    }
                })
        }
        guard last >= 3 else { return all }
        let axes: [(String, [Int], [Double])] = [
            ("x reversed", [0, 1, 2], [-1, 1, 1]), ("y reversed", [0, 1, 2], [1, -1, 1]),
            ("z reversed", [0, 1, 2], [1, 1, -1]), ("x and y reversed", [0, 1, 2], [-1, -1, 1]),
            ("x and y exchanged", [1, 0, 2], [1, 1, 1]), ("y and z exchanged", [0, 2, 1], [1, 1, 1]),
        ]
        for (name, order, signs) in axes {
            all.append(
                .actions(
                    .actionAxes, name,
                    remedy: "give translations along the axes of the robot's base, in the order x, y, z"
                ) { action in
                    var result = action
                    for d in 0..<3 { result[d] = signs[d] * action[order[d]] }
                    return result
                })
        }
        return all
    }

    /// Changes of how predicted numbers are taken for actions.
    static func ofDecoding(_ pipeline: ActionPipeline, data: ColumnStatistics) -> [Alteration] {
        var all: [Alteration] = []
        func add(
            _ cause: Cause, _ what: String, _ remedy: String,
            _ change: @escaping (ActionPipeline) throws -> ActionPipeline
        ) {
            var alteration = Alteration(cause, what, remedy: remedy)
            alteration.decoding = { try? change($0) }
            all.append(alteration)
        }
        func with(
            _ old: ActionPipeline, _ normalization: Normalization? = nil, gripper: GripperCoding? = nil
        ) throws -> ActionPipeline {
            try ActionPipeline(
                space: old.space, normalization: normalization ?? old.normalization, horizon: old.horizon,
                gripper: gripper ?? old.gripper, tokens: old.tokens)
        }
        let (old, source) = (pipeline.normalization.statistics, pipeline.normalization.source)
        if let own = try? ActionStatistics(data, mask: old.mask, gripperConvention: old.gripperConvention) {
            add(
                .actionStatistics, "the statistics of these data",
                "take the statistics of the training data; the checkpoint's belong to another set"
            ) { try with($0, Normalization($0.normalization.method, own, source: source)) }
        }
        for method in ActionNormalizer.Method.allCases where method != pipeline.normalization.method {
            add(.actionStatistics, "normalized by \(method.rawValue)", "write '\(method.rawValue)' into pipeline.json")
            {
                try with($0, Normalization(method, old, source: source))
            }
        }
        if pipeline.tokens == nil {
            let other: GripperCoding = pipeline.gripper == .binary ? .number : .binary
            add(
                .gripperRange, "the gripper's number taken as \(other.rawValue)",
                "write '\(other.rawValue)' as the gripper's coding into pipeline.json"
            ) { try with($0, gripper: other) }
        }
        let (last, width) = (pipeline.dimensionCount - 1, pipeline.dimensionCount)
        func renumbered(
            _ cause: Cause, _ what: String, _ remedy: String, _ change: @escaping (Float, Int) -> Float
        ) {
            var alteration = Alteration(cause, what, remedy: remedy)
            alteration.numbers = { row in row.enumerated().map { change($1, $0 % width) } }
            all.append(alteration)
        }
        renumbered(
            .gripperSign, "the predicted gripper with the other sign",
            "the policy learnt the other sign: convert the data's gripper and train again, or state its convention"
        ) { $1 == last ? (pipeline.gripper == .binary ? 1 - $0 : -$0) : $0 }
        // bins that stand for other values
        guard let coding = pipeline.tokens else { return all }
        let count = coding.tokenIDs.count
        func rebinned(_ what: String, _ other: @escaping (Int) -> Int) {
            renumbered(
                .actionTokens, what,
                "the map of action tokens is not the training's: take its file, in its order"
            ) { value, dimension in
                let id = coding.tokenizer.tokenID(for: Double(value), dimension: dimension)
                guard let bin = coding.tokenizer.tokens.bin(of: id) else { return value }
                let moved = coding.tokenIDs[min(max(other(bin), 0), count - 1)]
                return coding.tokenizer.value(for: moved, dimension: dimension).map { Float($0) } ?? value
            }
        }
        rebinned("the bins in the reverse order") { count - 1 - $0 }
        for shift in [-2, -1, 1, 2, -8, 8] { rebinned("bins moved by \(shift)") { $0 + shift } }
        rebinned("bins by the order of their ids") { bin in
            let sorted = coding.tokenIDs.sorted()
            return sorted.firstIndex(of: coding.tokenIDs[bin]) ?? bin
        }
        return all
    }

    /// Changes of the words.
    static func ofWords(_ checkpoint: PolicyCheckpoint, instructions: [String]) -> [Alteration] {
        guard let prompt = checkpoint.observationPipeline.prompt, let tokenizer = checkpoint.tokenizer else {
            return []
        }
        var all: [Alteration] = []
        var templates: [(String, String)] = [
            ("{task}", "the instruction alone"), (PromptPipeline.microVLA2025Template, "the 2025 system's template"),
            (PromptPipeline.openVLATemplate, "OpenVLA's template"), ("{task}\n", "the instruction and a line's end"),
            ("What should the robot do to {task}?", "a question"),
        ]
        if let trained = checkpoint.training.recipe?.prompt?.template, trained != prompt.template {
            templates.insert((trained, "the recipe's template"), at: 0)
        }
        for (template, name) in templates where template != prompt.template {
            var alteration = Alteration(.template, name, remedy: "write the template '\(template)' into pipeline.json")
            alteration.pipeline = { pipeline in
                guard let old = pipeline.prompt,
                    let new = try? PromptPipeline(
                        template: template, lowercases: old.lowercases, tokenizerHash: old.tokenizerHash,
                        maximumTokenCount: old.maximumTokenCount),
                    // a template the tokenizer cannot say was not the training's
                    (try? new.tokenIDs(for: instructions.first ?? "", using: tokenizer)) != nil
                else { return nil }
                return try? ObservationPipeline(cameras: pipeline.cameras, state: pipeline.state, prompt: new)
            }
            all.append(alteration)
        }
        // the tokenizer a training on these data would make
        if tokenizer.kind == .words {
            let made = WordTokenizer(sentences: instructions.map { prompt.text(for: $0) })
            if let bytes = try? made.file(), bytes != tokenizer.file, made.vocabularySize == tokenizer.vocabularySize {
                var alteration = Alteration(
                    .wordIDs, "ids in the order of the data's words",
                    remedy: "take the tokenizer.json of the training")
                alteration.promptIDs = { try? made.encode(prompt.text(for: $0.instruction)) }
                all.append(alteration)
            }
        }
        return all
    }
}
