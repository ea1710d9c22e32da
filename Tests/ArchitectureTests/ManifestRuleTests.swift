import Foundation
import Testing

/// Each rule over manifests finds its bad example and passes the good one.
@Suite struct ManifestRuleTests {
    /// Two targets in a layer, and the root that mirrors them.
    let layer = Manifest(
        name: "Kinematics",
        products: [.init(name: "Kinematics", kind: "library", targets: ["Kinematics"])],
        targets: [
            .init(name: "Kinematics", type: "regular", settings: ["settings: m"]),
            .init(name: "KinematicsTests", type: "test", dependencies: [.init(name: "Kinematics")]),
        ],
        packages: [.init(identity: "tensorcore", isLocal: true, traits: ["MPI": ["MPI"]])],
        traits: ["MPI": "Builds with MPI."])

    var root: Manifest {
        var root = layer
        root.name = "vla"
        root.targets[0].path = "Packages/Kinematics/Sources/Kinematics"
        root.targets[1].path = "Packages/Kinematics/Tests/KinematicsTests"
        return root
    }

    let layers = Layers(rows: [["TensorCore"], ["LiberoData", "Kinematics"], ["Evaluation"]])

    @Test func equalManifestsAgree() {
        #expect(ManifestRules.disagreements(root: root, layer: layer) == [])
    }

    /// Every way in which the root can differ from the layer.
    static let changes: [(String, @Sendable (inout Manifest) -> Void)] = [
        ("target missing", { $0.targets.removeLast() }),
        ("other path", { $0.targets[0].path = "Packages/Kinematics/Sources/Other" }),
        ("default path", { $0.targets[0].path = nil }),
        ("other type", { $0.targets[0].type = "executable" }),
        ("dependency missing", { $0.targets[1].dependencies = [] }),
        ("dependency added", { $0.targets[0].dependencies = [.init(name: "TensorCore")] }),
        ("dependency made conditional", { $0.targets[1].dependencies = [.init(name: "Kinematics", condition: "MPI")] }),
        ("setting missing", { $0.targets[0].settings = [] }),
        (
            "target added",
            {
                $0.targets.append(
                    .init(name: "Grasping", type: "regular", path: "Packages/Kinematics/Sources/Grasping"))
            }
        ),
        ("product missing", { $0.products = [] }),
        ("product of other kind", { $0.products[0].kind = "executable" }),
        ("trait missing", { $0.traits = [:] }),
        ("trait described otherwise", { $0.traits["MPI"] = "" }),
    ]

    @Test(arguments: changes.indices)
    func changedRootDisagrees(change: Int) {
        var root = root
        Self.changes[change].1(&root)
        #expect(ManifestRules.disagreements(root: root, layer: layer).count == 1, "\(Self.changes[change].0)")
    }

    @Test func libraryWithoutProductIsFound() {
        var manifest = layer
        #expect(ManifestRules.missingProducts(manifest) == [])
        manifest.targets.append(.init(name: "Grasping", type: "regular"))
        #expect(ManifestRules.missingProducts(manifest).count == 1)
        // a product that holds something else does not count
        manifest.products.append(.init(name: "Grasping", kind: "library", targets: ["Kinematics"]))
        #expect(ManifestRules.missingProducts(manifest).count == 1)
    }

    @Test(arguments: [("TensorCore", 0), ("LiberoData", 1), ("Evaluation", 1), ("Nowhere", 1)])
    func productDependencyPointsDownward(layerOfProduct: String, expected: Int) {
        var manifest = layer
        manifest.targets[0].dependencies = [.init(name: "Some")]
        let found = ManifestRules.upwardDependencies(
            manifest, layers: layers, layerOfProduct: layerOfProduct == "Nowhere" ? [:] : ["Some": layerOfProduct])
        #expect(found.count == expected)
    }

    @Test func targetDependencyPointsUpInTheList() {
        var manifest = layer
        manifest.targets.swapAt(0, 1)
        #expect(ManifestRules.upwardDependencies(manifest, layers: layers, layerOfProduct: [:]).count == 1)
    }

    @Test(arguments: [
        ("tensorcore", true, 0), ("liberodata", true, 1), ("evaluation", true, 1), ("yams", false, 0),
        ("other", true, 1),
    ])
    func packageDependencyPointsDownward(identity: String, isLocal: Bool, expected: Int) {
        var manifest = layer
        manifest.packages = [.init(identity: identity, isLocal: isLocal)]
        #expect(ManifestRules.upwardDependencies(manifest, layers: layers, layerOfProduct: [:]).count == expected)
    }

    @Test func lostTraitIsFound() {
        let below = ["tensorcore": Set(["MPI"])]
        #expect(ManifestRules.lostTraits(layer, traitsOfPackage: below) == [])

        var forgotten = layer
        forgotten.packages[0].traits = [:]
        #expect(ManifestRules.lostTraits(forgotten, traitsOfPackage: below).count == 1)

        var undeclared = layer
        undeclared.traits = [:]
        #expect(ManifestRules.lostTraits(undeclared, traitsOfPackage: below).count == 1)

        var always = layer
        always.packages[0].traits = ["MPI": []]
        #expect(ManifestRules.lostTraits(always, traitsOfPackage: below).count == 1)

        var byDefault = layer
        byDefault.defaultTraits = ["MPI"]
        #expect(ManifestRules.lostTraits(byDefault, traitsOfPackage: below).count == 1)
    }

    /// The words SwiftPM itself writes.
    @Test func dumpIsReadWithItsUnsafeFlags() throws {
        let dump = """
            {"name": "P", "dependencies": [{"fileSystem": [{"identity": "tensorcore", "path": "/x",
               "traits": [{"name": "MPI", "condition": {"traits": ["MPI"]}}]}]}],
             "products": [{"name": "P", "targets": ["P"], "type": {"library": ["automatic"]}}],
             "targets": [{"name": "P", "type": "regular", "path": "Sources/P", "resources": [], "exclude": [],
               "dependencies": [{"byName": ["A", null]}, {"product": ["B", "Package", null, {"traits": ["MPI"]}]},
                                {"target": ["C", {"platformNames": ["linux"]}]}],
               "settings": [{"kind": {"unsafeFlags": {"_0": ["-O3"]}}, "tool": "c"}]}],
             "traits": [{"name": "default", "enabledTraits": ["MPI"]}, {"name": "MPI", "description": "d", "enabledTraits": []}]}
            """
        let manifest = try Manifest(dump: Data(dump.utf8))
        #expect(manifest.products == [.init(name: "P", kind: "library", targets: ["P"])])
        #expect(manifest.packages == [.init(identity: "tensorcore", isLocal: true, traits: ["MPI": ["MPI"]])])
        #expect(manifest.traits == ["MPI": "d"])
        #expect(manifest.defaultTraits == ["MPI"])
        #expect(manifest.targets[0].path == "Sources/P")
        #expect(
            manifest.targets[0].dependencies == [
                .init(name: "A"), .init(name: "B", condition: #"{"traits":["MPI"]}"#),
                .init(name: "C", condition: #"{"platformNames":["linux"]}"#),
            ])
        #expect(ManifestRules.unsafeFlags(manifest).count == 1)
        #expect(ManifestRules.unsafeFlags(layer) == [])
    }
}
