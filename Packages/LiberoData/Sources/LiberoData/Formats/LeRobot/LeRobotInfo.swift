import FileSupport
import Foundation
import TensorCore

/// `meta/info.json` of a LeRobot set.
struct LeRobotInfo: Sendable {
    enum Version: String, Sendable { case v20 = "v2.0", v21 = "v2.1", v30 = "v3.0" }

    struct Feature: Sendable {
        var name: String
        /// Such as `float32`, `image` or `video`.
        var type: String
        var shape: [Int]
        var dimensionNames: [String]
        /// Of a video, as its writer described it.
        var codec: String?

        var isImage: Bool { type == "image" || type == "video" }

        /// Numbers of a row.
        var width: Int { shape.reduce(1, *) }

        /// Values of a pixel; the channels may stand first. 3 where the shape does not tell.
        var channelCount: Int {
            if shape.count == 2 { return 1 }
            guard shape.count == 3 else { return 3 }
            if dimensionNames.first?.hasPrefix("channel") == true { return shape[0] }
            if dimensionNames.last?.hasPrefix("channel") == true { return shape[2] }
            return shape[0] == 3 && shape[2] != 3 ? 3 : shape[2]
        }

        /// An image or video of red, green and blue: what a policy can look at. Depths and others are passed on as stored.
        var isColor: Bool { isImage && channelCount == 3 }

        /// Height and width of images; the channels may stand first.
        var imageSize: (height: Int, width: Int)? {
            guard shape.count == 3 else { return nil }
            if dimensionNames.first?.hasPrefix("channel") == true || (shape[0] == 3 && shape[2] != 3) {
                return (shape[1], shape[2])
            }
            return (shape[0], shape[1])
        }
    }

    let version: Version
    let framesPerSecond: Double
    let chunkSize: Int
    let dataPath: String
    let videoPath: String?
    let features: [Feature]
    let episodeCount: Int?
    let frameCount: Int?
    let taskCount: Int?
    let robotType: String?
    /// Episodes by the name of a split.
    let splits: [String: Range<Int>]

    static let path = "meta/info.json"

    init(at root: URL) throws {
        let json = try Self.object(root, Self.path)
        func failure(_ kind: LiberoDataError.Kind, _ column: String, _ reason: String) -> LiberoDataError {
            LiberoDataError(kind, level: .open, file: Self.path, column: column, reason)
        }
        let name = json["codebase_version"]?.string ?? ""
        guard let version = Version(rawValue: name) else {
            throw failure(.unknownFormat, "codebase_version", "the version '\(name)' is not v2.0, v2.1 or v3.0")
        }
        guard let rate = json["fps"]?.double, rate > 0 else { throw failure(.damaged, "fps", "there is no frame rate") }
        guard let path = json["data_path"]?.string else { throw failure(.damaged, "data_path", "there is no path") }
        guard let features = json["features"]?.object else {
            throw failure(.damaged, "features", "there is no feature")
        }
        let size = json["chunks_size"]?.integer ?? 1000
        guard size > 0 else { throw failure(.damaged, "chunks_size", "it is \(size)") }
        (self.version, framesPerSecond, chunkSize, dataPath) = (version, rate, size, path)
        videoPath = json["video_path"]?.string
        (episodeCount, frameCount) = (json["total_episodes"]?.integer, json["total_frames"]?.integer)
        (taskCount, robotType) = (json["total_tasks"]?.integer, json["robot_type"]?.string)
        var splits: [String: Range<Int>] = [:]
        for (name, value) in json["splits"]?.object ?? [] {
            // "0:1693"
            let ends = (value.string ?? "").split(separator: ":").map { Int($0) }
            if ends.count == 2, let first = ends[0], let end = ends[1], first <= end { splits[name] = first..<end }
        }
        self.splits = splits
        self.features = try features.map { name, value in
            let shape = value["shape"]?.array?.compactMap(\.integer) ?? []
            var count = 1
            for size in shape {
                let (product, overflow) = count.multipliedReportingOverflow(by: size)
                guard size >= 0, !overflow, product < 1 << 40 else {
                    throw failure(.damaged, "features", "the shape of '\(name)' is \(shape)")
                }
                count = max(product, 1)
            }
            let names = Self.names(value["names"])
            let details = value["info"] ?? value["video_info"]
            return Feature(
                name: name, type: value["dtype"]?.string ?? "",
                shape: shape, dimensionNames: names, codec: details?["video.codec"]?.string)
        }
    }

