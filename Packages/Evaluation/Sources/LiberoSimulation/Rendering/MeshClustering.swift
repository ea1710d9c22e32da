/// Simplifies triangle meshes by merging the vertices that fall into one cell of a grid.
///
/// Vertices are not moved or removed: each cell is represented by the one of its vertices nearest to their mean, and
/// triangles whose corners fall into fewer than three cells, or that repeat another one, disappear. What is left lies
/// within one cell's diagonal of the original surface and has its normals and texture coordinates.
/// Source: Rossignac & Borrel 1993, "Multi-resolution 3D approximations for rendering complex scenes".
struct MeshClustering {
    /// Cells along the largest extent of the mesh, at least 1.
    let gridSize: Int

    /// The triangles that stay.
    struct Result: Equatable {
        /// Their numbers in the original, ascending.
        var triangles: [Int32] = []
        /// Their corners: three vertices each.
        var vertices: [Int32] = []
    }

    /// - Parameters:
    ///   - positions: x, y, z of each vertex.
    ///   - corners: Three vertices of each triangle.
    func simplify(positions: UnsafeBufferPointer<Float>, corners: UnsafeBufferPointer<Int32>) -> Result {
        let (cells, cellCount) = cells(of: positions)
        let representatives = representatives(of: positions, cells: cells, cellCount: cellCount)

        var result = Result()
        var seen = Set<SIMD3<Int32>>()
        for t in 0..<corners.count / 3 {
            let a = cells[Int(corners[3 * t])]
            let b = cells[Int(corners[3 * t + 1])]
            let c = cells[Int(corners[3 * t + 2])]
            guard a != b && b != c && c != a else { continue }
            // the same triangle whichever corner comes first, another one when seen from behind
            let key: SIMD3<Int32> =
                a < b && a < c ? SIMD3(a, b, c) : b < a && b < c ? SIMD3(b, c, a) : SIMD3(c, a, b)
            guard seen.insert(key).inserted else { continue }
            result.triangles.append(Int32(t))
            result.vertices.append(representatives[Int(a)])
            result.vertices.append(representatives[Int(b)])
            result.vertices.append(representatives[Int(c)])
        }
        return result
    }

    /// The cell of each vertex, and how many cells the grid has.
    private func cells(of positions: UnsafeBufferPointer<Float>) -> (cells: [Int32], count: Int) {
        let vertexCount = positions.count / 3
        var lower = (Float.infinity, Float.infinity, Float.infinity)
        var upper = (-Float.infinity, -Float.infinity, -Float.infinity)
        for v in 0..<vertexCount {
            let (x, y, z) = (positions[3 * v], positions[3 * v + 1], positions[3 * v + 2])
            lower = (min(lower.0, x), min(lower.1, y), min(lower.2, z))
            upper = (max(upper.0, x), max(upper.1, y), max(upper.2, z))
        }
        let extent = max(upper.0 - lower.0, upper.1 - lower.1, upper.2 - lower.2)
        guard vertexCount > 0, extent > 0, extent.isFinite else {
            return ([Int32](repeating: 0, count: vertexCount), 1)
        }
        let scale = Float(gridSize) / extent
        let side = Int32(gridSize)
        var cells = [Int32](repeating: 0, count: vertexCount)
        for v in 0..<vertexCount {
            let x = min(side - 1, Int32((positions[3 * v] - lower.0) * scale))
            let y = min(side - 1, Int32((positions[3 * v + 1] - lower.1) * scale))
            let z = min(side - 1, Int32((positions[3 * v + 2] - lower.2) * scale))
            cells[v] = x + side * (y + side * z)
        }
        return (cells, gridSize * gridSize * gridSize)
    }

    /// For each cell, the vertex nearest to the mean of those in it; -1 for empty ones.
    private func representatives(
        of positions: UnsafeBufferPointer<Float>, cells: [Int32], cellCount: Int
    ) -> [Int32] {
        var counts = [Float](repeating: 0, count: cellCount)
        var means = [Float](repeating: 0, count: 3 * cellCount)
        for v in 0..<cells.count {
            let cell = Int(cells[v])
            counts[cell] += 1
            for i in 0..<3 { means[3 * cell + i] += positions[3 * v + i] }
        }
        for cell in 0..<cellCount where counts[cell] > 0 {
            for i in 0..<3 { means[3 * cell + i] /= counts[cell] }
        }
        var nearest = [Int32](repeating: -1, count: cellCount)
        var distances = [Float](repeating: .infinity, count: cellCount)
        for v in 0..<cells.count {
            let cell = Int(cells[v])
            var distance: Float = 0
            for i in 0..<3 {
                let difference = positions[3 * v + i] - means[3 * cell + i]
                distance += difference * difference
            }
            if distance < distances[cell] { (nearest[cell], distances[cell]) = (Int32(v), distance) }
        }
        return nearest
    }
}
