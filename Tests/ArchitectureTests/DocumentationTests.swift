import Foundation
import Testing

/// What README and Docs promise is there.
@Suite struct DocumentationTests {
    let root: URL

    init() throws { root = try Workspace.current.get().root }

    private func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The pages people read: README files and everything below Docs.
    private func pages() -> [String] {
        let docs = FileManager.default.enumerator(atPath: root.appendingPathComponent("Docs").path)
        let pages = docs?.compactMap { $0 as? String }.filter { $0.hasSuffix(".md") }.map { "Docs/\($0)" } ?? []
        return ["README.md", "CONTRIBUTING.md", "SECURITY.md", "Benchmarks/README.md"]
            + Layers.workspace.names.map { "Packages/\($0)/README.md" } + pages
    }

    @Test(arguments: Layers.workspace.names)
    func readmeShowsTheProgramThatIsBuilt(layer: String) throws {
        let program = try text("Tests/ForeignPackage/Sources/Use\(layer)/main.swift")
        #expect(try text("README.md").contains("### \(layer)\n\n```swift\n\(program)```\n"))
        #expect(program.split(separator: "\n").count <= 14, "\(layer) needs more than about ten lines")
    }

    /// The programs of its section on packages are snippets that `EndToEndTests` run.
    @Test(arguments: [
        "ActionTokenizer/Snippets/Act", "Evaluation/Snippets/Train", "Evaluation/Snippets/OwnModelFamily",
        "Evaluation/Snippets/Evaluate",
    ])
    func readmeShowsTheSnippet(path: String) throws {
        let snippet = try text("Packages/\(path).swift")
        let start = try #require(snippet.range(of: "\n\nimport ")).upperBound
        #expect(try text("README.md").contains("```swift\nimport \(snippet[start...])```\n"))
    }

    /// The tutorial's last program is the snippet that `EndToEndTests` run, its files are there, and its products exist.
    @Test func tutorialEndsWithTheProgramThatIsRun() throws {
        let catalogue = "Packages/ActionTokenizer/Sources/VLAPolicy/VLAPolicy.docc"
        let tutorial = try text("\(catalogue)/Act.tutorial")
        let files = tutorial.matches(of: /@Code\(name: "[^"]*", file: "([^"]*)"\)/).map { String($0.1) }
        for file in files { _ = try text("\(catalogue)/Resources/\(file)") }
        let program = try text("\(catalogue)/Resources/\(#require(files.last))")
        #expect(try text("Packages/ActionTokenizer/Snippets/Act.swift").hasSuffix("\n\n\(program)"))
        let manifest = try text("\(catalogue)/Resources/act-package.swift")
        let products = try Workspace.current.get().manifest.products.map(\.name)
        let names = try #require(manifest.firstMatch(of: /dependencies: \[("[^\]]*")\]\.map/)?.1)
        for name in names.matches(of: /"(\w+)"/) { #expect(products.contains(String(name.1)), "\(name.1)") }
        for module in program.matches(of: /(?m)^import (\w+)/) where module.1 != "Foundation" {
            #expect(names.contains("\"\(module.1)\""), "\(module.1)")
        }
    }

    @Test func linksLeadToFiles() throws {
        for page in pages() {
            let folder = root.appendingPathComponent(page).deletingLastPathComponent()
            for match in try text(page).matches(of: /\]\(([^)#\s]+)(#[^)]*)?\)/) {
                let target = String(match.1)
                guard !target.contains("://") else { continue }
                let file = folder.appendingPathComponent(target).standardizedFileURL
                #expect(FileManager.default.fileExists(atPath: file.path), "\(page): \(target)")
            }
        }
    }

    @Test func everyDependencyHasItsReason() throws {
        let page = try text("Docs/Dependencies.md")
        let setup = try text("Scripts/setup")
        let manifest = try text("Package.swift")
        for match in manifest.matches(of: /\.apt\(\["([^"]+)"\]\)/) {
            #expect(page.contains("`\(match.1)`") && setup.contains("\"\(match.1) "), "\(match.1)")
        }
        for match in manifest.matches(of: /url: "([^"]+)"/) { #expect(page.contains("(\(match.1))"), "\(match.1)") }
    }

    @Test func readmeNamesOnlyCommandsThatExist() throws {
        let command = try text("Sources/vla/VLA.swift").lowercased()
        for match in try text("README.md").matches(of: /(?m)^ {4}vla ([a-z]+)/) {
            let name = String(match.1)
            #expect(command.contains("\(name).self") || command.contains("\(name)command.self"), "vla \(name)")
        }
    }
}
