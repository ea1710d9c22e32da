import Foundation
import LiberoData
import LiberoTasks

for task in LiberoSuite.spatial.tasks { print(task.instruction) }
for path in CommandLine.arguments.dropFirst() {
    let dataset = try LiberoDataset(at: URL(fileURLWithPath: path))  // HDF5, LeRobot or RLDS; reads metadata only
    let episode = try dataset.episode(0)
    print("\(dataset.episodes.count) episodes, the first of \(episode.length) frames")
    print(episode.actionChunk(at: 0, horizon: 8))  // [8, 7] in the units of dataset.description.actionSpace
}
