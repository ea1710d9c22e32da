import Evaluation
import Foundation
import LiberoEvaluation
import VLAPolicy

// known from here on to recipes, checkpoints and evaluation
PolicyFamily.register(LinearModel.self)

let json = """
    {
      "name": "line", "family": "linear", "linear": {"bias": true}, "cameras": [],
      "state": {"parts": ["endEffectorPosition"]}, "action": {"horizon": 4, "gripper": "number"},
      "training": {"stepCount": 400, "learningRate": 0.02, "averageDecay": 0.9}
    }
    """
var recipe = try PolicyRecipe(json: Data(json.utf8), name: "line.json")
recipe.prompt = nil

let folder = FileManager.default.temporaryDirectory.appendingPathComponent("own-family-\(UUID().uuidString)")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: folder) }
let checkpoint = folder.appendingPathComponent("checkpoint")
print(try PolicyTraining(recipe, on: Line.demonstrations, output: checkpoint).run())

// read back by the library of `vla evaluate`, which knows the family by its name alone
let rules = EvaluationRules(episodesPerTask: 20, settlingStepCount: 0, stepLimit: 40, starts: .drawn)
for agent in [AgentSetting.checkpoint(checkpoint.path), .untrained(checkpoint.path)] {
    let identity = try agent.identity()
    let result = try evaluate(
        try agent.policy()!, named: identity.kind, rules: rules, folder: folder.appendingPathComponent(identity.kind)
    ) { Line() }
    print("\(identity.provenance["family"]!), \(identity.kind): \(result.successCount) of 20 episodes")
    guard result.successCount == (identity.kind == "checkpoint" ? 20 : 0) else { exit(1) }
}
