import RobotInterface
import Dispatch
import ImageProcessing

/// Writes episodes in one of the forms; what was committed survives the end of the process.
protocol EpisodeWriter: AnyObject {
    /// How the images of the form lie.
    var description: DatasetDescription { get }
    /// Episodes that are committed: a writer on a folder that has some goes on behind them.
    var committedCount: Int { get }

    /// Takes the next episode, its images lying as `description` says.
    func append(_ record: EpisodeRecord) throws

    /// Commits what is left and completes the set.
    func finish() throws
}

extension EpisodeRecord {
    /// With the images turned and stored in another way, several at a time.
    ///
    /// An image that lies and is stored as wanted already passes as it is.
    func converted(
        from source: DatasetDescription, to target: DatasetDescription, as form: ImageForm
    ) throws -> EpisodeRecord {
        var result = self
        for (camera, frames) in images {
            guard let from = source.cameras[camera]?.orientation, let to = target.cameras[camera]?.orientation else {
                continue
            }
            result.images[camera] = try concurrentMap(frames) { image in
                if from == to, form.matches(image) { return image }
                return form.encode(try image.image().turned(from: from, to: to))
            }
        }
        return result
    }
}

/// How a form of data set stores images.
enum ImageForm: Sendable {
    case pixels, png, jpeg

    func matches(_ image: StoredImage) -> Bool {
        switch (self, image) {
        case (.pixels, .pixels), (.png, .png), (.jpeg, .jpeg): true
        default: false
        }
    }

    func encode(_ image: RGBImage) -> StoredImage {
        switch self {
        case .pixels: .pixels(image)
        case .png: .png(PNG.encode(image))
        case .jpeg: .jpeg(JPEG.encode(image))
        }
    }
}

/// The results in order, computed on several threads; the first error in order is thrown.
func concurrentMap<Element: Sendable, Result: Sendable>(
    _ elements: [Element], _ body: @Sendable (Element) throws -> Result
) throws -> [Result] {
    guard elements.count > 1 else { return try elements.map(body) }
    let results = [Swift.Result<Result, any Error>?](unsafeUninitializedCapacity: elements.count) { buffer, count in
        buffer.initialize(repeating: nil)
        count = elements.count
        nonisolated(unsafe) let slots = buffer
        // each iteration writes a slot of its own
        DispatchQueue.concurrentPerform(iterations: elements.count) { index in
            slots[index] = Swift.Result { try body(elements[index]) }
        }
    }
    return try results.map { try $0!.get() }
}
