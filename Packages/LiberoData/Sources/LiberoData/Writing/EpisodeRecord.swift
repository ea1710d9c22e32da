public import RobotInterface
import ImageProcessing

/// A whole episode in memory, as writers take it.
public struct EpisodeRecord: Sendable {
    /// The suite it belongs to; empty for none.
    public var suite: String
    /// The task's name, from which HDF5 files are named.
    public var taskName: String
    public var instruction: String
    /// By the names of ``ColumnName`` and others; `action` and `state` have to be there.
    public var columns: [String: NumberColumn]
    /// One image per frame and camera.
    public var images: [CameraName: [StoredImage]]
    public var succeeded: Bool?
    /// What else is to be remembered, such as seeds; HDF5 keeps it as attributes of the demonstration.
    public var attributes: [String: String]
    /// The instruction of each frame where the task changes; empty otherwise.
    public var instructions: [String] = []
    /// Columns of text, for forms that have them.
    public var texts: [String: [String]] = [:]
    /// Images that are passed on as they are stored, such as depths.
    public var rawImages: [String: [RawImage]] = [:]

    public init(
        suite: String = "", taskName: String, instruction: String, columns: [String: NumberColumn],
        images: [CameraName: [StoredImage]], succeeded: Bool? = nil, attributes: [String: String] = [:]
    ) {
        (self.suite, self.taskName, self.instruction) = (suite, taskName, instruction)
        (self.columns, self.images, self.succeeded, self.attributes) = (columns, images, succeeded, attributes)
    }

    /// The instruction of a frame.
    func instruction(at frame: Int) -> String {
        instructions.indices.contains(frame) ? instructions[frame] : instruction
    }

    /// The number of each frame's task in a list of tasks, which grows by those that are new; and the episode's own tasks
    /// in order.
    func taskNumbers(in tasks: inout [String]) -> (numbers: [Int], tasks: [String]) {
        var own: [String] = []
        let numbers = (0..<length).map { frame in
            let text = instruction(at: frame)
            if !own.contains(text) { own.append(text) }
            if let known = tasks.firstIndex(of: text) { return known }
            tasks.append(text)
            return tasks.count - 1
        }
        return (numbers, own)
    }

    /// Frames.
    public var length: Int { columns[ColumnName.action]?.count ?? 0 }

    /// Checks that it is complete and fits the description.
    ///
    /// - Throws: ``LiberoDataError`` naming the column or camera.
    func check(against description: DatasetDescription, file: String) throws {
        func failure(_ kind: LiberoDataError.Kind, _ column: String, frame: Int? = nil, _ reason: String)
            -> LiberoDataError
        {
            LiberoDataError(kind, level: .episode, file: file, frame: frame, column: column, reason)
        }
        for (name, width) in [
            (ColumnName.action, description.actionSpace.dimensionCount),
            (ColumnName.state, description.stateLayout.count),
        ] {
            guard let column = columns[name] else { throw failure(.missing, name, "the episode has no such column") }
            guard column.width == width else { throw failure(.mismatch, name, "\(column.width) numbers, not \(width)") }
            if let frame = column.firstNotFinite { throw failure(.notFinite, name, frame: frame, "NaN or infinite") }
        }
        guard length > 0 else { throw failure(.missing, ColumnName.action, "the episode has no frame") }
        for (name, column) in columns where column.count != length {
            throw failure(.mismatch, name, "\(column.count) rows, \(length) actions")
        }
        for camera in Set(images.keys).union(description.cameras.keys).sorted() {
            guard let frames = images[camera], description.cameras[camera] != nil else {
                let reason = images[camera] == nil ? "images are missing" : "the description knows no such camera"
                throw failure(.mismatch, camera.rawValue, reason)
            }
            guard frames.count == length else {
                throw failure(.mismatch, camera.rawValue, "\(frames.count) images, \(length) actions")
            }
            let size = description.cameras[camera]!
            for (frame, stored) in frames.enumerated() {
                let image: RGBImage
                do {
                    image = try stored.image()
                } catch {
                    throw failure(
                        .undecodable, camera.rawValue, frame: frame, "the image cannot be decoded: \(error)")
                }
                guard image.width == size.width, image.height == size.height else {
                    throw failure(
                        .mismatch, camera.rawValue, frame: frame,
                        "the image is \(image.width) × \(image.height), not \(size.width) × \(size.height)")
                }
            }
        }
    }
}
