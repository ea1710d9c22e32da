// Evaluates a policy beside random motions, in a world that needs no files.
//
//     swift run --traits MuJoCo Evaluate <output folder> [checkpoint]

import Evaluation
import Foundation
import LiberoEvaluation

let arguments = CommandLine.arguments.dropFirst()
let agent = arguments.dropFirst().first.map { AgentSetting.checkpoint($0) } ?? .expert

var request = EvaluationRequest([agent, .random], folder: URL(fileURLWithPath: arguments.first ?? "out"))
request.tasks = [0]
request.rules = { suiteStepLimit in
    var rules = EvaluationRules(.libero, suiteLimit: suiteStepLimit)
    rules.episodesPerTask = 2
    return rules
}

let evaluator = try LiberoEvaluator(request)
_ = try evaluator.run { print($0.text) }  // records; an interrupted evaluation goes on from here
print(try evaluator.finish().text)  // result.json, tables, report.html, comparison.json
