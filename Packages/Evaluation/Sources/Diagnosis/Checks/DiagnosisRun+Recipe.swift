import ActionTokenizer
import ImageProcessing
import VLAPolicy

extension DiagnosisRun {
    /// Whether the pipelines are those the recipe in the training's record asks for.
    mutating func compareWithRecipe() -> Check {
        guard let checkpoint = subject?.checkpoint, let recipe = checkpoint.training.recipe else {
            return Check("recipe", .skipped, "the training's record holds no recipe")
        }
        let before = report.findings.count
        let (seen, acted) = (checkpoint.observationPipeline, checkpoint.actionPipeline)
        func differ(_ cause: Cause, _ what: String, _ found: String, _ asked: String) {
            report.add(
                Finding(
                    cause, in: .checkpoint, .proof, certainty: 0.9,
                    detail: "pipeline.json has \(what) \(found), the recipe of the training asked for \(asked).",
                    remedy: "take the training's own pipeline.json; write a new checkpoint in place of editing one"))
        }

        let names = (seen.cameras.map(\.name.rawValue), recipe.cameras.map(\.name.rawValue))
        if names.0 != names.1 { differ(.camerasExchanged, "the cameras", "\(names.0)", "\(names.1)") }
        for camera in seen.cameras {
            guard let asked = recipe.cameras.first(where: { $0.name == camera.name }) else { continue }
            let transform = asked.transform ?? .init(steps: [], normalization: .sigLIP)
            if camera.transform.normalization != transform.normalization {
                differ(
                    .colorScale, "\(camera.name)'s scale", "\(camera.transform.normalization.mean)",
                    "\(transform.normalization.mean)")
            }
            guard camera.transform.steps != transform.steps else { continue }
            differ(
                Self.cause(ofSteps: camera.transform.steps, asked: transform.steps), "\(camera.name)'s steps",
                "\(camera.transform.steps)", "\(transform.steps)")
        }
        if let state = seen.state, let asked = recipe.state {
            if state.layout.parts != asked.parts {
                differ(
                    .stateOrder, "the state", "\(state.layout.parts.map(\.rawValue))",
                    "\(asked.parts.map(\.rawValue))")
            }
            if state.normalization.method != asked.normalization {
                differ(
                    .stateStatistics, "the state's normalization", state.normalization.method.rawValue,
                    asked.normalization.rawValue)
            }
        }
        if let prompt = seen.prompt, let asked = recipe.prompt, prompt.template != asked.template {
            differ(.template, "the template", "'\(prompt.template)'", "'\(asked.template)'")
        }
        if acted.normalization.method != recipe.action.normalization {
            differ(
                .actionStatistics, "the actions' normalization", acted.normalization.method.rawValue,
                recipe.action.normalization.rawValue)
        }
        if acted.gripper != recipe.action.gripper {
            differ(.gripperRange, "the gripper as", acted.gripper.rawValue, recipe.action.gripper.rawValue)
        }
        let sources = [seen.state?.normalization.source, acted.normalization.source].compactMap { $0 }
        for (source, cause) in zip(sources, [Cause.stateStatistics, .actionStatistics])
        where sources.count == 2 && !source.contains(checkpoint.training.dataHash) {
            differ(
                cause, "statistics of", "'\(source)'", "the training data \(checkpoint.training.dataHash.prefix(12))…")
        }
        let found = report.findings.count - before
        return Check(
            "recipe", found > 0 ? .sick : .sound,
            found > 0
                ? "\(found) parts of the pipelines are not what the recipe asked for"
                : "the pipelines are what the recipe asked for")
    }

    private static func cause(ofSteps found: [ImageStep], asked: [ImageStep]) -> Cause {
        // what one has and the other has not
        let extra = found.filter { !asked.contains($0) } + asked.filter { !found.contains($0) }
        for step in extra {
            switch step {
            case .rotate180: return .turned
            case .flipVertically: return .rowsReversed
            case .flipHorizontally: return .columnsReversed
            case .crop, .centerCrop, .cropAndResize, .randomResizedCrop: return .crop
            case .jpeg: return .codec
            case .resize, .resizeShorterSide, .resizeWithPadding:
                let counts = (found.count, asked.count)
                return counts.0 == counts.1 ? .resampler : .sourceSize
            }
        }
        return .imageStep
    }
}
