import FileSupport
public import Foundation

extension RGBImage {
    /// Decodes a PNG or JPEG file's bytes, told apart by how they begin.
    ///
    /// - Throws: `SerializationError` that calls the file `name` and tells the byte.
    public init(
        decoding bytes: [UInt8], name: String, inverseTransform: JPEG.InverseTransform = .accurate,
        limits: ImageLimits = .default
    ) throws(SerializationError) {
        try self.init(decoding: bytes.span, name: name, inverseTransform: inverseTransform, limits: limits)
    }

    /// As for an array, for bytes that lie elsewhere, such as in a mapped file.
    public init(
        decoding bytes: Span<UInt8>, name: String, inverseTransform: JPEG.InverseTransform = .accurate,
        limits: ImageLimits = .default
    ) throws(SerializationError) {
        // JPEG begins with two bytes that no PNG begins with; anything else gets PNG's error
        if bytes.count >= 2 && bytes[0] == 0xFF && bytes[1] == 0xD8 {
            self = try JPEG.decode(bytes, name: name, inverseTransform: inverseTransform, limits: limits)
        } else if bytes.isEmpty {
            throw SerializationError(.truncated, file: name, offset: 0, "the file is empty")
        } else if bytes[0] == 0x89 {
            self = try PNG.decode(bytes, name: name, limits: limits)
        } else {
            throw SerializationError(
                .wrongFormat, file: name, offset: 0, "it begins neither as a PNG nor as a JPEG file",
                advice: "Convert it to one of them.")
        }
    }

    /// Reads a PNG or JPEG file.
    public init(
        at url: URL, inverseTransform: JPEG.InverseTransform = .accurate, limits: ImageLimits = .default
    ) throws {
        let file = try MappedFile(at: url)
        self = try file.withBytes { bytes in
            let bytes = bytes.bindMemory(to: UInt8.self)
            return try RGBImage(
                decoding: bytes.span, name: file.name, inverseTransform: inverseTransform, limits: limits)
        }
    }

    /// Writes a file, JPEG when the name ends in `.jpg` or `.jpeg`, else PNG; it appears complete or not at all.
    public func write(to url: URL, jpeg settings: JPEG.Settings = JPEG.Settings()) throws {
        let isJPEG = ["jpg", "jpeg"].contains(url.pathExtension.lowercased())
        try AtomicFile.write(isJPEG ? JPEG.encode(self, settings) : PNG.encode(self), to: url)
    }
}
