import ArgumentParser
import ConversationData
import Foundation
import VLAPolicy
import VisionLanguage

struct Tune: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train MiniMind-V on conversations about images.",
        discussion: """
            Data are MiniMind-V's Parquet sets (columns conversations and image_bytes) and JSON lines \
            {"conversations": [{"role": "user", "content": "What is this?\\n<image>"}, …], "image": "a.jpg"} with image \
            files beside them. The vision tower never changes.

            The recipe is one of MiniMind-V's own by name, or a JSON file; --print-recipe shows all settings. The run \
            keeps its states and its log beside the model, in MODEL.run, and is continued by the same command after an \
            interruption, to the bit. --restart begins anew.

            EXAMPLES
              vla tune --model MiniMind2/ --vision clip-vit-base-patch16/ --new-projector --data pretrain_i2t.parquet \
                --recipe pretraining07 -o pretrained/
              vla tune --model pretrained/ --vision clip-vit-base-patch16/ --data sft.jsonl --images images/ \
                --recipe tuning07 -o MiniMind2-V/
              vla tune --recipe tuning26 --print-recipe
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "Folder or weight file of the model to begin from.", completion: .directory)
    var model: String?

    @Option(help: "tokenizer.json; default: in the model's folder.", completion: .file(extensions: ["json"]))
    var tokenizerFile: String?

    @Option(help: "Folder or file of the vision tower: CLIP or SigLIP2.", completion: .directory)
    var vision: String?

    @Flag(help: "The model is a language model: draw a new projector.")
    var newProjector = false

    @Option(help: "A .parquet or .jsonl file; several may be given.", completion: .file())
    var data: [String] = []

    @Option(help: "Where the image files of JSON lines lie; default: beside them.", completion: .directory)
    var images: String?

    @Option(help: "pretraining07, tuning07, pretraining26, tuning26, or a JSON file.", completion: .file())
    var recipe: String

    @Option(help: "End after so many updates.")
    var steps: Int?

    @Option(help: "Use the first conversations only.")
    var limit: Int?

    @Option(help: "Updates between two saved states.")
    var stepsPerState = 500

    @Option(name: [.short, .customLong("output")], help: "The folder of the trained model.", completion: .directory)
    var output: String?

    @Flag(
        help: """
            Write the vision tower into the model's folder, too, so that `vla train --vlm` needs no other. Larger by the \
            tower's size.
            """)
    var includeVision = false

    @Flag(help: "Forget what an interrupted run left.")
    var restart = false

    @Flag(help: "Print the recipe with all its settings and end.")
    var printRecipe = false

    @Flag(help: "Print one JSON object at the end.")
    var json = false

    private struct Report: Encodable {
        var model: String
        var conversationCount: Int
    }

    func validate() throws {
        if printRecipe { return }
        if model == nil { throw ValidationError("Give the model by --model.") }
        if vision == nil { throw ValidationError("Give the vision tower by --vision.") }
        if data.isEmpty { throw ValidationError("Give the conversations by --data.") }
        if output == nil { throw ValidationError("Give the trained model's folder by --output.") }
        if let limit, limit < 1 { throw ValidationError("--limit is \(limit); it has to be at least 1.") }
        if stepsPerState < 1 { throw ValidationError("--steps-per-state is \(stepsPerState).") }
    }

    func run() throws {
        common.apply()
        let recipe = try VisionLanguageRecipe(named: recipe)
        try recipe.validate()
        if printRecipe { return try printJSON(recipe) }
        var training = VisionLanguageTraining(
            recipe, model: URL(fileURLWithPath: model!), tower: URL(fileURLWithPath: vision!),
            on: try ConversationSet(
                at: data.map { URL(fileURLWithPath: $0) }, images: images.map { URL(fileURLWithPath: $0) }),
            output: URL(fileURLWithPath: output!))
        training.tokenizer = try ModelOptions.tokenizerURL(tokenizerFile, beside: model!)
        (training.newProjector, training.includesTower, training.restarts) = (newProjector, includeVision, restart)
        (training.stepLimit, training.conversationLimit, training.stepsPerState) = (steps, limit, stepsPerState)
        let result = try training.run(
            progress: { if case .finished = $0 { return } else { progress("\($0)\n") } },
            shouldStop: { Interruption.isRequested })
        if let step = result.stoppedAfter {
            progress("stopped after \(step) updates; the same command continues\n")
            throw ExitCode(130)
        }
        try RunReport(title: training.output.lastPathComponent, runFolder: training.runFolder)
            .write(to: training.runFolder)
        if json {
            return try printJSON(Report(model: result.model.path, conversationCount: result.conversationCount))
        }
        let (path, tower) = (result.model.path, includeVision ? "" : " --vision \(vision!)")
        print(
            "\(path): decoder and projector; `vla chat --model \(path)\(tower)` asks it, "
                + "`vla train --vlm \(path)\(tower)` makes it act")
    }

    private func progress(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

extension VisionLanguageRecipe {
    /// One of MiniMind-V's, or the file of one.
    init(named name: String) throws {
        switch name {
        case "pretraining07": self = .pretraining07
        case "tuning07": self = .tuning07
        case "pretraining26": self = .pretraining26
        case "tuning26": self = .tuning26
        default:
            guard FileManager.default.fileExists(atPath: name) else {
                throw ValidationError(
                    "There is no recipe '\(name)': pretraining07, tuning07, pretraining26, tuning26, or a file.")
            }
            do {
                self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: name)))
            } catch {
                throw CommandError("\(name): \(error). `vla tune --print-recipe` shows what a recipe has.")
            }
        }
    }
}
