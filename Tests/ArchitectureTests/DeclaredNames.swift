import Foundation

/// Names that the workspace declares, as far as a search of its text finds them.
struct DeclaredNames {
    /// Types, targets, packages and traits.
    private(set) var types: Set<String> = []
    /// Functions, properties, cases, labels and the strings that name settings in files.
    private(set) var members: Set<String> = []

    init(_ workspace: Workspace) {
        for manifest in workspace.layers + [workspace.manifest] {
            types.formUnion([manifest.name] + manifest.targets.map(\.name) + manifest.traits.keys)
        }
        let type = #/\b(?:struct|class|enum|protocol|actor|typealias|associatedtype)\s+([A-Za-z_]\w*)/#
        let declaration = #/\b(?:func|var|let|case)\s+`?([A-Za-z_]\w*)/#
        // further names of `case a, b`, labels, and functions of C
        let listed = #/[,(]\s*`?([a-z]\w*)`?\s*[:,()=\n]/#
        let quoted = #/"([A-Za-z]\w*)"/#
        for file in workspace.files {
            types.formUnion(file.text.matches(of: type).map { String($0.1) })
            for pattern in [declaration, listed, quoted] {
                members.formUnion(file.text.matches(of: pattern).map { String($0.1) })
            }
        }
        members.insert("init")
    }
}
