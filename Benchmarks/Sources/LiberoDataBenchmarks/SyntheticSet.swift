import RobotInterface
import Foundation
import ImageProcessing
import LiberoData
import LiberoTasks
import VLAPolicy

/// A set with as many episodes and frames as LIBERO's four suites have, and images of one pixel; made once.
func syntheticSet() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vla-benchmark-set-1693")
    let complete = folder.appendingPathComponent("complete")
    if FileManager.default.fileExists(atPath: complete.path) { return folder }
    try? FileManager.default.removeItem(at: folder)

    let pixel = CameraDescription(width: 1, height: 1, orientation: .raw, renderProfile: "none")
    let recorder = try EpisodeRecorder(
        at: folder, description: DatasetDescription(cameras: [.agentView: pixel, .wrist: pixel]))
    let tasks = [LiberoSuite.spatial, .object, .goal, .ten].flatMap(\.tasks)
    let (episodeCount, frameCount) = (1693, 273_465)
    let image = StoredImage.pixels(RGBImage(width: 1, height: 1))
    for number in 0..<episodeCount {
        let length = frameCount * (number + 1) / episodeCount - frameCount * number / episodeCount
        // numbers on the real grid: multiples of 3/1120
        let actions = (0..<length * 7).map { Double(($0 * 7919 + number * 104_729) % 701 - 350) * 3 / 1120 }
        let task = tasks[number % tasks.count]
        try recorder.record(
            EpisodeRecord(
                suite: task.suite, taskName: task.name, instruction: task.instruction,
                columns: [
                    ColumnName.action: NumberColumn(width: 7, values: actions),
                    ColumnName.state: NumberColumn(width: 8, values: (0..<length * 8).map { Double($0 % 997) / 997 }),
                ],
                images: [
                    .agentView: Array(repeating: image, count: length), .wrist: Array(repeating: image, count: length),
                ]))
    }
    try recorder.close()
    try Data().write(to: complete)
    return folder
}
