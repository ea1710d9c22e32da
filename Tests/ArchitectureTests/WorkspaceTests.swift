import Foundation
import Testing

/// The rules, applied to this checkout.
@Suite struct WorkspaceTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace.current.get() }

    /// Where the C libraries are named; a new system library gets its line here.
    let systemLibraryPlaces = [
        "COpenBLAS": "TensorCore", "CZlib": "FileSupport", "CMPI": "TensorTraining", "CMuJoCo": "LiberoSimulation",
        "CPNG": "CImageKernels", "CJPEG": "CImageKernels", "CDeflate": "CImageKernels",
        "CHDF5": "HDF5", "CSnappy": "Parquet", "CZstd": "Parquet",
        "CFFmpeg": "LiberoData",
    ]

    @Test func packagesAreTheKnownLayers() {
        #expect(workspace.packageFolders == Layers.workspace.names.sorted())
        #expect(workspace.layers.map(\.name) == Layers.workspace.names)
        #expect(workspace.files.count > 50, "the sources were not found")
    }

    @Test func manifestsAgree() {
        let found = workspace.layers.flatMap { ManifestRules.disagreements(root: workspace.manifest, layer: $0) }
        #expect(found == [])
        let traits = Set(workspace.layers.flatMap(\.traits.keys))
        #expect(Set(workspace.manifest.traits.keys) == traits)
        #expect(workspace.manifest.defaultTraits == [])
        #expect(traits == ["MPI", "Video", "MuJoCo"])
    }

    @Test func everyLibraryIsAProduct() {
        #expect((workspace.layers + [workspace.manifest]).flatMap(ManifestRules.missingProducts) == [])
    }

    @Test func dependenciesPointDownward() {
        let layerOfProduct = Dictionary(
            workspace.layers.flatMap { layer in layer.products.map { ($0.name, layer.name) } }
        ) { first, _ in first }
        let found = workspace.layers.flatMap {
            ManifestRules.upwardDependencies(
                $0, layers: .workspace, layerOfProduct: layerOfProduct,
                external: [
                    "Yams", "SwiftProtobuf", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOWebSocket", "NIOEmbedded",
                    "Logging",
                    "Metrics", "ServiceLifecycle",
                ])
        }
        #expect(found == [])
    }

    @Test func traitsArePassedOn() {
        let traits = Dictionary(
            uniqueKeysWithValues: workspace.layers.map { ($0.name.lowercased(), Set($0.traits.keys)) })
        #expect(workspace.layers.flatMap { ManifestRules.lostTraits($0, traitsOfPackage: traits) } == [])
    }

    @Test func nothingNeedsUnsafeFlags() {
        #expect((workspace.layers + [workspace.manifest]).flatMap(ManifestRules.unsafeFlags) == [])
    }

    @Test func importsAreDeclared() {
        #expect(SourceRules.undeclaredImports(in: workspace.files, root: workspace.manifest) == [])
    }

    @Test func importsPointDownward() {
        let found = SourceRules.upwardImports(
            in: workspace.files, layers: .workspace, layerOfModule: workspace.layerOfModule)
        #expect(found == [])
    }

    @Test func systemLibrariesStayInTheirPlace() {
        let declared = workspace.manifest.targets.filter { $0.type == "system" }.map(\.name)
        #expect(Set(declared) == Set(systemLibraryPlaces.keys))
        let found = SourceRules.misplacedSystemLibraries(
            in: workspace.files, places: systemLibraryPlaces, headers: workspace.headersOfSystemLibraries)
        #expect(found == [])
    }

    @Test(arguments: Layers.workspace.names)
    func packageHasItsPapers(layer: String) throws {
        #expect(SourceRules.missingPapers(of: layer) { workspace.read($0, of: layer) } == [])
        let readme = try #require(workspace.read("README.md", of: layer))
        let missing = SourceRules.missingSnippets(of: layer, readme: readme) { workspace.read($0, of: layer) != nil }
        #expect(missing == [])
    }

    /// `vla info` tells the versions the packages have.
    @Test(arguments: Layers.workspace.names)
    func commandKnowsTheVersion(layer: String) throws {
        let table = try #require(workspace.files.first { $0.path == "Sources/vla/Versions.swift" })
        let version = try #require(workspace.read("VERSION", of: layer)).trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(table.text.contains("\"\(layer)\": \"\(version)\""))
    }
}
