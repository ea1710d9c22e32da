import ArgumentParser

/// The command: one file per family of subcommands beside this one.
///
/// Subcommands are synchronous on purpose: they run kernels, which must not block a thread of Swift's concurrency pool.
@main
struct VLA: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vla",
        abstract: "Vision-language-action policies in Swift: data, training, evaluation.",
        discussion: """
            Results go to standard output, progress and messages to standard error.

            EXIT CODES
              0    done
              1    a file, setting or machine is not as it has to be; the message says what to do
              2    `doctor` found what is wrong
              64   the command line is wrong
              130  interrupted: ended at the next safe point

            EXAMPLES
              vla collect --suite builtin --episodes 20 -o data/builtin
              vla evaluate --policy expert --suite builtin --episodes 10 -o out
              vla doctor checkpoint --data data/builtin --suite builtin
              vla data info data/libero_spatial
              vla info
              vla inspect model.safetensors
              vla chat --model MiniMind2/ "Who are you?"
              vla robot move --robot piper --frame gripper_tip --up 0.10 --down 0.10 -o out/
            """,
        version: Versions.workspace,
        subcommands: [
            Collect.self, DataCommand.self, Train.self, Evaluate.self, Replay.self, Report.self, Tokens.self,
            Inspect.self, Tune.self, Doctor.self, Chat.self, ChatPerplexity.self, Robot.self, Info.self, Worker.self,
        ])
}
