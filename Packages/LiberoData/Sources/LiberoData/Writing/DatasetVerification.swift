import RobotInterface
import FileSupport
import Foundation
import ImageProcessing
import TensorCore

extension DatasetConversion {
    /// What the comparison of source and target found.
    public struct Verification: Sendable {
        public var episodeCount = 0
        public var frameCount = 0
        /// Differences, in words; empty when the target holds what it has to.
        public var differences: [String] = []
        /// What the source holds and the target has no place for; see ``DatasetConversion/leftOut()``.
        public var leftOut: [String] = []
        /// Whether what was carried is the same.
        public var isEqual: Bool { differences.isEmpty }
        /// Whether nothing of the source is missing.
        public var isComplete: Bool { leftOut.isEmpty }
    }

    /// Reads the target and compares every number, and every image: pixels exactly, or for RLDS with the source after
    /// one JPEG round trip.
    ///
    /// - Throws: ``LiberoDataError`` when one of the two cannot be read.
    public func verify(progress: (Int, Int) throws -> Void = { _, _ in }) throws -> Verification {
        var options = DatasetOptions()
        options.featureNames = featureNames
        let written = try LiberoDataset(at: target, options: options)
        var result = Verification()
        result.leftOut = try leftOut()
        if written.description != description { result.differences.append("the target's description differs") }
        guard written.episodes.count == source.episodes.count else {
            result.differences.append("\(written.episodes.count) episodes, the source has \(source.episodes.count)")
            return result
        }
        let order = try targetOrder(written)
        for (index, info) in source.episodes.enumerated() {
            try progress(index, source.episodes.count)
            let (a, b) = (try source.episode(index), try written.episode(order[index]))
            let place = "episode \(index) (\(info.name))"
            if a.length != b.length || a.instruction != b.instruction {
                result.differences.append("\(place): length or instruction")
                continue
            }
            if format != .hdf5,
                let frame = (0..<a.length).first(where: { a.instruction(at: $0) != b.instruction(at: $0) })
            {
                result.differences.append("\(place): the instruction of frame \(frame)")
            }
            let isExact = source.format == .hdf5 && format == .hdf5
            let names = Set(try b.columnNames())
            for name in try a.columnNames() where isCarried(name) && !names.contains(name) {
                result.differences.append("\(place): \(name) is missing")
            }
            for name in try comparedColumns(a, names) {
                let (x, y) = (try a.column(name), try b.column(name))
                let same = zip(x.values, y.values).allSatisfy {
                    isExact ? $0.bitPattern == $1.bitPattern : Float($0).bitPattern == Float($1).bitPattern
                }
                if !same || x.values.count != y.values.count { result.differences.append("\(place): \(name)") }
            }
            result.differences += try rawDifferences(index, order[index], written: written).map { "\(place): \($0)" }
            for camera in a.cameras {
                let frames = try concurrentMap(Array(0..<a.length)) { try isSame(camera, $0, a, b) }
                if let frame = frames.firstIndex(of: false) {
                    result.differences.append("\(place): image \(frame) of \(camera)")
                }
            }
            result.episodeCount += 1
            result.frameCount += a.length
        }
        try progress(source.episodes.count, source.episodes.count)
        return result
    }

    /// Action, state, and what was taken along beside them.
    private func comparedColumns(_ a: LiberoEpisode, _ written: Set<String>) throws -> [String] {
        [ColumnName.action, ColumnName.state]
            + (try a.columnNames().filter { isCarried($0) && written.contains($0) })
    }

    /// Texts and images that are passed on as they are and differ.
    private func rawDifferences(_ index: Int, _ other: Int, written: LiberoDataset) throws -> [String] {
        var differences: [String] = []
        if !carriedTexts.isEmpty {
            let (a, b) = (try source.storage.textColumns(of: index), try written.storage.textColumns(of: other))
            differences += carriedTexts.filter { a[$0] != b[$0] }
        }
        for image in carriedRawImages {
            let a = try source.storage.rawImages(image.name, of: index)
            let b = try written.storage.rawImages(image.name, of: other)
            if a.map(\.bytes) != b.map(\.bytes) { differences.append(image.name) }
        }
        return differences
    }

