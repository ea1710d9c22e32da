import RobotInterface
import ArgumentParser
import Foundation
import PeerPolicies
import TensorCore
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

            Exit status 1 when a model does not fit what its file says, a policy cannot be used as it is, or nothing is \
            known of a folder.

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
        var items: [Item] = []
        let peerOptions = try PeerPolicyOptions(peerSettings)
        for file in files {
            try Interruption.check()
            if PolicyInspection.isCheckpoint(file) {
                items.append(.policy(try PolicyInspection(of: file)))
            } else if let inspection = PeerInspection(of: URL(fileURLWithPath: file), options: peerOptions) {
                items.append(.peer(inspection))
            } else {
                items.append(.files(try InspectReport(of: file, configuration: config, generation: generation)))
            }
            if !json { print(items[items.count - 1].text(listingTensors: !summary)) }
        }
        if json { try printJSON(items) }
        if let convert {
            try save(files[0], to: convert)
        } else if items.contains(where: \.isWrong) {
            throw ExitCode(1)
        }
    }

    /// What one argument is: a policy's checkpoint, or files of weights and arrays.
    private enum Item: Encodable {
        case policy(PolicyInspection)
        case peer(PeerInspection)
        case files(InspectReport)

        func text(listingTensors: Bool) -> String {
            switch self {
            case .policy(let inspection): inspection.text
            case .peer(let inspection): inspection.text
            case .files(let report): report.text(listingTensors: listingTensors)
            }
        }

        var isWrong: Bool {
            switch self {
            case .policy: false
            case .peer(let inspection): inspection.problem != nil
            case .files(let report):
                report.model?.mismatch != nil || report.model?.check == "differs" || report.isUnknownFolder
            }
        }

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .policy(let inspection): try inspection.encode(to: encoder)
            case .peer(let inspection): try inspection.encode(to: encoder)
            case .files(let report): try report.encode(to: encoder)
            }
        }
    }

    private func save(_ file: String, to folder: String) throws {
        let (decoder, _) = try ModelFolder.decoder(
            at: URL(fileURLWithPath: file),
            configuration: config.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }, generation: generation,
            converting: true)
        try ModelFolder.save(decoder, to: URL(fileURLWithPath: folder))
        FileHandle.standardError.write(
            Data("wrote \(folder): config.json and model.safetensors with a check value\n".utf8))
    }
}

extension MiniMindGeneration: ExpressibleByArgument {}
