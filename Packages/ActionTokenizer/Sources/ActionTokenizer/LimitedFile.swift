import FileSupport
import Foundation

/// A small file read whole.
enum LimitedFile {
    /// Statistics and token maps take kilobytes; a larger file is none.
    static let sizeLimit = 64 << 20

    /// The content; nil when it is longer than ``sizeLimit``.
    ///
    /// - Throws: The system's error when the file cannot be read.
    static func content(of file: URL) throws -> Data? {
        let handle = try FileContent.handle(at: file)
        defer { try? handle.close() }
        let data = try handle.read(upToCount: sizeLimit + 1) ?? Data()
        return data.count > sizeLimit ? nil : data
    }
}
