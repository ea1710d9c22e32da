import Foundation
import Testing

/// What is the same in every subcommand: help, options, exit codes, messages.
@Suite struct CommandLineTests {
    @Test func everyCommandShowsAnExampleInItsHelp() throws {
        let commands = try CommandDescription.read().all()
        #expect(commands.count > 20)
        for (name, command) in commands {
            #expect(command.discussion?.contains("EXAMPLES") == true, "\(name) has no example")
            #expect(command.abstract?.isEmpty == false, "\(name) does not say what it is")
        }
    }

    @Test func everyCommandPrintsJSONAndTakesTheCommonOptions() throws {
        for (name, command) in try CommandDescription.read().all() where command.isLeaf {
            for option in ["json", "threads"] {
                #expect(command.arguments?.contains { $0.has(option) } == true, "\(name) has no --\(option)")
            }
            let output = command.arguments?.first { $0.has("output") || $0.hasShort("o") }
            #expect(output.map { $0.has("output") && $0.hasShort("o") } != false, "\(name) has half of -o, --output")
        }
    }

    @Test func everyOptionSaysWhatItIs() throws {
        for (name, command) in try CommandDescription.read().all() {
            for argument in command.arguments ?? [] where argument.shouldDisplay {
                let option = argument.names?.last?.name ?? "argument"
                #expect(argument.abstract?.isEmpty == false, "\(name): \(option) has no help")
            }
        }
    }

    @Test(arguments: [
        ["dance"], ["info", "--thread"], ["info", "--threads", "0"], ["train"], ["evaluate", "-o", "out"],
        ["evaluate", "--policy", "expert"], ["collect", "--workers", "0", "-o", "out"], ["tokens", "train"],
        ["robot", "ik", "--robot", "panda", "--xyz", "0,0,0"], ["data", "convert", "a"], ["replay"],
        ["tune", "--recipe", "tuning07"],
    ])
    func wrongCommandLineExits64(arguments: [String]) throws {
        let outcome = try Command(arguments).run()
        #expect(outcome.status == 64, "\(arguments): \(outcome.messages)")
        #expect(outcome.messages.contains("Error: ") && outcome.messages.contains("Usage: vla"))
        #expect(outcome.output.isEmpty)
    }

    /// The message names the file and shows no stack.
    @Test(arguments: [
        ["inspect", "/nowhere/model.safetensors"], ["data", "info", "/nowhere/set"],
        ["data", "verify", "/nowhere/set"],
        ["data", "stats", "/nowhere/set"], ["data", "view", "/nowhere/set", "-o", "/nowhere/out"],
        ["data", "convert", "/nowhere/set", "/nowhere/out", "--to", "hdf5"],
        ["train", "--data", "/nowhere/set", "-o", "/nowhere/out"],
        ["train", "--data", "x", "--recipe", "/nowhere/recipe.json", "-o", "/nowhere/out"],
        ["replay", "/nowhere/record.jsonl"], ["report", "--evaluation", "/nowhere/out", "-o", "/nowhere/index.html"],
        ["tokens", "count", "/nowhere/corpus.jsonl", "--tokenizer", "/nowhere/tokenizer.json"],
        ["tokens", "train", "/nowhere/corpus.txt", "--size", "300", "-o", "/nowhere/tokenizer.json"],
        ["chat", "--model", "/nowhere/MiniMind2", "Who are you?"],
        ["perplexity", "--model", "/nowhere/MiniMind2", "/nowhere/lines.jsonl"],
        ["robot", "info", "--robot", "/nowhere/arm.urdf"],
    ])
    func whatIsNotThereIsNamed(arguments: [String]) throws {
        let outcome = try Command(arguments).run()
        #expect(outcome.status == 1 || outcome.status == 64, "\(arguments) ends with \(outcome.status)")
        #expect(outcome.messages.contains("nowhere"), "\(arguments): \(outcome.messages)")
        for trace in ["Fatal error", "Stack dump", "Backtrace", "CocoaError", "NSError", "Domain="] {
            #expect(!outcome.messages.contains(trace), "\(arguments): \(outcome.messages)")
        }
        #expect(!outcome.messages.contains("\r"))
    }

    @Test func infoSaysWhatIsThere() throws {
        struct Info: Decodable {
            var version: String
            var layers, libraries: [String: String]
            var traits: [String: Bool]
            var muJoCo, openGL, liberoFolder: String?
        }
        let outcome = try Command("info", "--json", "--threads", "1").run()
        let info = try JSONDecoder().decode(Info.self, from: Data(outcome.output.utf8))
        #expect(info.layers.count == 6)
        #expect(info.libraries["OpenBLAS"] != nil && info.libraries["zlib"] != nil)
        #expect((info.traits["MuJoCo"] == true) == (info.muJoCo != nil))
        #expect((info.traits["MuJoCo"] == true) == (info.openGL != nil))
        let text = try Command("info").run().output
        for row in ["vla", "layers", "traits", "libraries", "MuJoCo", "OpenGL", "LIBERO", "assets", "kernels"] {
            #expect(text.contains("\n\(row) ") || text.hasPrefix("\(row) "), "no row \(row)")
        }
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func shellsGetCompletion(shell: String) throws {
        let outcome = try Command("--generate-completion-script", shell).run()
        #expect(outcome.status == 0)
        for word in ["collect", "evaluate", "render-profile", "checkpoint"] {
            #expect(outcome.output.contains(word), "\(shell) does not know \(word)")
        }
    }
}
