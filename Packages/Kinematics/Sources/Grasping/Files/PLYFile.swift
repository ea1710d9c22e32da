import FileSupport
public import Foundation
public import Kinematics

/// Vertices, their colors and faces of a PLY file: text, or binary little-endian.
///
/// Read are the vertex properties x, y, z and red, green, blue, and the faces' vertex indices; everything else is
/// skipped. Source: Turk 1994, "The PLY polygon file format".
///
/// **Not supported:** big-endian files, list properties of vertices.
public struct PLYFile: Sendable {
    public var vertices: [Vector3]
    /// Empty, or one for each vertex.
    public var colors: [SIMD3<UInt8>]
    /// Empty for a cloud.
    public var triangles: [SIMD3<Int32>]

    public init(vertices: [Vector3], colors: [SIMD3<UInt8>] = [], triangles: [SIMD3<Int32>] = []) {
        precondition(
            colors.isEmpty || colors.count == vertices.count,
            "PLYFile: \(colors.count) colors for \(vertices.count) vertices")
        (self.vertices, self.colors, self.triangles) = (vertices, colors, triangles)
    }

    public init(_ mesh: TriangleMesh) { self.init(vertices: mesh.vertices, triangles: mesh.triangles) }

    public var cloud: PointCloud { PointCloud(vertices) }
    public var mesh: TriangleMesh { TriangleMesh(vertices: vertices, triangles: triangles) }

    /// Reads a file.
    ///
    /// - Throws: `SerializationError` with the byte, or the line of the header.
    public init(at url: URL) throws {
        let file = try MappedFile(at: url)
        self = try file.withBytes { try PLYFile.parse($0, name: url.path) }
    }

    /// Reads bytes in memory; errors call them `name`.
    public init(bytes: [UInt8], name: String) throws {
        self = try bytes.withUnsafeBytes { try PLYFile.parse($0, name: name) }
    }

    /// Writes binary little-endian, vertices as `float`.
    public func write(to url: URL) throws { try AtomicFile.write(data, to: url) }

    /// The bytes of a binary file.
    public var data: [UInt8] {
        var header = "ply\nformat binary_little_endian 1.0\nelement vertex \(vertices.count)\n"
        for name in ["x", "y", "z"] { header += "property float \(name)\n" }
        if !colors.isEmpty { for name in ["red", "green", "blue"] { header += "property uchar \(name)\n" } }
        if !triangles.isEmpty {
            header += "element face \(triangles.count)\nproperty list uchar int vertex_indices\n"
        }
        var bytes = Array((header + "end_header\n").utf8)
        bytes.reserveCapacity(bytes.count + 15 * vertices.count + 13 * triangles.count)
        func append(_ bits: UInt32) {
            for k in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * UInt32(k)))) }
        }
        for (i, vertex) in vertices.enumerated() {
            for a in 0..<3 { append(Float(vertex[a]).bitPattern) }
            if !colors.isEmpty { for a in 0..<3 { bytes.append(colors[i][a]) } }
        }
        for triangle in triangles {
            bytes.append(3)
            for a in 0..<3 { append(UInt32(bitPattern: triangle[a])) }
        }
        return bytes
    }
}

/// The elements a PLY file announces.
struct PLYHeader {
    enum Format { case text, binary }

    enum Scalar: String {
        case int8, uint8, int16, uint16, int32, uint32, float32, float64

        init?(_ word: Substring) {
            switch word {
            case "char", "int8": self = .int8
            case "uchar", "uint8": self = .uint8
            case "short", "int16": self = .int16
            case "ushort", "uint16": self = .uint16
            case "int", "int32": self = .int32
            case "uint", "uint32": self = .uint32
            case "float", "float32": self = .float32
            case "double", "float64": self = .float64
            default: return nil
            }
        }

        var size: Int {
            switch self {
            case .int8, .uint8: 1
            case .int16, .uint16: 2
            case .int32, .uint32, .float32: 4
            case .float64: 8
            }
        }
    }

    struct Property {
        var name: Substring
        /// The type of a list's length; nil for a single value.
        var lengthType: Scalar?
        var type: Scalar
    }

    struct Element {
        var name: Substring
        var count: Int
        var properties: [Property]
    }

