import Foundation
import Testing

/// The checkout this test was built from.
struct Workspace {
    let root: URL
    let manifest: Manifest
    /// The layers' own manifests, in the order of ``Layers``.
    let layers: [Manifest]
    let files: [SourceFile]

    /// Read once: each manifest is a subprocess.
    static let current = Result { try Workspace() }

    private init() throws {
        // <root>/Tests/ArchitectureTests/Workspace.swift
        root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        manifest = try Manifest(dump: SwiftCommand.dumpPackage(root))
        layers = try Layers.workspace.names.map { [root] name in
            try Manifest(dump: SwiftCommand.dumpPackage(root.appendingPathComponent("Packages/\(name)")))
        }
        files = Self.sourceFiles(below: root)
    }

    /// A package's file, nil when it is not there.
    func read(_ path: String, of layer: String) -> String? {
        try? String(contentsOf: root.appendingPathComponent("Packages/\(layer)/\(path)"), encoding: .utf8)
    }

    /// The folders in `Packages`, sorted.
    var packageFolders: [String] {
        let found = try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("Packages").path)
        return (found ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    /// The layer of every target, by the layers' manifests.
    var layerOfModule: [String: String] {
        Dictionary(layers.flatMap { layer in layer.targets.map { ($0.name, layer.name) } }) { first, _ in first }
    }

    /// System headers by the library that owns them: what its `shim.h` includes, without those of C and Linux.
    var headersOfSystemLibraries: [String: Set<String>] {
        let systemLibraries = Set(manifest.targets.filter { $0.type == "system" }.map(\.name))
        let standard: Set<String> = [
            "<stdio.h>", "<stdlib.h>", "<stddef.h>", "<stdint.h>", "<stdbool.h>", "<string.h>", "<setjmp.h>",
            "<math.h>", "<errno.h>", "<limits.h>", "<unistd.h>", "<sys/syscall.h>", "<linux/falloc.h>",
        ]
        var headers: [String: Set<String>] = [:]
        for file in files {
            guard let target = file.target, systemLibraries.contains(target) else { continue }
            headers[target, default: []].formUnion(file.includes.filter { $0.hasPrefix("<") && !standard.contains($0) })
        }
        return headers
    }

    private static func sourceFiles(below root: URL) -> [SourceFile] {
        let endings: Set<String> = ["swift", "h", "c", "m", "cpp", "modulemap"]
        let prefix = root.path + "/"
        return ["Packages", "Sources", "Tests", "Benchmarks"].flatMap { folder -> [SourceFile] in
            let walk = FileManager.default.enumerator(
                at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil, options: [.skipsHiddenFiles])
            return (walk?.compactMap { $0 as? URL } ?? []).compactMap { file in
                // what a tutorial shows is no source
                guard endings.contains(file.pathExtension), !file.path.contains(".docc/") else { return nil }
                let text = try? String(contentsOf: file, encoding: .utf8)
                return text.map { SourceFile(path: String(file.path.dropFirst(prefix.count)), text: $0) }
            }
        }.sorted { $0.path < $1.path }
    }
}

/// A failed expectation names the checkout instead of printing every file in it.
extension Workspace: CustomTestStringConvertible {
    var testDescription: String { root.path }
}
