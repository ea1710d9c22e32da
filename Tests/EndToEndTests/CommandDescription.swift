import Foundation

/// The command's own description of itself, as `--experimental-dump-help` prints it.
struct CommandDescription: Decodable {
    struct Name: Decodable {
        var kind: String
        var name: String
    }
    struct Argument: Decodable {
        var names: [Name]?
        var abstract: String?
        var shouldDisplay: Bool

        func has(_ long: String) -> Bool { names?.contains { $0.kind == "long" && $0.name == long } ?? false }
        func hasShort(_ letter: String) -> Bool { names?.contains { $0.kind == "short" && $0.name == letter } ?? false }
    }

    var commandName: String
    var abstract: String?
    var discussion: String?
    var shouldDisplay: Bool
    var subcommands: [CommandDescription]?
    var arguments: [Argument]?

    static func read() throws -> CommandDescription {
        struct Dump: Decodable { var command: CommandDescription }
        let outcome = try Command("--experimental-dump-help").run()
        return try JSONDecoder().decode(Dump.self, from: Data(outcome.output.utf8)).command
    }

    /// This command and all below it that people use, with their full names.
    func all(below parents: [String] = []) -> [(name: String, command: CommandDescription)] {
        let path = parents + [commandName]
        let own = (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
        return [(path.joined(separator: " "), self)] + own.flatMap { $0.all(below: path) }
    }

    var isLeaf: Bool { (subcommands ?? []).allSatisfy { $0.commandName == "help" } }
}
