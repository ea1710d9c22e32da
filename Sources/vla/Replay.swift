import ArgumentParser
import LiberoEvaluation

struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Carry a recorded episode out again and compare it bit for bit.",
        discussion: """
            EXIT CODES
              0    every state is the same
              1    something differs: the first step is named

            EXAMPLES
              vla replay out/records/task00_episode003.jsonl
              vla replay --libero ~/LIBERO --json out/records/*.jsonl
            """)

    @OptionGroup var common: CommonOptions

    @OptionGroup var world: LiberoOptions

    @Flag(help: "Go on behind the first difference, to see whether the episode still succeeds.")
    var toTheEnd = false

    @Flag(help: "Print one JSON array, an object per file.")
    var json = false

    @Argument(help: "Records, as `vla evaluate` writes them.", completion: .file())
    var files: [String]

    func run() throws {
        common.apply()
        var replays: [RecordReplay] = []
        for file in files {
            try Interruption.check()
            let replay = try RecordReplay(of: file, libero: world.libero, stopsAtDifference: !toTheEnd)
            if !json { print(replay.text) }
            replays.append(replay)
        }
        if json { try printJSON(replays) }
        if !replays.allSatisfy(\.isIdentical) { throw ExitCode(1) }
    }
}
