// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Evaluation",
    products: ["Evaluation"].map { .library(name: $0, targets: [$0]) },
    traits: [
        .trait(name: "MuJoCo", description: "Builds LiberoSimulation against an installed MuJoCo 3.")
    ],
    targets: [
        .target(name: "Evaluation"),
        .testTarget(name: "EvaluationTests", dependencies: ["Evaluation"]),
    ],
    swiftLanguageModes: [.v6]
)
