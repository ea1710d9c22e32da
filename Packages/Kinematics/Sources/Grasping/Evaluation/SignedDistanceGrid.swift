import FileSupport
public import Foundation
public import Kinematics

/// Signed distances to a surface on a regular grid, negative inside; metres.
///
/// Grid coordinates count cells: cell (i, j, k) has its value at `origin + cellSize · (i, j, k)`.
public struct SignedDistanceGrid: Sendable {
    /// Cells along x, y and z.
    public let size: SIMD3<Int>
    public let origin: Vector3
    public let cellSize: Double
    /// Value of cell (i, j, k) at `(i · size.y + j) · size.z + k`.
    public let values: [Float]
    /// The cells on the surface, and a tree of their grid coordinates.
    private let surfaceCells: [Int]
    private let surfaceTree: PointTree

    /// Traps unless there is a value for each cell and the cell has a size.
    public init(size: SIMD3<Int>, origin: Vector3, cellSize: Double, values: [Float]) {
        precondition(
            values.count == size.x * size.y * size.z && cellSize > 0,
            "SignedDistanceGrid: \(values.count) values for \(size) cells of \(cellSize) m")
        (self.size, self.origin, self.cellSize, self.values) = (size, origin, cellSize, values)
        let limit = cellSize * 2.0.squareRoot() / 2
        var (cells, points): ([Int], [Vector3]) = ([], [])
        for (index, value) in values.enumerated() where abs(Double(value)) < limit {
            cells.append(index)
            points.append(
                Vector3(
                    Double(index / (size.y * size.z)), Double(index / size.z % size.y), Double(index % size.z)))
        }
        surfaceCells = cells
        surfaceTree = PointTree(PointCloud(points))
    }

    /// What counts as on the surface: distances below `√2/2` cells.
    public var surfaceThreshold: Double { cellSize * 2.0.squareRoot() / 2 }

    public func gridCoordinates(of point: Vector3) -> Vector3 { (point - origin) / cellSize }
    public func point(atGrid g: Vector3) -> Vector3 { origin + cellSize * g }

    /// The distance at grid coordinates, by trilinear weights; neighbouring cells outside of the grid count as 0.
    ///
    /// Outside, where a coordinate is below 0 or not below the size: the distance in metres to the nearest surface cell
    /// plus that cell's value; infinite without a surface.
    public func distance(atGrid g: Vector3) -> Double {
        let sizes = Vector3(Double(size.x), Double(size.y), Double(size.z))
        guard g.x >= 0, g.y >= 0, g.z >= 0, g.x < sizes.x, g.y < sizes.y, g.z < sizes.z else {
            guard g.x.isFinite, g.y.isFinite, g.z.isFinite, let cell = surfaceTree.nearest(to: g) else {
                return .infinity
            }
            return cellSize * cell.distance + Double(values[surfaceCells[cell.index]])
        }
        let low = g.rounded(.down)
        let (i, j, k) = (Int(low.x), Int(low.y), Int(low.z))
        let f = g - low
        var sum = 0.0
        for (di, wx) in [(0, 1 - f.x), (1, f.x)] where i + di < size.x {
            for (dj, wy) in [(0, 1 - f.y), (1, f.y)] where j + dj < size.y {
                for (dk, wz) in [(0, 1 - f.z), (1, f.z)] where k + dk < size.z {
                    sum += wx * wy * wz * Double(values[((i + di) * size.y + j + dj) * size.z + k + dk])
                }
            }
        }
        return sum
    }

    /// The distance at a point.
    public func distance(at point: Vector3) -> Double { distance(atGrid: gridCoordinates(of: point)) }

