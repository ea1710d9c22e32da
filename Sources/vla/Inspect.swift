import ArgumentParser
import FileSupport
import Foundation
import LiberoEvaluation
import PeerPolicies
import VisionLanguage

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what weight and array files hold, which model it is, and what does not fit.",
        discussion: """
            Reads safetensors files, PyTorch zip archives and folders of them beside a config.json; .npy and .npz arrays.
            The folder of a policy's checkpoint is checked whole; so is one of ACT, Diffusion Policy or SmolVLA as LeRobot \
            publishes it, and of OpenVLA and OpenVLA-OFT. Nothing in a file is run. The format is told by \
            content, not by the name's ending.

            Names and shapes cannot tell everything: a file of MiniMind from before 2025-04-26 that was renamed without \
            moving the rows of queries and keys looks right and computes noise. Files saved here carry a check value, \
            which is compared.

            Exit status 1 when a model does not fit what its file says, a policy cannot be used as it is, or the model \
            of the weights is not known here.

            EXAMPLES
              vla inspect model.safetensors
              vla inspect --summary MiniMind-V/ clip-vit-base-patch16/
              vla inspect --json statistics.npz pytorch_model.bin
              vla inspect pretrain_512_february.pth --convert MiniMind-512/
            """)

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print one JSON array, an object per file.")
    var json = false

    @Flag(help: "Leave out the list of tensors.")
    var summary = false

    @Option(help: "MiniMind's generation, 07 or 26, where the file does not tell it.")
    var generation: MiniMindGeneration?

    @Option(help: "The config.json that the weights have to fit, where none lies beside them.", completion: .file())
    var config: String?

    @Option(
        help: "Write the language model as a folder in today's layout: config.json and model.safetensors.",
        completion: .directory)
    var convert: String?

    @Option(
        name: .customLong("peer"),
        help: "What the folder of another project's policy does not say: statistics=NAME, vlm=FOLDER, chunk=N.")
    var peerSettings: [String] = []

    @Argument(help: "Files or folders.", completion: .file())
    var files: [String]

    func validate() throws {
        if convert != nil, files.count != 1 { throw ValidationError("--convert takes one file.") }
    }

    func run() throws {
        common.apply()
        var options = Inspection.Options()
        (options.peer, options.configuration, options.generation) = (
            try PeerPolicyOptions(peerSettings), config, generation
        )
        var items: [Inspection] = []
        for file in files {
            try Interruption.check()
            let inspection = try Inspection(of: file, options: options)
            items.append(inspection)
            if !json { print(inspection.text(listingTensors: !summary)) }
        }
        if json { try printJSON(items) }
        if let convert {
            try options.convert(files[0], to: convert)
            let line = "wrote \(convert): config.json and model.safetensors with a check value\n"
            FileHandle.standardError.write(Data(line.utf8))
        } else if items.contains(where: \.isWrong) {
            throw ExitCode(1)
        }
    }
}

extension MiniMindGeneration: ExpressibleByArgument {}