    /// Names of dimensions in any of the forms there are: a list, lists in a list, an object of one list, or an object from
    /// names to places.
    private static func names(_ value: StrictJSON?) -> [String] {
        if let text = value?.string { return [text] }
        if let list = value?.array { return list.flatMap { names($0) } }
        guard let members = value?.object else { return [] }
        let places = members.compactMap { member in member.value.integer.map { (name: member.key, place: $0) } }
        if places.count == members.count { return places.sorted { $0.place < $1.place }.map(\.name) }
        return members.flatMap { names($0.value) }
    }

    func feature(_ name: String) -> Feature? { features.first { $0.name == name } }

    /// A JSON file of the set.
    ///
    /// - Parameter allowingNotFinite: Whether Python's `NaN` and `Infinity` are numbers.
    static func object(_ root: URL, _ path: String, allowingNotFinite: Bool = false) throws -> StrictJSON {
        do {
            return try StrictJSON(
                parsing: try LimitedData.read(root.appendingPathComponent(path)), file: path,
                allowingNotFinite: allowingNotFinite)
        } catch {
            throw LiberoDataError(error, level: .open, file: path)
        }
    }

    /// A file of JSON objects, one per line; an error names the line.
    static func lines(_ root: URL, _ path: String, allowingNotFinite: Bool = false) throws -> [StrictJSON] {
        try numberedLines(root, path, allowingNotFinite: allowingNotFinite).map(\.value)
    }

    /// The same with the number of each line, from 1.
    static func numberedLines(
        _ root: URL, _ path: String, allowingNotFinite: Bool = false
    ) throws -> [(number: Int, value: StrictJSON)] {
        let data: Data
        do {
            data = try LimitedData.read(root.appendingPathComponent(path))
        } catch {
            throw LiberoDataError(error, level: .open, file: path)
        }
        var result: [(number: Int, value: StrictJSON)] = []
        for (index, line) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            guard line.contains(where: { $0 > 0x20 }) else { continue }
            do {
                let value = try StrictJSON(parsing: line, file: path, allowingNotFinite: allowingNotFinite)
                guard value.object != nil else { throw SerializationError(.damaged, file: path, "it is no object") }
                result.append((index + 1, value))
            } catch {
                let reason = (error as? SerializationError)?.found ?? "\(error)"
                throw LiberoDataError(
                    .damaged, level: .open, file: path, "line \(index + 1) is no JSON object: \(reason)",
                    advice: "Fetch the file again.")
            }
        }
        return result
    }

    /// A path with its placeholders `{name}` and `{name:03d}` filled in.
    ///
    /// - Throws: ``LiberoDataError`` for a placeholder that has no value, and a path that leaves the set's folder.
    static func path(_ template: String, _ values: [String: String]) throws -> String {
        var result = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            guard let close = rest[open...].firstIndex(of: "}") else { break }
            let parts = rest[rest.index(after: open)..<close].split(separator: ":", maxSplits: 1)
            guard let name = parts.first, let value = values[String(name)] else {
                throw LiberoDataError(
                    .damaged, level: .open, file: Self.path, "the path '\(template)' has an unknown placeholder")
            }
            let width = parts.count > 1 ? Int(parts[1].filter(\.isNumber)) ?? 0 : 0
            result += String(repeating: "0", count: max(0, min(width, 32) - value.count)) + value
            rest = rest[rest.index(after: close)...]
        }
        result += rest
        guard !result.hasPrefix("/"), !result.split(separator: "/").contains("..") else {
            throw LiberoDataError(
                .unsupported, level: .open, file: Self.path, "the path '\(result)' leaves the data set")
        }
        return result
    }
}

/// Metadata files, read whole within a bound.
enum LimitedData {
    static let byteLimit = 256 << 20

    static func read(_ url: URL) throws -> Data {
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw SerializationError(.notFound, file: url.path, "the file does not exist")
        }
        let handle = try FileContent.handle(at: url)
        defer { try? handle.close() }
        let data = try handle.read(upToCount: byteLimit + 1) ?? Data()
        guard data.count <= byteLimit else {
            throw SerializationError(.limitExceeded, file: url.path, "the file is larger than \(byteLimit) bytes")
        }
        if data.starts(with: Data("version https://git-lfs".utf8)) {
            throw SerializationError(
                .wrongFormat, file: url.path, "this is a Git LFS pointer, not the data",
                advice: "Run `git lfs pull` in its folder.")
        }
        return data
    }
}
