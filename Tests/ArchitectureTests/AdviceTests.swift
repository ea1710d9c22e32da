import Foundation
import Testing

/// What messages tell users to do can be done, and is said in words that users have.
@Suite struct AdviceTests {
    let files: [SourceFile]
    let root: URL

    init() throws {
        let workspace = try Workspace.current.get()
        (files, root) = (workspace.files, workspace.root)
    }

    /// Options of the command, of set-up and of the tools that messages name.
    private func options() throws -> Set<String> {
        var options: Set<String> = ["--traits", "--generate-completion-script", "--help", "--version"]
        for file in files where file.path.hasPrefix("Sources/vla/") {
            for match in file.text.matches(of: /@(?:Option|Flag)\b/) {
                let rest = file.text[match.range.upperBound...]
                // the wrapper's arguments, then the property
                var (depth, end) = (0, rest.startIndex)
                if rest.first == "(" {
                    for index in rest.indices {
                        if rest[index] == "(" { depth += 1 }
                        if rest[index] == ")" { depth -= 1 }
                        if depth == 0 {
                            end = rest.index(after: index)
                            break
                        }
                    }
                }
                let arguments = rest[..<end]
                guard let property = rest[end...].firstMatch(of: /var\s+(\w+)/) else { continue }
                let own = arguments.firstMatch(of: /customLong\("([^"]+)"/).map { String($0.1) }
                let name = own ?? property.1.reduce(into: "") { $0 += $1.isUppercase ? "-\($1.lowercased())" : "\($1)" }
                options.insert("--\(name)")
                if arguments.contains("inversion") { options.insert("--no-\(name)") }
            }
        }
        for script in ["Scripts/setup", "Scripts/setup-variants", "demo", "test"] {
            let text = (try? String(contentsOf: root.appendingPathComponent(script), encoding: .utf8)) ?? ""
            for match in text.matches(of: /(?m)^\s*(--[a-z][a-z-]+)\)/) { options.insert(String(match.1)) }
        }
        return options
    }

    /// Lines of code outside of comments.
    private func lines(of file: SourceFile) -> [(number: Int, text: Substring)] {
        file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            line.drop(while: \.isWhitespace).hasPrefix("//") ? nil : (index + 1, line)
        }
    }

    private var sources: [SourceFile] {
        files.filter { file in
            file.path.hasSuffix(".swift")
                && (file.path.hasPrefix("Packages/") && file.path.contains("/Sources/")
                    || file.path.hasPrefix("Sources/"))
        }
    }

    @Test func messagesNameOnlyOptionsThatExist() throws {
        let options = try options()
        #expect(options.contains("--statistics-key") && options.contains("--peer") && options.contains("--with-libero"))
        for file in sources {
            for (number, line) in lines(of: file) {
                for match in line.matches(of: /(?:^|[^\w-])(--[a-z][a-z-]+)/) where !options.contains(String(match.1)) {
                    Issue.record("\(file.path):\(number) names \(match.1), which no command has")
                }
            }
        }
    }

    /// An error that only a decoder's author understands is explained by `JSONReading`, not printed.
    @Test func messagesDoNotPrintDecodingErrors() {
        for file in sources {
            let text = file.text
            for match in text.matches(
                of:
                    /JSONDecoder\(\)\.decode\([^\n]*\n(?:[^\n]*\n){0,3}?[^\n]*catch \{\n(?:[^\n]*\n){0,2}?[^\n]*\\\(error\)/
            ) {
                let number = 1 + text[..<match.range.lowerBound].count { $0 == "\n" }
                Issue.record("\(file.path):\(number) prints a decoding error as it is; take JSONReading.explanation")
            }
        }
    }
}
