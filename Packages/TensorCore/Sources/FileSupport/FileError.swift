import Foundation

/// Foundation's error about a file, as a sentence that names it.
public struct FileError: Error, CustomStringConvertible {
    public let description: String

    /// `nil` for every other error.
    public init?(_ error: any Error) {
        guard let error = error as? CocoaError, let path = error.filePath ?? error.url?.path else { return nil }
        let reason =
            switch error.code {
            case .fileReadNoSuchFile, .fileNoSuchFile: "is not there"
            case .fileReadNoPermission, .fileWriteNoPermission: "may not be read or written by this user"
            case .fileWriteOutOfSpace: "cannot be written: no space left on the device"
            case .fileWriteFileExists: "is there already"
            case .fileReadCorruptFile: "is damaged"
            default: (error.underlying as? POSIXError)?.localizedDescription ?? error.localizedDescription
            }
        description = "\(path) \(reason)."
    }
}
