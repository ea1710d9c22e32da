public import Foundation

extension TriangleMesh {
    /// Reads an STL file, binary or text, or a Wavefront OBJ file, told by content.
    ///
    /// - Throws: ``RobotFileError`` with the line, where the file has lines.
    public static func read(_ url: URL, limits: RobotFileLimits = .default) throws -> TriangleMesh {
        try parse(try readBytes(url, limits: limits), name: url.path, limits: limits)
    }

    /// Reads bytes; `name` stands for the file in errors, and its ending decides where the content does not.
    public static func parse(
        _ data: Data, name: String, limits: RobotFileLimits = .default
    ) throws -> TriangleMesh {
        let bytes = [UInt8](data)
        if let count = binaryTriangleCount(bytes) {
            guard count <= limits.meshElementCount else {
                throw RobotFileError(.limitExceeded, file: name, "\(count) triangles")
            }
            return try binarySTL(bytes, count: count, file: name)
        }
        let isSTL = bytes.starts(with: Array("solid".utf8))
        if isSTL || name.lowercased().hasSuffix(".stl") { return try textSTL(data, file: name, limits: limits) }
        return try wavefront(data, file: name, limits: limits)
    }

    /// A binary STL file is 84 bytes and 50 for each triangle, whatever its first word is.
    private static func binaryTriangleCount(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 84 else { return nil }
        let count = (0..<4).reduce(0) { $0 | Int(bytes[80 + $1]) << (8 * $1) }
        return bytes.count == 84 + 50 * count ? count : nil
    }

    private static func binarySTL(_ bytes: [UInt8], count: Int, file: String) throws -> TriangleMesh {
        var vertices: [Vector3] = []
        vertices.reserveCapacity(3 * count)
        for triangle in 0..<count {
            for corner in 0..<3 {
                var vertex = Vector3.zero
                for axis in 0..<3 {
                    let offset = 84 + 50 * triangle + 12 + 12 * corner + 4 * axis
                    let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) }
                    let value = Double(Float(bitPattern: bits))
                    guard abs(value) <= lengthLimit else {
                        throw RobotFileError(
                            .invalidValue, file: file, element: "triangle \(triangle)", "a coordinate is \(value)")
                    }
                    vertex[axis] = value
                }
                vertices.append(vertex)
            }
        }
        return TriangleMesh(vertices: vertices, triangles: consecutive(count))
    }

    private static func consecutive(_ count: Int) -> [SIMD3<Int32>] {
        (0..<Int32(count)).map { SIMD3(3 * $0, 3 * $0 + 1, 3 * $0 + 2) }
    }

    /// Lines as words, with their numbers.
    private static func forEachLine(
        _ data: Data, file: String, _ body: (_ line: Int, _ words: [Substring]) throws -> Void
    ) throws {
        guard let text = String(data: data, encoding: .utf8) else {
            throw RobotFileError(.malformed, file: file, "neither a binary STL file nor UTF-8 text")
        }
        var line = 0
        // "\r\n" is one character
        for content in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            line += 1
            let words = content.split { $0 == " " || $0 == "\t" }
            if !words.isEmpty { try body(line, words) }
        }
    }

    private static func vector(_ words: some Collection<Substring>, file: String, line: Int) throws -> Vector3 {
        let values = words.prefix(3).compactMap { Double($0) }
        guard values.count == 3, values.allSatisfy({ abs($0) <= lengthLimit }) else {
            throw RobotFileError(
                .invalidValue, file: file, line: line, "three numbers up to ±\(lengthLimit) are expected")
        }
        return Vector3(values[0], values[1], values[2])
    }

    private static func textSTL(_ data: Data, file: String, limits: RobotFileLimits) throws -> TriangleMesh {
        var (vertices, last): ([Vector3], Int) = ([], 0)
        try forEachLine(data, file: file) { line, words in
            last = line
            switch words[0].lowercased() {
            case "vertex":
                vertices.append(try vector(words.dropFirst(), file: file, line: line))
                guard vertices.count <= 3 * limits.meshElementCount else {
                    throw RobotFileError(.limitExceeded, file: file, line: line, "too many vertices")
                }
            case "endloop":
                guard vertices.count % 3 == 0 else {
                    throw RobotFileError(.malformed, file: file, line: line, "a loop of other than three vertices")
                }
            case "solid", "facet", "outer", "endfacet", "endsolid": break
            default:
                throw RobotFileError(
                    .malformed, file: file, line: line, "'\(words[0].prefix(20))' is no word of an STL file",
                    advice: "A binary STL file of the wrong length looks like this: it may be cut off.")
            }
        }
        guard vertices.count % 3 == 0 else {
            throw RobotFileError(.malformed, file: file, line: last, "the file ends within a triangle")
        }
        return TriangleMesh(vertices: vertices, triangles: consecutive(vertices.count / 3))
    }

    private static func wavefront(_ data: Data, file: String, limits: RobotFileLimits) throws -> TriangleMesh {
        var (vertices, triangles): ([Vector3], [SIMD3<Int32>]) = ([], [])
        try forEachLine(data, file: file) { line, words in
            switch words[0] {
            case "v": vertices.append(try vector(words.dropFirst(), file: file, line: line))
            case "f":
                // v, v/vt, v//vn or v/vt/vn; counted from 1, or backwards from the last
                let corners = try words.dropFirst().map { word in
                    let number = Int32(word.prefix { $0 != "/" }) ?? 0
                    let count = Int32(vertices.count)
                    let index = number < 0 ? count &+ number : number &- 1
                    guard number != 0, 0..<count ~= index else {
                        throw RobotFileError(
                            .invalidValue, file: file, line: line,
                            "'\(word.prefix(20))' names none of the \(count) vertices before it")
                    }
                    return index
                }
                guard corners.count >= 3 else {
                    throw RobotFileError(.malformed, file: file, line: line, "a face of \(corners.count) corners")
                }
                for k in 1..<corners.count - 1 { triangles.append(SIMD3(corners[0], corners[k], corners[k + 1])) }
            default: break
            }
            guard vertices.count <= limits.meshElementCount, triangles.count <= limits.meshElementCount else {
                throw RobotFileError(.limitExceeded, file: file, line: line, "too many vertices or faces")
            }
        }
        guard !triangles.isEmpty else {
            throw RobotFileError(
                .malformed, file: file, "no face", advice: "STL and OBJ files are read; this seems to be neither.")
        }
        return TriangleMesh(vertices: vertices, triangles: triangles)
    }
}
