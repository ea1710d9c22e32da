import Foundation
import ImageProcessing

/// Images of the video files of a set; the files used last stay open.
///
/// `@unchecked Sendable`: all state is behind the lock.
final class VideoCache: @unchecked Sendable {
    private let root: URL
    private let lock = NSLock()
    #if Video
        private var files: [(path: String, file: VideoFile)] = []
    #endif

    init(root: URL) { self.root = root }

    /// The image shown at a time, seconds from the file's beginning.
    ///
    /// - Throws: ``LiberoDataError``: without the trait `Video` one that names codec and file.
    func image(_ path: String, at time: Double, codec: String) throws -> RGBImage {
        #if Video
            try file(path).image(at: time)
        #else
            throw LiberoDataError(
                .unsupported, level: .frame, file: path,
                "the images are \(codec) video, which this build does not decode",
                advice: "Build with `--traits Video`, or convert the set to its image form where that is done.")
        #endif
    }

    #if Video
        private func file(_ path: String) throws -> VideoFile {
            try lock.withLock {
                if let index = files.firstIndex(where: { $0.path == path }) {
                    files.append(files.remove(at: index))
                    return files[files.count - 1].file
                }
                let url = root.appendingPathComponent(path)
                guard FileManager.default.fileExists(atPath: url.path) else {
                    throw LiberoDataError(.cannotRead, level: .episode, file: path, "the video file does not exist")
                }
                let file = try VideoFile(at: url, name: path)
                files.append((path, file))
                if files.count > 16 { files.removeFirst() }
                return file
            }
        }
    #endif
}
