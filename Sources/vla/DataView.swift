import ArgumentParser
import FileSupport
import Foundation
import LiberoData

struct DataView: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "view",
        abstract: "Render an episode: a contact sheet and a page with images and curves.",
        discussion: """
            EXAMPLES
              vla data view data/libero_spatial --episode 3 -o out
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var dataset: DatasetArguments
    @Option(help: "The episode's number.") var episode = 0
    @Option(help: "Number of frames shown.") var frames = 12
    @Option(name: [.short, .long], help: "The folder to write into.") var output: String
    @Flag(help: "Print one JSON object: the files and the frames shown.") var json = false

    func validate() throws {
        try checkOptions { options throws(SettingError) in
            try options.check("--episode", episode, in: 0...Int.max)
            try options.check("--frames", frames, in: 1...10_000)
        }
    }

    func run() throws {
        common.apply()
        let page = try EpisodePage(dataset.open(), episode: episode, frameCount: frames)
        let files = try page.write(to: URL(fileURLWithPath: output), name: "episode_\(episode)")
        try show(files, asJSON: json)
    }
}
