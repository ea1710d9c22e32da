import ArgumentParser
import ConversationData
import FileSupport
import Foundation
import TensorReporting
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

    @Option(help: "Folder or weight file of the model to start from.", completion: .directory)
    var model: String?

    @Option(help: "tokenizer.json; default: in the model's folder.", completion: .file(extensions: ["json"]))
    var tokenizerFile: String?

    @Option(help: "Folder or file of the vision tower: CLIP or SigLIP2.", completion: .directory)
    var vision: String?

    @Flag(help: "Start from a language model: initialize a new projector.")
    var newProjector = false

    @Option(help: "A .parquet or .jsonl file; may be repeated.", completion: .file())
    var data: [String] = []

    @Option(help: "Folder of the images named in JSON lines; default: the file's own.", completion: .directory)
    var images: String?

    @Option(help: "pretraining07, tuning07, pretraining26, tuning26, or a JSON file.", completion: .file())
    var recipe: String

    @Option(help: "Stop after this many updates.")
    var steps: Int?

    @Option(help: "Use only this many conversations, from the start.")
    var limit: Int?

    @Option(help: "Number of updates between saved states.")
    var stepsPerState = 500

    @Option(name: [.short, .customLong("output")], help: "The folder of the trained model.", completion: .directory)
    var output: String?

    @Flag(
        help: """
            Write the vision tower into the model's folder, too, so that `vla train --vlm` needs no other. Larger by the \
            tower's size.
            """)
    var includeVision = false

    @Flag(help: "Discard the state of an interrupted run.")
    var restart = false

    @Flag(help: "Print the complete recipe and exit.")
    var printRecipe = false

    @Flag(help: "Print one JSON object at the end.")
    var json = false

    func validate() throws {
        if printRecipe { return }
        if model == nil { throw ValidationError("Give the model by --model.") }
        if vision == nil { throw ValidationError("Give the vision tower by --vision.") }
        if data.isEmpty { throw ValidationError("Give the conversations by --data.") }
        if output == nil { throw ValidationError("Give the trained model's folder by --output.") }
        if let limit, limit < 1 { throw ValidationError("--limit is \(limit); it has to be at least 1.") }
        for (name, value) in [("steps", steps), ("steps-per-state", stepsPerState)] {
            if let value, !(1...1_000_000_000 ~= value) {
                throw ValidationError("--\(name) is \(value); it has to lie in 1...1000000000.")
            }
        }
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
        training.tokenizer = try LanguageModelSource(
            training.model, tokenizerFile: tokenizerFile.map { URL(fileURLWithPath: $0) }
        ).tokenizerURL()
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
        if json { return try printJSON(result) }
        let (path, tower) = (result.model.path, includeVision ? "" : " --vision \(vision!)")
        print(
            "\(path): decoder and projector; `vla chat --model \(path)\(tower)` asks it, "
                + "`vla train --vlm \(path)\(tower)` makes it act")
    }

    private func progress(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
