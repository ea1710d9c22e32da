import Foundation
import Testing

/// Each rule over sources finds its bad example and passes the good one.
@Suite struct SourceRuleTests {
    let root = Manifest(
        name: "vla",
        targets: [
            .init(name: "COpenBLAS", type: "system"),
            .init(name: "TensorCore", type: "regular", dependencies: [.init(name: "COpenBLAS")]),
            .init(name: "TensorNN", type: "regular", dependencies: [.init(name: "TensorCore")]),
            .init(name: "Kinematics", type: "regular"),
            .init(name: "LiberoTasks", type: "regular", dependencies: [.init(name: "TensorCore")]),
        ])
    let layers = Layers(rows: [["TensorCore"], ["LiberoData", "Kinematics"], ["Evaluation"]])
    let layerOfModule = [
        "TensorCore": "TensorCore", "TensorNN": "TensorCore", "Kinematics": "Kinematics", "LiberoTasks": "LiberoData",
        "Evaluation": "Evaluation",
    ]

    func file(_ path: String, _ text: String) -> SourceFile { SourceFile(path: path, text: text) }

    @Test(arguments: [
        "import TensorNN", "  import TensorNN // why", "@testable import TensorNN", "public import TensorNN",
        "@_exported public import TensorNN", "@preconcurrency @testable import TensorNN",
        "internal import struct TensorNN.Linear",
        "import TensorNN.Linear", "import Foundation; import TensorNN", "import func TensorNN.relu", "import\tTensorNN",
        "/* a */ import TensorNN", "let s = \"/*\"\nimport TensorNN", "#if MPI\nimport TensorNN\n#endif\r\n",
        "let t = \"\"\"\n  x\n  \"\"\"\nimport TensorNN",
    ])
    func everySpellingOfAnImportIsSeen(text: String) {
        #expect(file("A.swift", text).imports.filter { $0 != "Foundation" } == ["TensorNN"])
    }

    @Test(arguments: [
        "// import TensorNN", "/* import\nimport TensorNN\n*/", "/* /* */ import TensorNN */",
        "let x = \"import TensorNN\"",
        "let t = \"\"\"\n  import TensorNN\n  \"\"\"", "important(TensorNN)", "/// import TensorNN",
    ])
    func whatIsNoImportIsNotSeen(text: String) {
        #expect(file("A.swift", text).imports == [])
    }

    @Test(arguments: [
        "#include <cblas.h>", "  #  include <cblas.h> // BLAS", "#import <cblas.h>", "#include\t<cblas.h>",
    ])
    func everySpellingOfAnIncludeIsSeen(text: String) {
        #expect(file("a.c", text).includes == ["<cblas.h>"])
    }

    @Test func quotedIncludeIsSeenAndCommentIsNot() {
        #expect(file("a.c", "#include \"Kernels.h\"\n// #include <cblas.h>\n").includes == ["\"Kernels.h\""])
    }

    @Test(arguments: [
        ("Packages/TensorCore/Sources/TensorNN/A.swift", "import TensorCore", 0),
        ("Packages/TensorCore/Sources/TensorCore/A.swift", "import TensorNN", 1),
        ("Packages/Kinematics/Sources/Kinematics/Geometry/A.swift", "import TensorCore", 1),
        ("Packages/Kinematics/Sources/Kinematics/A.swift", "import Foundation", 0),
    ])
    func undeclaredImportIsFound(path: String, text: String, expected: Int) {
        #expect(SourceRules.undeclaredImports(in: [file(path, text)], root: root).count == expected)
    }

    @Test(arguments: [
        ("Packages/TensorCore/Snippets/A.swift", "import Kinematics", 1),
        ("Packages/TensorCore/Fuzz/A.swift", "@testable import LiberoTasks", 1),
        ("Packages/Kinematics/Sources/Kinematics/A.swift", "import LiberoTasks", 1),
        ("Packages/LiberoData/Tests/LiberoTasksTests/A.swift", "import Kinematics", 1),
        ("Packages/Kinematics/Sources/Kinematics/A.swift", "import Evaluation", 1),
        ("Packages/Evaluation/Sources/Evaluation/A.swift", "import Kinematics\nimport LiberoTasks", 0),
        ("Packages/TensorCore/Sources/TensorNN/A.swift", "import TensorCore", 0),
        ("Sources/vla/A.swift", "import Evaluation", 0),
    ])
    func upwardImportIsFound(path: String, text: String, expected: Int) {
        let found = SourceRules.upwardImports(in: [file(path, text)], layers: layers, layerOfModule: layerOfModule)
        #expect(found.count == expected)
    }

    @Test(arguments: [
        ("Packages/TensorCore/Sources/TensorCore/A.swift", "import COpenBLAS", 0),
        ("Packages/TensorCore/Sources/TensorNN/A.swift", "import COpenBLAS", 1),
        ("Packages/TensorCore/Tests/TensorCoreTests/A.swift", "@testable import COpenBLAS", 1),
        ("Packages/TensorCore/Snippets/A.swift", "import COpenBLAS", 1),
        ("Packages/TensorCore/Sources/COpenBLAS/shim.h", "#include <cblas.h>", 0),
        ("Packages/TensorCore/Sources/CTensorKernels/a.c", "#include <cblas.h>", 1),
        ("Packages/TensorCore/Sources/CTensorKernels/a.c", "#include <math.h>", 0),
    ])
    func misplacedSystemLibraryIsFound(path: String, text: String, expected: Int) {
        let found = SourceRules.misplacedSystemLibraries(
            in: [file(path, text)], places: ["COpenBLAS": "TensorCore"], headers: ["COpenBLAS": ["<cblas.h>"]])
        #expect(found.count == expected)
    }

    static let papers = ["README.md": "r", "VERSION": "1.2.3\n", "CHANGELOG.md": "# Changes\n\n## 1.2.3\n"]

    @Test(
        arguments: [
            ([:], 0), (["README.md": nil], 1), (["VERSION": nil], 1), (["CHANGELOG.md": nil], 2),
            (["VERSION": "1.2"], 2),
            (["VERSION": "1.2.x"], 2), (["VERSION": "1.2.4"], 1), (["CHANGELOG.md": "## 1.2.2"], 1),
        ] as [([String: String?], Int)])
    func missingPaperIsFound(changes: [String: String?], expected: Int) {
        let papers = Self.papers.merging(changes.mapValues { $0 ?? "" }) { $1 }
        let gone = Set(changes.filter { $0.value == nil }.keys)
        #expect(SourceRules.missingPapers(of: "P") { gone.contains($0) ? nil : papers[$0] }.count == expected)
    }

    @Test(arguments: [("no example", 1), ("see Snippets/Gone.swift", 1), ("see Snippets/There.swift.", 0)])
    func missingSnippetIsFound(readme: String, expected: Int) {
        let found = SourceRules.missingSnippets(of: "P", readme: readme) { $0 == "Snippets/There.swift" }
        #expect(found.count == expected)
    }
}