    var format = Format.text
    var elements: [Element] = []

    /// Reads lines up to `end_header`; `byteCount` is what follows the header.
    init(_ lines: [Substring], byteCount: Int, file: String) throws {
        func fail(_ line: Int, _ found: String) -> SerializationError {
            SerializationError(.damaged, file: file, "line \(line + 1) of the header: \(found)")
        }
        for (number, line) in lines.enumerated() {
            let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }
            guard let first = words.first else { continue }
            switch first {
            case "ply", "comment", "obj_info", "end_header": break
            case "format":
                guard words.count >= 2 else { throw fail(number, "no format") }
                switch words[1] {
                case "ascii": format = .text
                case "binary_little_endian": format = .binary
                default:
                    throw SerializationError(
                        .unsupported, file: file, "format '\(words[1].prefix(30))'",
                        advice: "Save it as ascii or binary_little_endian.")
                }
            case "element":
                // every element takes a byte or more
                guard words.count == 3, let count = Int(words[2]), (0...byteCount).contains(count) else {
                    throw fail(number, "'\(line.prefix(60))' announces more elements than the file can hold")
                }
                guard elements.count < 64 else { throw fail(number, "more than 64 kinds of elements") }
                elements.append(Element(name: words[1], count: count, properties: []))
            case "property":
                guard !elements.isEmpty, elements[elements.count - 1].properties.count < 256 else {
                    throw fail(number, "a property without an element, or too many")
                }
                if words.count == 5, words[1] == "list", let length = Scalar(words[2]), let type = Scalar(words[3]) {
                    elements[elements.count - 1].properties.append(
                        Property(name: words[4], lengthType: length, type: type))
                } else if words.count == 3, let type = Scalar(words[1]) {
                    elements[elements.count - 1].properties.append(Property(name: words[2], type: type))
                } else {
                    throw fail(number, "'\(line.prefix(60))' is no property")
                }
            default: throw fail(number, "'\(first.prefix(30))' is no word of a PLY header")
            }
        }
        if let empty = elements.first(where: { $0.properties.isEmpty && $0.count > 0 }) {
            throw SerializationError(.damaged, file: file, "element '\(empty.name)' has no property")
        }
    }
}

extension PLYFile {
    /// Takes one number after another from the body, as text or binary.
    private struct Body {
        let bytes: UnsafeRawBufferPointer
        let isText: Bool
        let file: String
        var position: Int

        func fail(_ kind: SerializationError.Kind, _ found: String) -> SerializationError {
            SerializationError(kind, file: file, offset: position, found)
        }

        mutating func next(_ type: PLYHeader.Scalar) throws -> Double { isText ? try word() : try binary(type) }

        private mutating func word() throws -> Double {
            func isSpace(_ c: UInt8) -> Bool { c == 0x20 || (0x09...0x0d).contains(c) }
            while position < bytes.count, isSpace(bytes[position]) { position += 1 }
            let begin = position
            while position < bytes.count, !isSpace(bytes[position]), position - begin < 64 { position += 1 }
            guard begin < position else { throw fail(.truncated, "the file ends within its elements") }
            let text = String(decoding: bytes[begin..<position], as: UTF8.self)
            guard let value = Double(text) else { throw fail(.damaged, "'\(text)' is no number") }
            return value
        }