    /// The distances to a mesh in all cells of a grid around it.
    ///
    /// - Parameters:
    ///   - cellSize: In metres.
    ///   - margin: Cells around the mesh.
    public init(_ mesh: TriangleMesh, cellSize: Double, margin: Int = 5) {
        precondition(cellSize > 0, "SignedDistanceGrid: a cell of \(cellSize) m")
        let bounds = mesh.bounds ?? (.zero, .zero)
        let origin = bounds.0 - cellSize * Double(margin)
        let extent = ((bounds.1 - bounds.0) / cellSize).rounded(.up)
        let size = SIMD3(Int(extent.x), Int(extent.y), Int(extent.z)) &+ SIMD3(repeating: 2 * margin + 1)
        let distance = MeshDistance(mesh)
        var values = [Float](repeating: 0, count: size.x * size.y * size.z)
        values.withUnsafeMutableBufferPointer { buffer in
            let target = SharedMutablePointer(buffer.baseAddress)
            forEachChunk(buffer.count) { range in
                for index in range {
                    let cell = Vector3(
                        Double(index / (size.y * size.z)), Double(index / size.z % size.y), Double(index % size.z))
                    target[index] = Float(distance.signedDistance(to: origin + cellSize * cell))
                }
            }
        }
        self.init(size: size, origin: origin, cellSize: cellSize, values: values)
    }
}

extension SignedDistanceGrid {
    /// Reads a text file: `nx ny nz`, the origin, the size of a cell, then the values, x fastest, then y, then z.
    ///
    /// - Throws: `SerializationError` that names the number.
    public init(at url: URL) throws {
        let file = try MappedFile(at: url)
        self = try file.withBytes { try SignedDistanceGrid(text: $0, name: url.path) }
    }

    /// Reads text in memory; errors call it `name`.
    public init(bytes: [UInt8], name: String) throws {
        self = try bytes.withUnsafeBytes { try SignedDistanceGrid(text: $0, name: name) }
    }

    private init(text bytes: UnsafeRawBufferPointer, name: String) throws {
        var position = 0
        func fail(_ kind: SerializationError.Kind, _ found: String) -> SerializationError {
            SerializationError(
                kind, file: name, offset: position, found,
                advice: "A grid is 'nx ny nz', the origin, the cell's size and nx · ny · nz values.")
        }
        func isSpace(_ c: UInt8) -> Bool { c == 0x20 || (0x09...0x0d).contains(c) }
        func next() throws -> Double {
            while position < bytes.count, isSpace(bytes[position]) { position += 1 }
            let begin = position
            while position < bytes.count, !isSpace(bytes[position]), position - begin < 64 { position += 1 }
            guard begin < position else { throw fail(.truncated, "the file ends before all values") }
            guard let value = Double(String(decoding: bytes[begin..<position], as: UTF8.self)), value.isFinite else {
                throw fail(.damaged, "a word that is no finite number")
            }
            return value
        }
        var sizes: [Int] = []
        for _ in 0..<3 {
            guard let size = Int(exactly: try next()), size > 0, size <= bytes.count else {
                throw fail(.damaged, "a size that is no count of cells")
            }
            sizes.append(size)
        }
        // every value takes two bytes
        let (area, first) = sizes[0].multipliedReportingOverflow(by: sizes[1])
        let (count, second) = area.multipliedReportingOverflow(by: sizes[2])
        guard !first, !second, count <= bytes.count else {
            throw fail(.truncated, "\(sizes) cells are more than the file can hold")
        }
        let origin = Vector3(try next(), try next(), try next())
        let cellSize = try next()
        guard cellSize > 0, cellSize < 1e3, abs(origin.x) < 1e6, abs(origin.y) < 1e6, abs(origin.z) < 1e6 else {
            throw fail(.damaged, "a cell of \(cellSize) m at \(origin)")
        }
        var values = [Float](repeating: 0, count: count)
        for z in 0..<sizes[2] {
            for y in 0..<sizes[1] {
                for x in 0..<sizes[0] { values[(x * sizes[1] + y) * sizes[2] + z] = Float(try next()) }
            }
        }
        guard values.allSatisfy(\.isFinite) else { throw fail(.damaged, "a value beyond Float") }
        self.init(
            size: SIMD3(sizes[0], sizes[1], sizes[2]), origin: origin, cellSize: cellSize, values: values)
    }

    /// Writes a text file that ``init(at:)`` reads.
    public func write(to url: URL) throws {
        var text = "\(size.x) \(size.y) \(size.z)\n\(origin.x) \(origin.y) \(origin.z)\n\(cellSize)\n"
        for z in 0..<size.z {
            for y in 0..<size.y {
                for x in 0..<size.x { text += "\(values[(x * size.y + y) * size.z + z])\n" }
            }
        }
        try AtomicFile.write(Array(text.utf8), to: url)
    }
}
