import FileSupport
public import Foundation
import ImageProcessing
public import RobotInterface

/// Films an episode: the cameras side by side, as a person sees them, and a contact sheet beside the film.
///
/// Below the images a bar grows with the steps; in the last frames it is green after success and red otherwise. Looking
/// changes nothing of the episode. Images are made at the end, of what is kept; each costs many times a step's physics.
public struct EpisodeFilm: EpisodeWatcher {
    /// What is filmed and kept.
    public struct Settings: Hashable, Codable, Sendable {
        /// Which films are kept.
        public enum Choice: String, CaseIterable, Codable, Sendable {
            case all, failures, successes
        }

        public var choice: Choice
        /// Whether a film is made; otherwise only the contact sheet.
        public var hasFilm: Bool
        /// The cameras, from left to right; nil for all, by name.
        public var cameras: [CameraName]?
        /// Every how many steps an image is made.
        public var stride: Int
        /// How fast it plays; at 20 / stride as fast as it was.
        public var framesPerSecond: Int
        /// nil for MP4 where there is `ffmpeg`, else animated PNG.
        public var format: VideoFormat?
        /// Images on the contact sheet; 0 for none.
        public var contactSheetCount: Int

        public init(
            choice: Choice = .all, hasFilm: Bool = true, cameras: [CameraName]? = nil, stride: Int = 1,
            framesPerSecond: Int = 20, format: VideoFormat? = nil, contactSheetCount: Int = 12
        ) {
            self.choice = choice
            self.hasFilm = hasFilm
            self.cameras = cameras
            self.stride = stride
            self.framesPerSecond = framesPerSecond
            self.format = format
            self.contactSheetCount = contactSheetCount
        }
    }

    /// Where films lie in an evaluation's folder.
    public static let folderName = "videos"

    private let settings: Settings
    private let name: String
    private let folder: URL
    private let stepLimit: Int
    private var moments: [(cameras: [CameraName: CameraFrame], stepCount: Int)] = []

    /// - Parameters:
    ///   - episode: Names the file.
    ///   - settings: Which films are kept, their cameras and speed.
    ///   - rules: Say how long an episode can be.
    ///   - folder: The evaluation's folder.
    public init(_ episode: PlannedEpisode, settings: Settings = Settings(), rules: EvaluationRules, folder: URL) {
        precondition(settings.stride > 0, "EpisodeFilm: an image every \(settings.stride) steps")
        self.settings = settings
        self.folder = folder
        name = SuiteEvaluator.fileName(of: episode)
        stepLimit = rules.settlingStepCount + rules.stepLimit
    }

    public mutating func watch(_ moment: EpisodeMoment) {
        guard moment.stepCount % settings.stride == 0 else { return }
        moments.append((moment.observation.cameras, moment.stepCount))
    }

    /// Writes film and contact sheet. They are for people: what cannot be written is left out with a warning, and the
    /// evaluation goes on.
    ///
    /// - Throws: What the cameras throw: `ObservationError` for one that does not exist, the renderer's error.
    public mutating func finish(_ record: RolloutRecord) throws -> EpisodeImages {
        defer { moments = [] }
        do { return try write(record) } catch let error
            where error is VideoError || error is SerializationError || error is CocoaError
        {
            Self.warn("the images of \(name) are left out: \(error)")
            return EpisodeImages()
        }
    }

    private static func warn(_ text: String) {
        FileHandle.standardError.write(Data(("warning: " + text.printable() + "\n").utf8))
    }

    private func write(_ record: RolloutRecord) throws -> EpisodeImages {
        var files = EpisodeImages()
        switch settings.choice {
        case .failures where record.isSuccess, .successes where !record.isSuccess: return files
        default: break
        }
        guard let last = moments.last else { return files }
        let videos = folder.appendingPathComponent(Self.folderName)
        try FileManager.default.createDirectory(at: videos, withIntermediateDirectories: true)

        // the end stays for a second
        let end = barred(
            try image(of: last.cameras, at: last.stepCount), fraction: 1,
            color: record.isSuccess ? SIMD3(40, 167, 69) : SIMD3(214, 57, 57))
        if settings.hasFilm {
            func film(_ format: VideoFormat?) throws -> String {
                let film = VideoWriter(
                    to: videos.appendingPathComponent(name), framesPerSecond: settings.framesPerSecond,
                    format: format)
                for moment in moments { try film.append(image(of: moment.cameras, at: moment.stepCount)) }
                for _ in 0..<settings.framesPerSecond { try film.append(end) }
                try film.finish()
                return "\(Self.folderName)/\(film.url.lastPathComponent)"
            }
            do { files.video = try film(settings.format) } catch let error as VideoError {
                Self.warn("the film of \(name) is left out: \(error)")
            }
        }
        if settings.contactSheetCount > 0 {
            let places = ContactSheet.places(settings.contactSheetCount, of: moments.count)
            let images = try places.dropLast().map { try image(of: moments[$0].cameras, at: moments[$0].stepCount) }
            try ContactSheet().image(of: images + [end]).write(to: videos.appendingPathComponent("\(name).jpg"))
            files.contactSheet = "\(Self.folderName)/\(name).jpg"
        }
        return files
    }

    // MARK: - Images

    /// Pixels of the bar.
    private static let barHeight = 4

    private func image(of frames: [CameraName: CameraFrame], at stepCount: Int) throws -> RGBImage {
        let cameras = settings.cameras ?? frames.keys.sorted()
        let images = try cameras.map { name in
            guard let frame = frames[name] else {
                throw ObservationError.missingCamera(name, found: Array(frames.keys))
            }
            return try frame.image().turned(from: frame.description.orientation, to: .upright)
        }
        guard let height = images.map(\.height).max() else {
            return RGBImage(width: 2, height: Self.barHeight)
        }
        var image = RGBImage(width: images.reduce(0) { $0 + $1.width }, height: height + Self.barHeight)
        var x = 0
        for part in images {
            image.draw(part, x: x, y: 0)
            x += part.width
        }
        let fraction = Double(stepCount) / Double(max(stepLimit, 1))
        return barred(image, fraction: fraction, color: SIMD3(90, 140, 200))
    }

    /// The image with its bar filled up to a fraction of the width.
    private func barred(_ image: RGBImage, fraction: Double, color: SIMD3<UInt8>) -> RGBImage {
        var image = image
        let width = min(image.width, Int((Double(image.width) * fraction).rounded()))
        if width > 0 {
            image.draw(
                RGBImage(width: width, height: Self.barHeight, color: color), x: 0,
                y: image.height - Self.barHeight)
        }
        return image
    }
}
