// A model family of your own, trained on demonstrations: a linear map from the robot's state to the next actions.
//
//     swift run OwnModelFamily <demonstrations> <checkpoint>

import Foundation
import LiberoData
import TensorCore
import TensorNN
import VLAPolicy

struct LinearModel: PolicyModel {
    struct Settings: SimpleSettings { var bias = true }  // the recipe's section "linear"
    static let family = PolicyFamily(rawValue: "linear")
    let configuration: SimpleConfiguration<Settings>
    var map: Linear

    init(_ setup: SimpleConfiguration<Settings>, using generator: inout some RandomNumberGenerator) {
        configuration = setup
        let outputSize = setup.sizes.horizon * setup.sizes.dimensionCount
        map = Linear(setup.sizes.stateSize, outputSize, bias: setup.settings.bias, using: &generator)
    }
    func loss(on batch: PolicyBatch, using _: inout PhiloxGenerator) -> PolicyLoss {
        let difference = map(batch.inputs.state!).reshaped(batch.targets.shape.sizes) - batch.targets
        return PolicyLoss(total: (difference.squared() * batch.stepWeights()).sum(), metrics: [:])
    }
    func predict<G: RandomNumberGenerator>(_ x: PolicyInputs, actions: ActionPipeline, using _: inout G) -> [[Float]] {
        (0..<x.count).map { map(x.row($0).state!).elements() }
    }
    mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws { try visitor.visit("map", &map) }
}

PolicyFamily.register(LinearModel.self)  // recipes, checkpoints, evaluation and the doctor know it from here on
let paths = CommandLine.arguments.dropFirst().map { URL(fileURLWithPath: $0) }
var recipe = PolicyRecipe(name: "mine", family: LinearModel.family)
(recipe.cameras, recipe.prompt, recipe.training.stepCount) = ([], nil, 200)
print(try PolicyTraining(recipe, on: LiberoDemonstrations(at: [paths[0]]), output: paths[1]).run())
print(try PolicyCheckpoint(at: paths[1]).policy().requirements)