    /// The target's episode of each one of the source: the same, but HDF5 is ordered by task.
    private func targetOrder(_ written: LiberoDataset) throws -> [Int] {
        guard format == .hdf5 else { return Array(source.episodes.indices) }
        var places: [String: Int] = [:]
        for info in written.episodes {
            let task = written.task(of: info)
            places["\(task.suite)/\(task.name)/\(info.name)"] = info.index
        }
        var counts: [String: Int] = [:]
        return try source.episodes.map { info in
            let task = source.task(of: info)
            let key = "\(task.suite)/\(task.name)"
            let name = source.format == .hdf5 ? info.name : "demo_\(counts[key, default: 0])"
            counts[key, default: 0] += 1
            guard let place = places["\(key)/\(name)"] else {
                throw LiberoDataError(
                    .missing, level: .episode, file: target.lastPathComponent, episodeName: "\(key)/\(name)",
                    "the target has no such episode")
            }
            return place
        }
    }

    private func isSame(_ camera: CameraName, _ frame: Int, _ a: LiberoEpisode, _ b: LiberoEpisode) throws -> Bool {
        let (from, to) = (a.description.cameras[camera]!.orientation, b.description.cameras[camera]!.orientation)
        let stored = try a.storedImage(of: camera, at: frame)
        let found = try b.storedImage(of: camera, at: frame)
        if from == to, stored == found { return true }
        let turned = try a.image(of: camera, at: frame).turned(from: from, to: to)
        let expected = format == .rlds ? JPEG.roundTrip(turned, inverseTransform: .accurate) : turned
        return try b.image(of: camera, at: frame) == expected
    }

    /// Writes the SHA-256 of every file beside the set's description: a manifest to check copies with.
    public func writeManifest() throws {
        let root = format == .rlds ? target.appendingPathComponent(RLDSWriter.version) : target
        let path = format == .rlds || format == .hdf5 ? RLDSFolder.provenancePath : Provenance.path
        guard var provenance = try Provenance.read(in: root, at: path) else { return }
        var hashes: [String: String] = [:]
        for file in try DatasetFiles.all(below: root) where file.path != path {
            hashes[file.path] = try SHA256.hexadecimal(ofFileAt: file.url)
        }
        provenance.files = hashes
        try provenance.write(in: root, at: path)
    }
}

/// The files of a set.
enum DatasetFiles {
    static func all(below root: URL) throws -> [(path: String, url: URL)] {
        let found = FileManager.default.enumerator(atPath: root.path)?.allObjects as? [String] ?? []
        return found.sorted().compactMap { path in
            let url = root.appendingPathComponent(path)
            var isFolder: ObjCBool = false
            let isHidden = path.split(separator: "/").contains { $0.hasPrefix(".") }
            guard !isHidden, FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder),
                !isFolder.boolValue
            else { return nil }
            return (path, url)
        }
    }
}

extension LiberoDataset {
    /// Compares the files with the manifest beside them.
    ///
    /// - Returns: What differs, in words; nil when there is no manifest.
    public func manifestDifferences() throws -> [String]? {
        let root = format == .rlds ? RLDSFolder.root(of: url) ?? url : url
        let path = format == .rlds || format == .hdf5 ? RLDSFolder.provenancePath : Provenance.path
        guard let hashes = try Provenance.read(in: root, at: path)?.files else { return nil }
        var differences: [String] = []
        for (name, hash) in hashes.sorted(by: { $0.key < $1.key }) {
            let file = root.appendingPathComponent(name)
            guard FileManager.default.fileExists(atPath: file.path) else {
                differences.append("\(name) is missing")
                continue
            }
            if try SHA256.hexadecimal(ofFileAt: file) != hash { differences.append("\(name) has another SHA-256") }
        }
        return differences
    }
}
