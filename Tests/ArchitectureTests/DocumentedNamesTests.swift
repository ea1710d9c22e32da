import Foundation
import Testing

/// What the documentation names is there: types, members, files, scripts and recipes.
///
/// `EndToEndTests` compare the options with those of the command.
@Suite struct DocumentedNamesTests {
    private static let declared = Result { DeclaredNames(try Workspace.current.get()) }
    private let workspace: Workspace
    private let declared: DeclaredNames

    init() throws {
        workspace = try Workspace.current.get()
        declared = try Self.declared.get()
    }

    /// The pages people read. Dated decisions and change logs tell of what was.
    static let pages: [String] = {
        guard let root = try? Workspace.current.get().root else { return [] }
        let walk = FileManager.default.enumerator(atPath: root.appendingPathComponent("Docs").path)
        let docs = walk?.compactMap { $0 as? String } ?? []
        let pages =
            ["README.md", "CONTRIBUTING.md", "SECURITY.md", "Benchmarks/README.md"]
            + Layers.workspace.names.map { "Packages/\($0)/README.md" }
            + docs.filter { $0.hasSuffix(".md") && !$0.hasPrefix("Decisions/20") }.sorted().map { "Docs/\($0)" }
        return pages.filter { FileManager.default.fileExists(atPath: root.appendingPathComponent($0).path) }
    }()

    private func page(_ path: String) throws -> MarkdownPage {
        let file = workspace.root.appendingPathComponent(path)
        return MarkdownPage(text: try String(contentsOf: file, encoding: .utf8))
    }

    /// Names of Swift's libraries, words of other projects, and the reader's own type.
    private static let known: Set<String> = [
        "AsyncSequence", "AsyncStream", "Bool", "Codable", "CommandLine", "Comparable", "Data", "Date", "Decodable",
        "Double", "Encodable", "Equatable", "Error", "FileHandle", "Float", "Float16", "Foundation", "Hashable",
        "Identifiable", "Int", "JSONDecoder", "JSONEncoder", "JSONSerialization", "PackageDescription",
        "RandomNumberGenerator", "Sendable", "SIMD3", "String", "Task", "UInt64", "URL", "XMLParser",
        "AsyncInference", "Count", "H5Ocopy", "MuJoCo", "MyModel", "Size",
    ]

    @Test(arguments: pages) func typesAndMembersExist(path: String) throws {
        for span in try page(path).spans {
            // Type, Type.member, Type.member(label:), Type/member
            guard
                let match = span.text.wholeMatch(of: /@?([A-Z]\w*)((?:\.[A-Za-z]\w*)*)(?:<[^>]*>)?(?:\(.*\))?/),
                match.1.contains(where: \.isLowercase), !span.text.hasSuffix(".swift")
            else { continue }
            let type = String(match.1)
            let folder = workspace.root.appendingPathComponent(type).path
            guard !Self.known.contains(type), !FileManager.default.fileExists(atPath: folder) else { continue }
            if !declared.types.contains(type) { Issue.record("\(path):\(span.line): there is no '\(type)'") }
            for member in match.2.split(separator: ".").map(String.init)
            where !declared.members.contains(member) && !declared.types.contains(member) {
                Issue.record("\(path):\(span.line): nothing is called '\(member)' in `\(span.text)`")
            }
        }
    }

    @Test(arguments: pages) func programsNameTypesThatExist(path: String) throws {
        for (language, code) in try page(path).blocks where language == "swift" {
            let program = code.text.replacing(/\/\/.*/, with: "").replacing(/"[^"\n]*"/, with: "\"\"")
            for match in program.matches(of: /(?:^|[^\w.])([A-Z]\w*)/) where match.1.contains(where: \.isLowercase) {
                let name = String(match.1)
                let isOwn = program.contains(try Regex("(?:struct|class|enum|protocol) \(name)\\b"))
                if !isOwn, !declared.types.contains(name), !Self.known.contains(name) {
                    Issue.record("\(path):\(code.line): there is no type '\(name)'")
                }
            }
        }
    }

    @Test(arguments: pages) func filesExist(path: String) throws {
        let manager = FileManager.default
        let folder = (path as NSString).deletingLastPathComponent
        let top = try manager.contentsOfDirectory(atPath: workspace.root.path).filter { !$0.hasPrefix(".") }
        let places = Set(top + ["Snippets"])
        let pattern = #/(-o |--output |[\w.\/~<-])?((?:\.\/|\.ci\/)?\w[\w.+-]*(?:\/[\w.+-]*\w)*)/#
        for code in try page(path).code {
            for match in code.text.matches(of: pattern) {
                let name = String(match.2)
                let parts = name.split(separator: "/").map(String.init)
                let first = parts[0] == "." ? parts.dropFirst().first ?? "" : parts[0]
                let isScript = name.hasPrefix("./") || name.hasPrefix(".ci/")
                let isPath = parts.count > 1 && places.contains(first)
                let isSource = parts.count == 1 && name.hasSuffix(".swift")
                // what comes out, what is a part of a longer word, and what stands for any name
                guard match.1 == nil, isScript || isPath || isSource,
                    !parts.contains(where: { ["X", "CName", "mine", "MyPackage"].contains($0) || $0.contains("Name") })
                else { continue }
                let candidates = [name, "\(folder)/\(name)"]
                let exists =
                    candidates.contains {
                        manager.fileExists(atPath: workspace.root.appendingPathComponent($0).path)
                    } || workspace.files.contains { $0.path.hasSuffix("/\(name)") }
                #expect(exists, "\(path):\(code.line): there is no file '\(name)'")
            }
        }
    }

    /// The road of an observation, as the architecture's page writes it.
    @Test func dataFlowIsTrue() throws {
        for (language, code) in try page("Docs/Architecture.md").blocks where language.isEmpty {
            for match in code.text.matches(of: /\b[A-Z][a-z]+[A-Z]\w+/) {
                let name = String(match.0)
                let isKnown = declared.types.contains(name) || Self.known.contains(name)
                #expect(isKnown, "Docs/Architecture.md:\(code.line): \(name)")
            }
        }
    }

    /// Its boxes are types and packages; what is not written as one word describes them.
    @Test func dataFlowNamesWhatExists() throws {
        let file = workspace.root.appendingPathComponent("Docs/Images/data-flow.svg")
        let drawing = try String(contentsOf: file, encoding: .utf8)
        let names = drawing.matches(of: /class="t">([A-Z]\w*[a-z]\w*)</).map { String($0.1) }
        #expect(names.count > 10)
        #expect(names.filter { !declared.types.contains($0) } == [])
    }

    /// The search finds what is there and misses what is not.
    @Test func searchOfNames() {
        let (types, members) = (declared.types, declared.members)
        let expected: Set = [
            "Tensor", "PolicyCheckpoint", "ArchitectureTests", "VLAPolicy", "MPI", "actionChunk", "matmul",
        ]
        #expect(expected.subtracting(types).subtracting(members) == [])
        let hasOther = types.contains("Batch" + "OfNothing") || members.contains("action" + "Chunck")
        #expect(!hasOther)
        let page = MarkdownPage(
            text: "Use `Tensor`\nand `a\nb`.\n\n```swift\nlet x = 1\n```\n\n    vla info\n\n1. `c`\n")
        #expect(page.spans.map(\.text) == ["Tensor", "a b", "c"])
        #expect(page.spans.map(\.line) == [1, 2, 11])
        #expect(page.blocks.map(\.code.text) == ["let x = 1", "    vla info"])
    }
}
