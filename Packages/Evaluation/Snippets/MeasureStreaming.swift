// Measures how fast a policy is trained on a set that is larger than the memory for its images, beside the same with all
// of them in memory.
//
//     swift run -c release --package-path Packages/Evaluation MeasureStreaming <folder> [set GB] [memory GB] [updates]
//
// Makes the set, and the cache of its frames, in the folder where they are missing: twice the set's size.

import Foundation
import ImageProcessing
import LiberoData
import LiberoTasks
import RobotInterface
import TensorCore
import VLAPolicy

let arguments = CommandLine.arguments.dropFirst().map { $0 }
guard let folder = arguments.first.map({ URL(fileURLWithPath: $0) }) else {
    print("usage: MeasureStreaming <folder> [set GB] [memory GB] [updates]")
    exit(64)
}
let numbers = arguments.dropFirst().compactMap { Double($0) }
let setSize = numbers.count > 0 ? numbers[0] : 5
let memorySize = numbers.count > 1 ? numbers[1] : 1
let updateCount = numbers.count > 2 ? Int(numbers[2]) : 100
let side = 128

/// Episodes of 150 frames of two cameras: as many as the size needs.
func makeSet(at folder: URL) throws {
    let camera = CameraDescription(width: side, height: side, orientation: .raw, renderProfile: "noise")
    let recorder = try EpisodeRecorder(
        at: folder, description: DatasetDescription(cameras: [.agentView: camera, .wrist: camera]))
    let (length, bytes) = (150, 2 * side * side * 3)
    let count = Int((setSize * 1e9 / Double(length * bytes)).rounded(.up))
    var generator = PhiloxGenerator(seed: 1)
    for number in 0..<count {
        var episode = recorder.episode(of: LiberoTask(suite: "noise", name: "task_\(number % 10)"))
        for step in 0..<length {
            func image() -> RGBImage {
                let word = UInt64.random(in: 0...(.max), using: &generator)
                let pixels = (0..<side * side * 3).map { UInt8(truncatingIfNeeded: word &>> UInt64($0 % 57)) }
                return RGBImage(width: side, height: side, pixels: pixels)
            }
            let t = Double(step) / Double(length)
            try episode.append(
                RecordedFrame(
                    images: [.agentView: image(), .wrist: image()],
                    state: RobotState(
                        endEffectorPosition: [t, Double(number % 7) / 10, 1],
                        endEffectorOrientation: .axisAngle([3, 0, t]),
                        fingerPositions: [0.04 * t, -0.04 * t], jointPositions: Array(repeating: t, count: 7)),
                    action: [t, -t, 0.5 * t, 0, 0.1, 0, step < 100 ? -1 : 1]))
        }
        try episode.finish(succeeded: true)
        print("\rset: \(number + 1) of \(count) episodes", terminator: "")
    }
    try recorder.close()
    print("")
}

let set = folder.appendingPathComponent("set")
if !FileManager.default.fileExists(atPath: set.path) { try makeSet(at: set) }
let demonstrations = try LiberoDemonstrations(at: [set], frameCache: folder.appendingPathComponent("frames")) {
    print("\rcache: \($0) of \($1) episodes", terminator: "")
}
print("")
let recipe = {
    var recipe = PolicyRecipe()
    (recipe.data.split, recipe.training.stepCount) = (DemonstrationSplit(validationShare: 0), updateCount)
    return recipe
}()
let assembly = try PolicyAssembly(recipe, demonstrations)

/// Examples a second of so many updates, after as many images as fit were read.
func speed(memory: Int) throws -> Double {
    let data = PreparedDataset(
        assembly.trainingExamples, observationPipeline: assembly.observationPipeline,
        actionPipeline: assembly.actionPipeline, tokenizer: assembly.tokenizer, imageMemory: memory)
    try data.prepareAll()
    let nothing = PreparedDataset(
        PolicyExamples([]), observationPipeline: assembly.observationPipeline,
        actionPipeline: assembly.actionPipeline, tokenizer: assembly.tokenizer)
    let trainer = try PolicyTrainer<RegressionModel>(recipe.training, training: data, validation: nothing)
    var generator = PhiloxGenerator(seed: 1)
    let model = RegressionModel(
        try RegressionModel.configuration(
            for: recipe, sizes: assembly.sizes(), actions: assembly.actionPipeline), using: &generator)
    let start = ContinuousClock.now
    _ = try trainer.run(model)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let rate = Double(updateCount * recipe.training.batchSize) / seconds
    print(
        String(
            format: "%.2f of %.2f GB in memory: %.1f examples/s", Double(data.keptImageByteCount) / 1e9,
            Double(data.imageByteCount) / 1e9, rate))
    return rate
}

// in turn, so that what else the machine does weighs on both
var (whole, streamed): ([Double], [Double]) = ([], [])
for _ in 0..<3 {
    whole.append(try speed(memory: .max))
    streamed.append(try speed(memory: Int(memorySize * 1e9)))
}
let ratio = streamed.sorted()[1] / whole.sorted()[1]
print(
    String(
        format: "streamed %.1f, in memory %.1f examples/s (medians): %.3f", streamed.sorted()[1], whole.sorted()[1],
        ratio))
