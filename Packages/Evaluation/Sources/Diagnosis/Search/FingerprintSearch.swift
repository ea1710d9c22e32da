import RobotInterface
import ImageProcessing
import VLAPolicy

/// Compares prepared images with those of the training, as they are and changed.
struct FingerprintSearch {
    let trained: [CameraName: ImageFingerprint]
    let trial: Trial

    /// What the images of all cameras look like under changes; nil where a change cannot be made.
    func distances(_ changes: [Alteration]) throws -> [CameraName: (distance: Double, own: ImageFingerprint)]? {
        var pipeline = trial.subject.checkpoint.observationPipeline
        for change in changes {
            guard let alter = change.pipeline else { continue }
            guard let changed = alter(pipeline) else { return nil }
            pipeline = changed
        }
        // words are of no interest
        let silent = try ObservationPipeline(cameras: pipeline.cameras, state: nil, prompt: nil)
        guard let prepared = try trial.prepare(changes.map(\.imagesOnly), silent) else { return nil }
        let present = prepared.compactMap { $0 }
        guard present.count * 2 >= prepared.count else { return nil }
        var result: [CameraName: (Double, ImageFingerprint)] = [:]
        for (place, camera) in pipeline.cameras.enumerated() {
            guard let own = trained[camera.name] else { continue }
            let images = present.map {
                RGBImage(width: camera.size.width, height: camera.size.height, pixels: $0.images[place])
            }
            result[camera.name] = (Double(own.distance(to: images)), ImageFingerprint(images))
        }
        return result
    }
}

extension Alteration {
    fileprivate var imagesOnly: Alteration {
        var result = self
        (result.promptIDs, result.pipeline) = (nil, nil)
        return result
    }
}