        private mutating func binary(_ type: PLYHeader.Scalar) throws -> Double {
            guard bytes.count - position >= type.size else {
                throw fail(.truncated, "the file ends within its elements")
            }
            defer { position += type.size }
            func load<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) -> T {
                T(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: T.self))
            }
            switch type {
            case .int8: return Double(load(Int8.self))
            case .uint8: return Double(load(UInt8.self))
            case .int16: return Double(load(Int16.self))
            case .uint16: return Double(load(UInt16.self))
            case .int32: return Double(load(Int32.self))
            case .uint32: return Double(load(UInt32.self))
            case .float32: return Double(Float(bitPattern: load(UInt32.self)))
            case .float64: return Double(bitPattern: load(UInt64.self))
            }
        }
    }

    static func parse(_ bytes: UnsafeRawBufferPointer, name: String) throws -> PLYFile {
        guard bytes.starts(with: Array("ply".utf8)) else {
            throw SerializationError(.wrongFormat, file: name, offset: 0, "it does not begin as a PLY file")
        }
        // the header, at most 64 KiB
        var (lines, position, isClosed): ([Substring], Int, Bool) = ([], 0, false)
        while position < min(bytes.count, 1 << 16), !isClosed {
            let end = bytes[position...].firstIndex(of: 0x0a) ?? bytes.count
            let line = Substring(String(decoding: bytes[position..<end], as: UTF8.self))
            lines.append(line)
            position = min(end + 1, bytes.count)
            isClosed = line.trimmingCharacters(in: .whitespaces).hasPrefix("end_header")
        }
        guard isClosed else {
            throw SerializationError(.truncated, file: name, offset: position, "the header has no end")
        }
        let header = try PLYHeader(lines, byteCount: bytes.count - position, file: name)
        var body = Body(bytes: bytes, isText: header.format == .text, file: name, position: position)
        var (vertices, colors, faces): ([Vector3], [SIMD3<UInt8>], [SIMD3<Int32>]) = ([], [], [])
        for element in header.elements {
            let names = element.properties.map(\.name)
            let places = ["x", "y", "z"].map { name in names.firstIndex { $0 == name } }
            let hues = ["red", "green", "blue"].map { name in names.firstIndex { $0 == name } }
            let isVertex = element.name == "vertex"
            if isVertex, places.contains(nil) {
                throw SerializationError(.unsupported, file: name, "the vertices have no x, y and z")
            }
            for _ in 0..<element.count {
                var values: [Double] = []
                for property in element.properties {
                    guard let lengthType = property.lengthType else {
                        values.append(try body.next(property.type))
                        continue
                    }
                    values.append(0)
                    let length = try body.next(lengthType)
                    guard length >= 0, length <= Double(bytes.count - body.position), !isVertex else {
                        throw body.fail(.damaged, "a list of \(length) values")
                    }
                    let corners = try (0..<Int(length)).map { _ in try body.next(property.type) }
                    guard element.name == "face", property.name.hasPrefix("vertex_ind") else { continue }
                    for k in 1..<max(corners.count - 1, 1) where corners.count >= 3 {
                        let face = [corners[0], corners[k], corners[k + 1]]
                        guard face.allSatisfy({ $0 >= 0 && $0 < Double(vertices.count) }) else {
                            throw body.fail(.damaged, "a face names a vertex that is not there")
                        }
                        faces.append(SIMD3(Int32(face[0]), Int32(face[1]), Int32(face[2])))
                    }
                }
                guard isVertex else { continue }
                let p = places.map { values[$0!] }
                guard p.allSatisfy({ abs($0) <= 1e6 }) else {
                    throw body.fail(.damaged, "vertex \(vertices.count) has coordinates beyond ±1e6")
                }
                vertices.append(Vector3(p[0], p[1], p[2]))
                if !hues.contains(nil) {
                    let c = hues.map { UInt8(Int(clamping: values[$0!].rounded(.down), to: 0...255)) }
                    colors.append(SIMD3(c[0], c[1], c[2]))
                }
            }
        }
        return PLYFile(vertices: vertices, colors: colors, triangles: faces)
    }
}

extension PLYFile {
    /// The grippers of grasps as one mesh, with a cloud's points as vertices that no face uses.
    ///
    /// Grippers are green for the best of the group, red for the last; points are grey.
    public init(grasps: GraspGroup, cloud: PointCloud = PointCloud(), shape: GripperShape = GripperShape()) {
        self.init(vertices: [])
        for (index, grasp) in grasps.enumerated() {
            let mesh = shape.mesh(at: grasp)
            let (shift, share) = (Int32(vertices.count), Double(index) / Double(max(grasps.count - 1, 1)))
            vertices += mesh.vertices
            triangles += mesh.triangles.map { $0 &+ SIMD3(repeating: shift) }
            let color = SIMD3<UInt8>(UInt8(40 + 190 * share), UInt8(190 - 140 * share), 60)
            colors += [SIMD3<UInt8>](repeating: color, count: mesh.vertices.count)
        }
        vertices += cloud.points
        colors += [SIMD3<UInt8>](repeating: SIMD3(repeating: 150), count: cloud.count)
    }
}
