// swift-tools-version: 6.2
import PackageDescription

// A package as a user of TensorCore writes it; Scripts/check-foreign builds it outside of the repository.

let repository: Package.Dependency =
    if let url = Context.environment["VLA_URL"] {
        .package(url: url, from: "0.1.0")
    } else {
        .package(name: "vla", path: Context.environment["VLA_PATH"] ?? "../..")
    }

let package = Package(
    name: "Foreign",
    dependencies: [repository],
    targets: [.executableTarget(name: "Foreign", dependencies: [.product(name: "TensorCore", package: "vla")])],
    swiftLanguageModes: [.v6]
)
