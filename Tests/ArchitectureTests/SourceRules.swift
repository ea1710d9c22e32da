import Foundation

/// Rules over the source files; each returns what breaks it, in words.
enum SourceRules {
    /// A file imports a module of the workspace only when its target depends on it.
    ///
    /// The manifests' own rules then see that the dependency points downward.
    static func undeclaredImports(in files: [SourceFile], root: Manifest) -> [String] {
        let modules = Set(root.targets.map(\.name))
        return files.flatMap { file -> [String] in
            guard let name = file.target, let target = root.target(name) else { return [] }
            let allowed = Set(target.dependencies.map(\.name)).union([name])
            return file.imports.filter { modules.contains($0) && !allowed.contains($0) }
                .map { "\(file.path) imports \($0), on which \(name) does not depend" }
        }
    }

    /// Imports point downward also where no target is declared: snippets, fuzz targets, and files of unknown targets.
    static func upwardImports(in files: [SourceFile], layers: Layers, layerOfModule: [String: String]) -> [String] {
        files.flatMap { file -> [String] in
            guard let layer = file.layer else { return [] }
            return file.imports.compactMap { module in
                guard let other = layerOfModule[module], other != layer, !layers.allows(layer, toUse: other) else {
                    return nil
                }
                return "\(file.path) imports \(module) of \(other), which is not above \(layer)"
            }
        }
    }

    /// A system library is imported by the one target that `places` names, and its headers are included only beside its
    /// module map.
    static func misplacedSystemLibraries(
        in files: [SourceFile], places: [String: String], headers: [String: Set<String>]
    ) -> [String] {
        files.flatMap { file -> [String] in
            let imports = file.imports.compactMap { module -> String? in
                guard let place = places[module], place != file.target else { return nil }
                return "\(file.path) imports \(module); only \(place) may"
            }
            let includes = file.includes.flatMap { header in
                headers.filter { $0.key != file.target && $0.value.contains(header) }
                    .map { "\(file.path) includes \(header); only \($0.key) may" }
            }
            return imports + includes
        }
    }

    /// A package has its README, VERSION (three numbers) and CHANGELOG (with a heading for that version).
    static func missingPapers(of layer: String, read: (String) -> String?) -> [String] {
        var found = ["README.md", "VERSION", "CHANGELOG.md"].filter { read($0) == nil }.map { "\(layer) has no \($0)" }
        guard let text = read("VERSION") else { return found }
        let version = text.trimmingCharacters(in: .whitespacesAndNewlines)
        let numbers = version.split(separator: ".", omittingEmptySubsequences: false)
        if numbers.count != 3 || !numbers.allSatisfy({ Int($0) != nil }) {
            found.append("\(layer): VERSION says '\(version)', not three numbers")
        }
        let headings = read("CHANGELOG.md")?.split(separator: "\n").filter { $0.hasPrefix("## ") } ?? []
        if !headings.contains(where: { $0.split(separator: " ").dropFirst().first ?? "" == version }) {
            found.append("\(layer): CHANGELOG.md has no heading '## \(version)'")
        }
        return found
    }

    /// A README names at least one snippet, and each one it names exists.
    static func missingSnippets(of layer: String, readme: String, exists: (String) -> Bool) -> [String] {
        let named = readme.matches(of: /Snippets\/[A-Za-z0-9_]+\.swift/).map { String($0.output) }
        if named.isEmpty { return ["\(layer): README.md names no example in Snippets/"] }
        return named.filter { !exists($0) }.map { "\(layer): README.md names \($0), which is not there" }
    }
}
