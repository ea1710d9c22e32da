import ArgumentParser
import FileSupport
import Foundation
import LiberoData
import TensorTraining
import VLAPolicy

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a policy on demonstrations and write a checkpoint.",
        discussion: """
            The recipe is a JSON file; what it leaves out has its default (--print-recipe shows all settings). The run
            keeps its states and its log beside the checkpoint, in CHECKPOINT.run, and is continued by the same command
            after an interruption, to the bit; with another recipe or other data it is not. --restart begins anew.

            EXAMPLES
              vla train --data demonstrations --recipe Recipes/regression-small.json -o Checkpoints/mine
              vla train --data libero --recipe Recipes/microvla2025.json --weights microvla.pth --vision clip-vit-base-patch16 \
                  --steps 0 -o Checkpoints/microvla2025
              vla train --data libero --recipe Recipes/token-small.json --vlm MiniMind2-V -o Checkpoints/mine
              mpirun -n 2 vla train --processes --data demonstrations -o Checkpoints/mine
              vla train --data demonstrations --steps 500 --json -o try
              vla train --data libero --image-memory 8GB --frame-cache /fast/frames --skip-damaged -o Checkpoints/mine
              vla train --print-recipe
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "A folder or file of demonstrations; may be repeated.", completion: .directory)
    var data: [String] = []

    @Option(help: "The recipe.", completion: .file(extensions: ["json"]))
    var recipe: String?

    @Option(help: "Folder of the files that the recipe names. Default: the recipe's own.", completion: .directory)
    var files: String?

    @Option(name: [.short, .customLong("output")], help: "The checkpoint's folder.", completion: .directory)
    var output: String?

    @Option(help: "Number of updates, overrides the recipe.")
    var steps: Int?

    @Option(help: "A checkpoint to start from.", completion: .directory)
    var parent: String?

    @Option(
        help: """
            Weights of another program that the training of a token policy starts from: a .pth, .bin or safetensors file. \
            With --steps 0 they become a checkpoint as they are.
            """, completion: .file())
    var weights: String?

    @Option(
        help: """
            Folder of a trained vision-language model that a token policy starts from, as `vla tune` writes it. Decoder, \
            vision tower, projector and tokenizer are taken from it; only the state's projector and ids it does not know are \
            new.
            """, completion: .directory)
    var vlm: String?

    @Option(
        help: "A JSON object from beginnings of names in --weights to others. Default: the 2025 system's.",
        completion: .file())
    var names: String?

    @Option(
        help: "Folder of the published vision model, where --weights or --vlm does not hold it.", completion: .directory
    )
    var vision: String?

    @Option(
        help: """
            Memory for prepared images, such as 4GB; those that do not fit are read again in each pass. Default: half of the \
            machine's.
            """)
    var imageMemory: ByteCount?

    @Option(
        help: """
            Folder in which the images of the data are kept decoded, so that reading them again costs little. Takes width x \
            height x 3 bytes for each.
            """, completion: .directory)
    var frameCache: String?

    @Flag(help: "Skip demonstrations and images that cannot be read, and list them.")
    var skipDamaged = false

    @Flag(help: "Share the recipe's shards among the processes of mpirun; needs a build with the trait MPI.")
    var processes = false

    @Flag(help: "Discard the state of an interrupted run.")
    var restart = false

    @Flag(help: "Print the complete recipe and exit.")
    var printRecipe = false

    @Flag(help: "Print one JSON object at the end.")
    var json = false

    func validate() throws {
        if let steps, !(1...1_000_000_000 ~= steps) {
            throw ValidationError("--steps is \(steps); it has to lie in 1...1000000000.")
        }
        if printRecipe { return }
        if data.isEmpty { throw ValidationError("Give the demonstrations by --data.") }
        if output == nil { throw ValidationError("Give the checkpoint's folder by --output.") }
        if weights == nil, names != nil { throw ValidationError("--names says how --weights is read; give that, too.") }
        if weights == nil, vlm == nil, vision != nil {
            throw ValidationError("--vision belongs to --weights or --vlm; give one of them, too.")
        }
        if [weights, parent, vlm].compactMap({ $0 }).count > 1 {
            throw ValidationError("Weights come from one of --weights, --parent and --vlm.")
        }
        #if !MPI
            if processes { throw ValidationError("This program was built without MPI; build it with --traits MPI.") }
        #endif
    }

    func run() throws {
        common.apply()
        let recipeFile = recipe.map { URL(fileURLWithPath: $0) }
        var recipe = try recipeFile.map { try PolicyRecipe(at: $0) } ?? PolicyRecipe()
        if let steps { (recipe.training.stepCount, recipe.training.epochCount) = (steps, nil) }
        try SettingsCheck(file: recipeFile?.path ?? "recipe").check(recipe)
        if printRecipe { return try printJSON(recipe) }

        let line = ProgressLine()
        let demonstrations = try LiberoDemonstrations(
            at: data.map { URL(fileURLWithPath: $0) }, frameCache: frameCache.map { URL(fileURLWithPath: $0) }
        ) { done, count in
            line.show("images of \(done) of \(count) episodes are in the cache")
            try Interruption.check()
        }
        line.end()
        var training = PolicyTraining(recipe, on: demonstrations, output: URL(fileURLWithPath: output!))
        training.filesFolder =
            files.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? recipeFile?.deletingLastPathComponent()
        training.start = try PolicyWeightSource(
            checkpoint: parent, visionLanguageModel: vlm, file: weights, names: names, vision: vision)
        training.imageMemory = imageMemory?.count ?? training.imageMemory
        (training.skipsDamaged, training.restarts) = (skipDamaged, restart)
        training.program = Versions.workspace
        #if MPI
            if processes {
                var wasInterrupted = false
                try MPICollective.run { wasInterrupted = try training.run(over: &$0, progress: show).wasInterrupted }
                if wasInterrupted { throw ExitCode(130) }
                return
            }
        #endif
        do {
            let result = try training.run(progress: show, shouldStop: { Interruption.isRequested })
            if result.wasInterrupted { throw ExitCode(130) }
        } catch is CancellationError {
            Interruption.tellHowToResume()
            throw ExitCode(130)
        }
    }

    private func show(_ event: PolicyTrainingEvent) {
        guard case .finished(let result) = event else {
            return FileHandle.standardError.write(Data(("\(event)".printable(keepsLines: true) + "\n").utf8))
        }
        for finding in result.findings { FileHandle.standardError.write(Data("\(finding)\n".utf8)) }
        guard json else { return print(result) }
        try? printJSON(result)
    }
}
