// Lists the episodes of a data set and shows the first action of each.
//
//   swift run ReadDemonstrations <folder or file>
import Foundation
import LiberoData

let arguments = CommandLine.arguments.dropFirst()
guard let path = arguments.first else {
    print("usage: ReadDemonstrations <folder or file>")
    exit(64)
}
let dataset = try LiberoDataset(at: URL(fileURLWithPath: path))
print("\(dataset.format.rawValue): \(dataset.episodes.count) episodes, \(dataset.frameCount) frames")
for info in dataset.episodes {
    let episode = try dataset.episode(info.index)
    let chunk = episode.actionChunk(at: 0, horizon: 1)
    print("\(info.name): \(episode.length) frames, '\(info.instruction)', first action \(chunk[0])")
}
