import ArgumentParser
import FileSupport
import Foundation
import LiberoEvaluation

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
              130  interrupted: ended at the next safe point; the same command goes on from there

            EXAMPLES
              vla info
              vla collect --suite builtin --episodes 20 -o demonstrations
              vla train --data demonstrations --recipe Recipes/demo.json -o policy
              vla evaluate --checkpoint policy --policy expert --suite builtin --episodes 10 -o out
              vla serve --checkpoint policy --protocol openpi
              vla serve-environment --suite builtin
              vla report --evaluation out --training policy.run -o index.html
              vla data info data/libero_spatial
              vla inspect model.safetensors
              vla chat --model MiniMind2/ "Who are you?"
              vla robot move --robot piper --frame gripper_tip --up 0.10 --down 0.10 -o out/
              vla grasp detect --depth depth.png --meta meta.mat -o out/

            COMPLETION
              vla --generate-completion-script bash > ~/.local/share/bash-completion/completions/vla
              vla --generate-completion-script zsh > ~/.zsh/completion/_vla
              vla --generate-completion-script fish > ~/.config/fish/completions/vla.fish
            """,
        version: Versions.workspace,
        subcommands: [
            Collect.self, DataCommand.self, Train.self, Evaluate.self, Serve.self, ServeEnvironment.self, Replay.self,
            Report.self,
            Tokens.self,
            Inspect.self, Tune.self, Doctor.self, Chat.self, ChatPerplexity.self, Robot.self, GraspCommand.self,
            Info.self, Worker.self,
        ])
}

extension VLA {
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            let error = FileError(error) ?? asUsage(error)
            // what a message quotes comes from files
            let message = fullMessage(for: error)
            let shown = message.printable(keepsLines: true)
            guard shown != message else { exit(withError: error) }
            FileHandle.standardError.write(Data((shown + "\n").utf8))
            Foundation.exit(exitCode(for: error).rawValue)
        }
    }

    /// What a library says of a request that its caller could have made right, as an error of the command line.
    private static func asUsage(_ error: any Error) -> any Error {
        switch error {
        case let error as LiberoRequestError: ValidationError(error.description)
        case let error as RequestError: ValidationError(error.description)
        case is CancellationError: ExitCode(130)
        default: error
        }
    }
}
