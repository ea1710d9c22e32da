import Foundation
import Testing

/// The command that was built with these tests.
private let program: URL? = {
    let tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    let program = tests.deletingLastPathComponent().appendingPathComponent("vla")
    return FileManager.default.isExecutableFile(atPath: program.path) ? program : nil
}()

/// The documentation and the examples of `--help` use options that the command and the scripts have.
@Suite(.enabled(if: program != nil, "the command was not built beside the tests"))
struct DocumentedOptionsTests {
    /// What the command says of itself.
    private struct Description: Decodable {
        struct Name: Decodable {
            var kind: String
            var name: String
        }
        struct Argument: Decodable { var names: [Name]? }
        var commandName: String
        var discussion: String?
        var subcommands: [Description]?
        var arguments: [Argument]?

        /// As they are written: `--seed`, `-o`.
        var options: Set<String> {
            let names = (arguments ?? []).flatMap { $0.names ?? [] }
            return Set(names.map { ($0.kind == "long" ? "--" : "-") + $0.name }).union(["--help", "-h"])
        }

        var all: [Description] { [self] + (subcommands ?? []).flatMap(\.all) }
    }

    private static let command = Result {
        struct Dump: Decodable { var command: Description }
        let output = try SwiftCommand.output(of: program!, ["--experimental-dump-help"])
        return try JSONDecoder().decode(Dump.self, from: output).command
    }

    /// A line without `vla`: the options that its subcommand does not have.
    private func unknownOptions(in line: String, of command: Description) -> [String] {
        let words = line.replacing(/"[^"]*"|'[^']*'/, with: "TEXT").split(separator: " ")
            .prefix { !["|", "&&", ">", ";"].contains($0) && !$0.hasPrefix("#") }
        var command = command
        var options = command.options.union(["--version", "--generate-completion-script"])
        for word in words {
            guard let next = command.subcommands?.first(where: { $0.commandName == word }) else { break }
            (command, options) = (next, next.options)
        }
        return words.filter { $0.hasPrefix("-") && $0.contains(where: \.isLetter) && !options.contains(String($0)) }
            .map(String.init)
    }

    /// The commands in a text: what follows `vla`, with continued lines joined.
    private func lines(_ text: String) -> [String] {
        text.replacing(/\\\n\s*/, with: "").split(separator: "\n")
            .compactMap { line in line.firstMatch(of: /^\s*(?:mpirun [^v]*)?vla (.*)/).map { String($0.1) } }
    }

    @Test(arguments: DocumentedNamesTests.pages) func pagesUseOptionsThatExist(path: String) throws {
        let root = try Workspace.current.get().root
        let command = try Self.command.get()
        let page = MarkdownPage(
            text: try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8))
        for code in page.code {
            for line in lines(code.text) {
                let unknown = unknownOptions(in: line, of: command)
                #expect(unknown == [], "\(path):\(code.line): vla \(line)")
            }
        }
        // an option alone is one of the command's or of a script's
        let scripts =
            try ["demo", "test"]
            + FileManager.default.contentsOfDirectory(
                atPath: root.appendingPathComponent("Scripts").path
            ).map { "Scripts/\($0)" }
        let texts = scripts.compactMap { try? String(contentsOf: root.appendingPathComponent($0), encoding: .utf8) }
        let options = command.all.reduce(into: Set<String>()) { $0.formUnion($1.options) }
        for span in page.spans {
            guard let option = span.text.firstMatch(of: /^(--[a-z][a-z-]*)(?:[ =].*)?$/) else { continue }
            let name = String(option.1)
            #expect(
                options.contains(name) || texts.contains { $0.contains(name) },
                "\(path):\(span.line): nothing has the option \(name)")
        }
    }

    @Test func examplesOfHelpUseOptionsThatExist() throws {
        let command = try Self.command.get()
        var count = 0
        for part in command.all {
            for line in lines(part.discussion ?? "") {
                count += 1
                #expect(unknownOptions(in: line, of: command) == [], "vla \(line)")
            }
        }
        #expect(count > 30)
    }

    /// Recipes and checkpoints that examples name are in the repository.
    @Test func examplesOfHelpNameFilesThatExist() throws {
        let root = try Workspace.current.get().root
        for part in try Self.command.get().all {
            for match in (part.discussion ?? "").matches(of: /(-o )?((?:Recipes|Checkpoints)\/[\w.+\/-]*\w)/)
            where match.1 == nil && !match.2.hasSuffix("mine") {
                let file = root.appendingPathComponent(String(match.2))
                #expect(FileManager.default.fileExists(atPath: file.path), "\(part.commandName): \(match.2)")
            }
        }
    }

    @Test func unknownOptionsAreFound() throws {
        let command = try Self.command.get()
        #expect(unknownOptions(in: "train --data x --recipe y -o z", of: command) == [])
        #expect(unknownOptions(in: "train --dta x | grep --color", of: command) == ["--dta"])
        #expect(unknownOptions(in: "data info x --render-profile fast", of: command) == ["--render-profile"])
    }
}
