import RobotInterface
import FileSupport
public import Foundation
import ImageProcessing
import TensorCore

/// Every image of a data set in one file, decoded once: for training that reads them many times in random order.
///
/// An image of a Parquet file costs the expansion of its page and an inflation; here it is copied from the memory map.
/// `pixels` take width · height · 3 bytes each, 107 GB for LIBERO's 273,465 frames of two 256² cameras; `stored` keeps the
/// files' own PNG or JPEG bytes and saves the pages only. The pixels are the same either way.
///
///     file:   "VLAFRM01", the images, a table of 16 bytes for each, then: u64 place of the table, u64 count, "VLAFRM01"
///     entry:  u64 place, u32 byte count, u32 form: 0 none, 1 pixels, 2 PNG, 3 JPEG
///
/// Entries are ordered by episode, frame, camera name. Beside the file a manifest names the source's files with size,
/// modification time and SHA-256; when their content has changed the cache is made anew.
public struct FrameCache: Sendable {
    public enum Form: String, Codable, CaseIterable, Sendable {
        case pixels
        case stored
    }

    public let url: URL
    public let form: Form
    private let file: MappedFile
    private let table: Int
    private let offsets: [Int]
    private let cameras: [CameraName: CameraDescription]
    private let order: [CameraName: Int]
    private let inverseTransform: JPEG.InverseTransform

    private static let magic: [UInt8] = Array("VLAFRM01".utf8)
    private static let kinds: [StoredImageKind] = [.none, .pixels, .png, .jpeg]
    private enum StoredImageKind { case none, pixels, png, jpeg }

    /// What the cache was made of.
    private struct Manifest: Codable {
        struct Source: Codable {
            var path: String
            var byteCount: Int
            var modified: Double
            var hash: String
        }

        var form: Form
        var description: DatasetDescription
        var frameOffsets: [Int]
        var inverseTransform: JPEG.InverseTransform
        var sources: [Source]
    }

    /// Opens the cache of a data set in a folder of caches; makes it when there is none, or the source has changed.
    ///
    /// - Parameters:
    ///   - dataset: The source.
    ///   - folder: The folder of caches.
    ///   - form: Whether images are kept as pixels or as they are stored.
    ///   - progress: Called after each episode while it is made; throwing ends that and leaves nothing.
    /// - Throws: ``LiberoDataError`` or `SerializationError` when the source cannot be read or the folder written.
    public init(
        of dataset: LiberoDataset, in folder: URL, form: Form = .pixels,
        progress: (Int, Int) throws -> Void = { _, _ in }
    ) throws {
        let path = dataset.url.standardizedFileURL.path
        let name = "frames-\(form.rawValue)-\(ContentHash.hexadecimal(of: Array(path.utf8)).prefix(16))"
        let (data, manifest) = (
            folder.appendingPathComponent("\(name).bin"), folder.appendingPathComponent("\(name).json")
        )
        if try !Self.isCurrent(manifest, dataset, form) || !Self.isWhole(data, dataset) {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            StaleFiles.remove(below: folder)
            try? FileManager.default.removeItem(at: manifest)
            try Self.write(dataset, form, to: data, progress)
            try Self.writeManifest(dataset, form, to: manifest)
        }
        (url, self.form, file) = (data, form, try MappedFile(at: data))
        let count = dataset.frameCount * dataset.description.cameras.count
        table = file.byteCount - 24 - 16 * count
        (offsets, cameras) = (dataset.frameOffsets, dataset.description.cameras)
        order = Dictionary(
            uniqueKeysWithValues: dataset.description.cameras.keys.sorted().enumerated().map { ($0.element, $0.offset) }
        )
        inverseTransform = dataset.options.inverseTransform
    }

    // MARK: - Reading

