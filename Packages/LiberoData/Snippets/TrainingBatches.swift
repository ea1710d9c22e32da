// Gives a training its batches: the training part of a split, shuffled, images decoded ahead on threads.
//
//     swift run --package-path Packages/LiberoData TrainingBatches <folder>
import Foundation
import LiberoData

guard CommandLine.arguments.count == 2 else {
    print("usage: TrainingBatches <folder>")
    exit(64)
}
let dataset = try LiberoDataset(at: URL(fileURLWithPath: CommandLine.arguments[1]))
let split = EpisodeSplit.scikitLearn(Array(dataset.episodes.indices))
let sampler = ChunkSampler(
    dataset, episodes: split.training, window: ActionWindow(horizon: 8), weights: .uniformOverTasks)
let order = SampleOrder(sampler, rule: .weighted, seed: 1)
let loader = BatchLoader(order, form: BatchForm(dataset.description), batchSize: 8)
while let batch = try loader.next() {
    // loader.position is all there is to save
    print("images \(batch.images.shape), actions \(batch.actions.shape), tasks \(batch.taskIndices)")
}
print(
    "\(Int(loader.imagesPerSecond)) images a second; the reader waited \(Int(100 * loader.waitShare)) % of the time"
)
