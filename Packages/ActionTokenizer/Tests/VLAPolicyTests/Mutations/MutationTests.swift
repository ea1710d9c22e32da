import Foundation
import Testing

@Suite struct MutationTests {
    @Test(arguments: Mutation.all)
    func mutationIsStopped(mutation: Mutation) throws { try mutation.check() }

    @Test func thereAreManyAndEachHasItsOwnName() {
        #expect(Mutation.all.count >= 30)
        #expect(Set(Mutation.all.map(\.name)).count == Mutation.all.count)
    }

    private static let marks = ("<!-- mutations: begin -->", "<!-- mutations: end -->")

    private static var table: String {
        let rows = Mutation.all.map { "| \($0.name) | \($0.guarded.rawValue) | \($0.by) |" }
        return (["| what goes wrong | it is | by |", "|---|---|---|"] + rows).joined(separator: "\n")
    }

    /// `Docs/Pitfalls.md` says what the tests do. With `VLA_WRITE_DOCS=1` the table is written. A layer that stands alone
    /// has no such file.
    @Test func tableInTheDocumentationIsCurrent() throws {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<6 { folder.deleteLastPathComponent() }
        let file = folder.appendingPathComponent("Docs/Pitfalls.md")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return }
        let parts = text.components(separatedBy: Self.marks.0)
        let rest = parts.count == 2 ? parts[1].components(separatedBy: Self.marks.1) : []
        try #require(rest.count == 2, "Docs/Pitfalls.md has no place for the table")
        let written = "\n\(Self.table)\n"
        if ProcessInfo.processInfo.environment["VLA_WRITE_DOCS"] == "1" {
            try (parts[0] + Self.marks.0 + written + Self.marks.1 + rest[1]).write(
                to: file, atomically: true, encoding: .utf8)
        } else {
            #expect(rest[0] == written, "run the test with VLA_WRITE_DOCS=1")
        }
    }
}