    /// The pixels of an image; nil where the source had none that could be read.
    func image(of camera: CameraName, frame: Int, episode: Int) throws -> RGBImage? {
        guard let place = order[camera], let size = cameras[camera] else { return nil }
        let entry = table + 16 * ((offsets[episode] + frame) * cameras.count + place)
        return try file.withBytes { bytes in
            let start = Int(clamping: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: entry, as: UInt64.self)))
            let count = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: entry + 8, as: UInt32.self)))
            let kind = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: entry + 12, as: UInt32.self)))
            guard start >= 8, start <= table, count <= table - start, Self.kinds.indices.contains(kind) else {
                throw damaged
            }
            let content = UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
            switch Self.kinds[kind] {
            case .none: return nil
            case .pixels:
                guard count == size.width * size.height * 3 else { throw damaged }
                return RGBImage(width: size.width, height: size.height, pixels: [UInt8](content))
            case .png: return try PNG.decode(content.bindMemory(to: UInt8.self).span, name: url.lastPathComponent)
            case .jpeg:
                return try StoredImage.jpeg([UInt8](content)).image(
                    name: url.lastPathComponent, inverseTransform: inverseTransform)
            }
        }
    }

    private var damaged: SerializationError {
        SerializationError(
            .damaged, file: url.path, "the cache of images contradicts itself", advice: "Remove it; it is made anew.")
    }

    // MARK: - Making

    private static func write(
        _ dataset: LiberoDataset, _ form: Form, to url: URL, _ progress: (Int, Int) throws -> Void
    ) throws {
        let cameras = dataset.description.cameras.keys.sorted()
        try AtomicFile.write(to: url) { sink in
            var (position, table): (Int, [UInt8]) = (0, [])
            func put(_ bytes: [UInt8]) throws {
                try bytes.withUnsafeBytes { try sink($0) }
                position += bytes.count
            }
            func little<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
                withUnsafeBytes(of: value.littleEndian) { Array($0) }
            }
            try put(magic)
            for index in dataset.episodes.indices {
                try progress(index, dataset.episodes.count)
                let episode = try? dataset.episode(index)
                let places = (0..<dataset.length(ofEpisode: index)).flatMap { frame in cameras.map { ($0, frame) } }
                // a part of an episode at a time is in memory
                for start in stride(from: 0, to: places.count, by: 64) {
                    let part = Array(places[start..<min(start + 64, places.count)])
                    let contents = try concurrentMap(part) { camera, frame -> (UInt32, [UInt8]) in
                        // what cannot be read is left to the source, which then says why
                        guard let episode, let image = try? episode.image(of: camera, at: frame) else { return (0, []) }
                        if form == .stored, let image = try? episode.storedImage(of: camera, at: frame) {
                            switch image {
                            case .png(let bytes): return (2, bytes)
                            case .jpeg(let bytes): return (3, bytes)
                            case .pixels(let image): return (1, image.pixels)
                            }
                        }
                        return (1, image.pixels)
                    }
                    for (kind, bytes) in contents {
                        table += little(UInt64(position)) + little(UInt32(bytes.count)) + little(kind)
                        try put(bytes)
                    }
                }
            }
            let start = position
            try put(table)
            try put(little(UInt64(start)) + little(UInt64(table.count / 16)) + magic)
        }
        try progress(dataset.episodes.count, dataset.episodes.count)
    }

    private static func writeManifest(_ dataset: LiberoDataset, _ form: Form, to url: URL) throws {
        let sources = try dataset.files().map { file in
            let (byteCount, modified) = try attributes(of: file)
            return Manifest.Source(
                path: file.path, byteCount: byteCount, modified: modified,
                hash: try SHA256.hexadecimal(ofFileAt: file))
        }
        let manifest = Manifest(
            form: form, description: dataset.description, frameOffsets: dataset.frameOffsets,
            inverseTransform: dataset.options.inverseTransform, sources: sources)
        let encoder = JSONEncoder.sorted(indented: true)
        try AtomicFile.write(try encoder.encode(manifest), to: url)
    }

    private static func attributes(of file: URL) throws -> (byteCount: Int, modified: Double) {
        let found = try FileManager.default.attributesOfItem(atPath: file.path)
        return (
            (found[.size] as? NSNumber)?.intValue ?? 0,
            (found[.modificationDate] as? Date)?.timeIntervalSinceReferenceDate ?? 0
        )
    }

    /// Whether the manifest is of these files: of the same time and size, else of the same content.
    private static func isCurrent(_ url: URL, _ dataset: LiberoDataset, _ form: Form) throws -> Bool {
        guard let data = try? FileContent.data(at: url),
            let found = try? JSONDecoder().decode(Manifest.self, from: data),
            found.form == form, found.description == dataset.description, found.frameOffsets == dataset.frameOffsets,
            found.inverseTransform == dataset.options.inverseTransform
        else { return false }
        let files = try dataset.files()
        guard files.map(\.path) == found.sources.map(\.path) else { return false }
        for (file, source) in zip(files, found.sources) {
            let (byteCount, modified) = try attributes(of: file)
            guard byteCount == source.byteCount else { return false }
            guard modified != source.modified else { continue }
            guard try SHA256.hexadecimal(ofFileAt: file) == source.hash else { return false }
        }
        return true
    }

    private static func isWhole(_ url: URL, _ dataset: LiberoDataset) -> Bool {
        let count = dataset.frameCount * dataset.description.cameras.count
        guard let file = try? MappedFile(at: url), file.byteCount >= 32 + 16 * count else { return false }
        return file.withBytes { bytes in
            let end = bytes.count - 24
            let start = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: end, as: UInt64.self))
            let found = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: end + 8, as: UInt64.self))
            return bytes.starts(with: magic) && bytes[(end + 16)...].elementsEqual(magic) && found == UInt64(count)
                && start == UInt64(end - 16 * count)
        }
    }
}

extension LiberoDataset {
    /// The same data set with its images taken from a cache, which is made when there is none that fits.
    ///
    /// See ``FrameCache``.
    public func cachingFrames(
        in folder: URL, form: FrameCache.Form = .pixels, progress: (Int, Int) throws -> Void = { _, _ in }
    ) throws -> LiberoDataset {
        var result = self
        result.frameCache = try FrameCache(of: self, in: folder, form: form, progress: progress)
        return result
    }
}
