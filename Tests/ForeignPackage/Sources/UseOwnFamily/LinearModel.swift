import TensorCore
import TensorNN
import VLAPolicy

/// A family of this package: a linear map from the robot's state to a chunk of actions.
struct LinearModel: PolicyModel {
    /// The section `linear` of a recipe.
    struct Settings: Codable, Hashable, Sendable {
        var bias = true
    }

    struct Configuration: PolicyModelConfiguration {
        var sizes: PolicySizes
        var settings: Settings
        static var defaultSettings: [Settings] { [Settings()] }
        var outputSize: Int { sizes.horizon * sizes.dimensionCount }
        var leastParameterCount: Double { Double(sizes.stateSize * outputSize) }

        func validate() throws {
            if sizes.stateSize == 0 { throw LinearModelError.noState }
        }
    }

    static let family = PolicyFamily(rawValue: "linear")
    let configuration: Configuration
    private var map: Linear

    init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
        self.configuration = configuration
        map = Linear(
            configuration.sizes.stateSize, configuration.outputSize, bias: configuration.settings.bias,
            using: &generator)
    }

    /// The mean squared error of the actions before a demonstration's end.
    func loss(on batch: PolicyBatch, using generator: inout PhiloxGenerator) -> PolicyLoss {
        let predicted = map(batch.inputs.state!).reshaped(batch.targets.shape.sizes)
        let total = ((predicted - batch.targets).squared() * batch.stepWeights()).sum()
        return PolicyLoss(total: total, metrics: ["squaredError": total.detached.scalar])
    }

    func predict(
        _ inputs: PolicyInputs, actions: ActionPipeline, using generator: inout some RandomNumberGenerator
    ) throws -> [[Float]] {
        let values = map(inputs.state!).elements()
        let size = configuration.outputSize
        return (0..<inputs.count).map { Array(values[$0 * size..<($0 + 1) * size]) }
    }

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws { try visitor.visit("map", &map) }
}

enum LinearModelError: Error { case noState }
