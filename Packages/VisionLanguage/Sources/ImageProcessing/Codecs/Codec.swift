import FileSupport
import CImageKernels
import TensorCore

/// What PNG and JPEG share: a reader in C that is opened, read and closed, and failures in words.
enum Codec {
    static func decode<Reader>(
        _ bytes: Span<UInt8>, name: String,
        open: (UnsafePointer<UInt8>?, Int, inout UInt32, inout UInt32, inout cik_failure) -> Reader?,
        read: (Reader, UnsafeMutablePointer<UInt8>, inout cik_failure) -> cik_status, close: (Reader) -> Void
    ) throws(SerializationError) -> RGBImage {
        let (width, height, pixels) = try decode(
            bytes, name: name, channelCount: 3, open: open, read: read, close: close)
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    static func decode<Reader>(
        _ bytes: Span<UInt8>, name: String, channelCount: Int,
        open: (UnsafePointer<UInt8>?, Int, inout UInt32, inout UInt32, inout cik_failure) -> Reader?,
        read: (Reader, UnsafeMutablePointer<UInt8>, inout cik_failure) -> cik_status, close: (Reader) -> Void
    ) throws(SerializationError) -> (width: Int, height: Int, pixels: [UInt8]) {
        var failure = cik_failure()
        let image = bytes.withUnsafeBufferPointer { bytes -> (Int, Int, [UInt8])? in
            var (width, height): (UInt32, UInt32) = (0, 0)
            guard let reader = open(bytes.baseAddress, bytes.count, &width, &height, &failure) else { return nil }
            defer { close(reader) }
            let pixels = [UInt8](unsafeUninitializedCapacity: Int(width) * Int(height) * channelCount) {
                target, count in
                if read(reader, target.baseAddress!, &failure) == cik_ok { count = target.count }
            }
            return pixels.isEmpty ? nil : (Int(width), Int(height), pixels)
        }
        guard let image else { throw error(failure, name) }
        return image
    }

    static func encode(_ write: (inout cik_bytes, inout cik_failure) -> cik_status) -> [UInt8] {
        var (bytes, failure) = (cik_bytes(), cik_failure())
        defer { cik_free_bytes(&bytes) }
        let status = write(&bytes, &failure)
        precondition(status == cik_ok, "an image could not be encoded: \(message(failure))")
        return Array(UnsafeBufferPointer(start: bytes.data, count: bytes.count))
    }

    static func error(_ failure: cik_failure, _ name: String) -> SerializationError {
        let (kind, advice): (SerializationError.Kind, String) =
            switch failure.status {
            case cik_wrong_format: (.wrongFormat, "PNG and JPEG files are read.")
            case cik_truncated: (.truncated, "Fetch or copy the file again.")
            case cik_unsupported: (.unsupported, "Convert it to a common form of the format.")
            case cik_limit: (.limitExceeded, "Raise ImageLimits.pixelCount if the file is to be trusted.")
            case cik_out_of_memory: (.limitExceeded, "There is not enough memory for it.")
            default: (.damaged, "Fetch or copy the file again.")
            }
        return SerializationError(kind, file: name, offset: failure.offset, message(failure), advice: advice)
    }

    private static func message(_ failure: cik_failure) -> String {
        withUnsafeBytes(of: failure.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
