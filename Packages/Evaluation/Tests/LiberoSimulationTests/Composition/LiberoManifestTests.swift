import Foundation
import TensorTestSupport
import Testing

@testable import LiberoSimulation

@Suite struct LiberoManifestTests {
    /// `git hash-object` of these contents (git 2.39).
    @Test(arguments: [
        ("", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"), ("hello\n", "ce013625030ba8dba906f756967f9e9ca394464a"),
        (String(repeating: "a", count: 55), "d1985ddc2983785702b9a90effd5aff2f7cfdca4"),
        (String(repeating: "a", count: 200_000), "42b8cf7fc8396422e1c666ca97b6d4541073d850"),
    ])
    func hashIsGits(content: String, expected: String) throws {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("file")
            try Data(content.utf8).write(to: file)
            #expect(LiberoManifest.gitBlobHash(ofFileAt: file.path) == expected)
        }
        #expect(LiberoManifest.gitBlobHash(ofFileAt: "/no/such/file") == nil)
    }

    /// Every line is read; the tasks of the five suites need 498 of the files.
    @Test func manifestIsComplete() {
        let entries = LiberoManifest.libero.entries
        #expect(entries.count == 1193 && Set(entries.map(\.path)).count == entries.count)
        #expect(entries.filter(\.isNeeded).count == 498)
        #expect(entries.filter { $0.path.hasSuffix(".bddl") && $0.isNeeded }.count == 130)
        #expect(entries.allSatisfy { $0.hash.count == 40 && $0.size >= 0 })
    }

    /// A small folder against a manifest of two files below 4 MB and two above.
    @Test func verdictFollowsTheFiles() throws {
        try withTemporaryFolder { folder in
            let large = Data(count: AssetComparison.largeSize + 1)
            let contents: [(name: String, data: Data)] = [
                ("a.xml", Data("one".utf8)), ("b.png", Data("two".utf8)), ("c.msh", large), ("d.png", large + [1]),
            ]
            var lines: [String] = []
            for (name, data) in contents {
                let file = folder.appendingPathComponent(name)
                try data.write(to: file)
                let hash = try #require(LiberoManifest.gitBlobHash(ofFileAt: file.path))
                lines.append("\(hash) \(data.count) assets-1 task \(name)")
            }
            lines.append("\(String(repeating: "0", count: 40)) 7 assets-1 extra absent.png")
            let manifest = LiberoManifest(lines.joined(separator: "\n"))
            func compare() -> AssetComparison {
                AssetComparison(manifest) { folder.appendingPathComponent($0).path }
            }
            func change(_ name: String, _ data: Data) throws {
                try data.write(to: folder.appendingPathComponent(name))
            }

            #expect(compare().description == "genuine, 4 files")
            // the same size, another content
            try change("c.msh", large.dropLast() + [9])
            #expect(compare().verdict == .mixed)
            try change("d.png", Data("small".utf8))
            #expect(compare().description == "look-alike, 2 of 4 files differ: c.msh, d.png")
            try change("a.xml", Data("eno".utf8))
            #expect(compare().verdict == .mixed)
            try FileManager.default.removeItem(at: folder.appendingPathComponent("b.png"))
            #expect(compare().description == "mixed, 3 of 3 files differ: a.xml, c.msh, d.png; 1 missing")
        }
    }

    /// The shared copy of LIBERO is the original.
    @Test(.enabled(if: LiberoGolden.liberoFolder != nil)) func sharedAssetsAreGenuine() throws {
        let assets = try LiberoAssets(at: try #require(LiberoGolden.liberoFolder))
        #expect(assets.comparison().verdict == .genuine, "\(assets.comparison())")
        #expect(try assets.provenance()["visualAssets"] == "genuine, 498 files")
    }
}

/// A new folder that is removed afterwards.
private func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("LiberoManifestTests-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
