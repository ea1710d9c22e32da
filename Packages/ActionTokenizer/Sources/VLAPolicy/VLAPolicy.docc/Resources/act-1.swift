import Foundation
import VLAPolicy

let folder = URL(fileURLWithPath: CommandLine.arguments.dropFirst().first ?? "Checkpoints/libero-object")
let policy = try PolicyCheckpoint(at: folder).policy()
print(policy.requirements)
