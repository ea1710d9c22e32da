// Trains a policy on demonstrations.
//
//     swift run Train demonstrations Recipes/demo.json policy

import Foundation
import LiberoData
import VLAPolicy

let paths = CommandLine.arguments.dropFirst().map { URL(fileURLWithPath: $0) }
guard paths.count == 3 else {
    print("usage: Train <demonstrations> <recipe.json> <checkpoint>")
    exit(64)
}
let demonstrations = try LiberoDemonstrations(at: [paths[0]])  // HDF5, LeRobot or RLDS
var training = PolicyTraining(try PolicyRecipe(at: paths[1]), on: demonstrations, output: paths[2])
training.imageMemory = 4 << 30  // images that do not fit are read again in each pass

// an interrupted run continues where it ended
let result = try training.run { print($0) }
print("validation: \(result.metrics)")
