/// What is wrong in a data set, by where it is.
public struct ValidationReport: Sendable {
    /// Episodes that cannot be used.
    public private(set) var episodes: [Int: LiberoDataError] = [:]
    /// Frames of others that cannot be used.
    public private(set) var frames: [Int: Set<Int>] = [:]
    /// Everything that was found, in order.
    public private(set) var errors: [LiberoDataError] = []
    public var warnings: [DatasetWarning] = []
    /// Episodes and frames looked at.
    public internal(set) var episodeCount = 0
    public internal(set) var frameCount = 0

    public init() {}

    public var isClean: Bool { errors.isEmpty }

    /// Notes what is wrong.
    ///
    /// - Parameters:
    ///   - error: What is wrong; its place says the frame.
    ///   - episode: The episode's index.
    ///   - isWhole: Whether the episode cannot be used although one frame is to blame: a number that is not finite is
    ///     in the chunks of the frames before it, too.
    public mutating func add(_ error: LiberoDataError, episode: Int, isWhole: Bool = false) {
        errors.append(error)
        if error.level == .frame, !isWhole, let frame = error.frame {
            frames[episode, default: []].insert(frame)
        } else {
            episodes[episode] = error
        }
    }
}

extension LiberoDataset {
    /// Reads every episode, with its images if asked, and collects what is wrong instead of stopping at it.
    ///
    /// - Parameters:
    ///   - decodingImages: Whether every image is decoded too.
    ///   - chosen: All by default.
    ///   - progress: Called after each episode with how many are done; throwing ends the reading.
    public func validate(
        decodingImages: Bool = true, episodes chosen: [Int]? = nil, progress: (Int) throws -> Void = { _ in }
    ) throws -> ValidationReport {
        var report = ValidationReport()
        report.warnings = warnings
        for (done, index) in (chosen ?? Array(episodes.indices)).enumerated() {
            do {
                let episode = try self.episode(index)
                if decodingImages { add(framesOf: episode, to: &report) }
                report.episodeCount += 1
                report.frameCount += episode.length
            } catch let error as LiberoDataError {
                report.add(error, episode: index, isWhole: true)
            }
            try progress(done + 1)
        }
        return report
    }

    private func add(framesOf episode: LiberoEpisode, to report: inout ValidationReport) {
        for frame in 0..<episode.length {
            for camera in episode.cameras {
                do {
                    _ = try episode.image(of: camera, at: frame)
                } catch let error as LiberoDataError {
                    report.add(error, episode: episode.info.index)
                } catch {
                    report.add(
                        LiberoDataError(
                            error, level: .frame, file: episode.info.file, episode: episode.info.index, frame: frame),
                        episode: episode.info.index)
                }
            }
        }
    }
}
