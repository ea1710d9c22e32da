import Testing

@testable import LiberoSimulation

@Suite struct MeshClusteringTests {
    private func simplify(_ positions: [Float], _ corners: [Int32], gridSize: Int) -> MeshClustering.Result {
        positions.withUnsafeBufferPointer { positions in
            corners.withUnsafeBufferPointer {
                MeshClustering(gridSize: gridSize).simplify(positions: positions, corners: $0)
            }
        }
    }

    /// Two vertices a hundredth apart share a cell of a quarter: the sliver between them goes, and the large triangle
    /// takes the one nearer to their mean; of two at equal distance the first.
    @Test func sliversDisappear() {
        let positions: [Float] = [0, 0, 0, 0.01, 0, 0, 1, 0, 0, 0, 1, 0]
        let result = simplify(positions, [0, 1, 2, 1, 2, 3], gridSize: 4)
        #expect(result == .init(triangles: [1], vertices: [0, 2, 3]))
    }

    /// Each vertex in a cell of its own: nothing changes.
    @Test func coarseMeshesStay() {
        let positions: [Float] = [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]
        let corners: [Int32] = [0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3]
        #expect(simplify(positions, corners, gridSize: 2) == .init(triangles: [0, 1, 2, 3], vertices: corners))
    }

    /// The same triangle twice is kept once, whichever corner comes first; its back side is another triangle.
    @Test func repeatedTrianglesAreKeptOnce() {
        let positions: [Float] = [0, 0, 0, 1, 0, 0, 0, 1, 0]
        let result = simplify(positions, [0, 1, 2, 1, 2, 0, 0, 2, 1], gridSize: 8)
        #expect(result.triangles == [0, 2])
    }

    /// A fine sphere loses most triangles; what is left has the vertices of the original and stays near the surface.
    @Test func spheresKeepTheirShape() {
        let (rows, columns) = (64, 128)
        var positions: [Float] = []
        for r in 0...rows {
            for c in 0..<columns {
                let (polar, turn) = (Double(r) / Double(rows) * .pi, Double(c) / Double(columns) * 2 * .pi)
                positions += [
                    Float(sine(polar) * cosine(turn)), Float(sine(polar) * sine(turn)), Float(cosine(polar)),
                ]
            }
        }
        var corners: [Int32] = []
        for r in 0..<rows {
            for c in 0..<columns {
                let (a, b) = (Int32(r * columns + c), Int32(r * columns + (c + 1) % columns))
                corners += [a, a + Int32(columns), b, b, a + Int32(columns), b + Int32(columns)]
            }
        }
        let result = simplify(positions, corners, gridSize: 16)
        #expect(result.triangles.count * 7 < corners.count / 3)
        #expect(result.triangles.count > 500)
        // volume by the divergence theorem, outward triangles positive: that of a ball is 4π/3 = 4.19
        var volume: Float = 0
        for t in 0..<result.triangles.count {
            let p = (0..<3).map { corner in
                let v = 3 * Int(result.vertices[3 * t + corner])
                return SIMD3(positions[v], positions[v + 1], positions[v + 2])
            }
            volume += (p[0].x * (p[1].y * p[2].z - p[1].z * p[2].y)) / 6
            volume += (p[0].y * (p[1].z * p[2].x - p[1].x * p[2].z)) / 6
            volume += (p[0].z * (p[1].x * p[2].y - p[1].y * p[2].x)) / 6
        }
        #expect(volume > 3.8 && volume < 4.2)
    }

    /// A mesh of one point, or none, has no triangles.
    @Test func degenerateMeshes() {
        #expect(simplify([], [], gridSize: 16).triangles.isEmpty)
        #expect(simplify([1, 1, 1, 1, 1, 1, 1, 1, 1], [0, 1, 2], gridSize: 16).triangles.isEmpty)
    }

    private func sine(_ x: Double) -> Double { cosine(x - .pi / 2) }

    /// cos by its series, so that the test needs no library.
    private func cosine(_ x: Double) -> Double {
        var (term, sum) = (1.0, 1.0)
        for n in 1..<30 {
            term *= -x * x / Double((2 * n - 1) * (2 * n))
            sum += term
        }
        return sum
    }
}
