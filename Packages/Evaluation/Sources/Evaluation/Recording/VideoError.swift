/// A film cannot be written.
public enum VideoError: Error, Equatable, CustomStringConvertible {
    /// The program `ffmpeg` gave up; `message` is what it said.
    case encoderFailed(path: String, message: String)
    /// MP4 was asked for and there is no program `ffmpeg`.
    case noEncoder
    /// An image of another size than the first.
    case sizeChanged(found: String, expected: String)
    /// Finished before the first image.
    case noFrames(path: String)

    public var description: String {
        switch self {
        case .encoderFailed(let path, let message):
            "ffmpeg could not write \(path): \(message.isEmpty ? "it gave no reason" : message)"
        case .noEncoder:
            "MP4 needs the program 'ffmpeg' on the PATH ('apt-get install ffmpeg'); without it films are animated PNG."
        case .sizeChanged(let found, let expected):
            "An image of \(found) in a film of \(expected)."
        case .noFrames(let path):
            "\(path) would be a film without images."
        }
    }
}
