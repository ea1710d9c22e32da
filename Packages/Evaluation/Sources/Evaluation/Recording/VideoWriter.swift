import FileSupport
public import Foundation
public import ImageProcessing
import TensorCore

/// How films are written.
public enum VideoFormat: String, CaseIterable, Codable, Sendable {
    /// H.264 by the program `ffmpeg`.
    case mp4
    /// Animated PNG: without loss and without another program, several times larger.
    case apng

    /// MP4 where there is `ffmpeg`, else animated PNG.
    public static var automatic: VideoFormat { FFmpeg.program == nil ? .apng : .mp4 }

    /// The ending of the files.
    public var fileExtension: String { self == .mp4 ? "mp4" : "png" }
}

/// Writes images of one size as a film; the file appears complete or not at all.
public final class VideoWriter {
    /// The file, with the format's ending.
    public let url: URL
    public let format: VideoFormat
    public let framesPerSecond: Int
    /// Images so far.
    public private(set) var frameCount = 0

    private let temporary: URL
    private var size: (width: Int, height: Int)?
    private var encoder: FFmpeg?
    private var film: AnimatedPNG?

    /// - Parameters:
    ///   - path: The file without its ending; its folder has to exist.
    ///   - framesPerSecond: 20 is LIBERO's control rate.
    ///   - format: nil for ``VideoFormat/automatic``.
    public init(to path: URL, framesPerSecond: Int = 20, format: VideoFormat? = nil) {
        self.format = format ?? .automatic
        self.framesPerSecond = framesPerSecond
        url = path.appendingPathExtension(self.format.fileExtension)
        let name = ".\(url.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier).tmp"
        temporary = url.deletingLastPathComponent().appendingPathComponent(name)
    }

    deinit { if encoder != nil { try? FileManager.default.removeItem(at: temporary) } }

    /// Appends an image, the top row first.
    ///
    /// - Throws: ``VideoError``.
    public func append(_ image: RGBImage) throws {
        if let size, size != (image.width, image.height) {
            throw VideoError.sizeChanged(
                found: "\(image.width) × \(image.height)", expected: "\(size.width) × \(size.height)")
        }
        if size == nil {
            size = (image.width, image.height)
            switch format {
            case .mp4:
                encoder = try FFmpeg(
                    width: image.width, height: image.height, framesPerSecond: framesPerSecond, to: temporary)
            case .apng:
                film = AnimatedPNG(width: image.width, height: image.height, framesPerSecond: framesPerSecond)
            }
        }
        try encoder?.write(image.pixels)
        film?.append(image)
        frameCount += 1
    }

    /// Completes the file.
    ///
    /// - Throws: ``VideoError``, and when the folder does not accept the file.
    public func finish() throws {
        guard frameCount > 0 else { throw VideoError.noFrames(path: url.path) }
        if let film { try AtomicFile.write(film.data(), to: url) }
        if let encoder {
            try encoder.finish()
            guard rename(temporary.path, url.path) == 0 else {
                throw VideoError.encoderFailed(path: url.path, message: String(cString: strerror(errno)))
            }
        }
        (encoder, film) = (nil, nil)
    }
}
