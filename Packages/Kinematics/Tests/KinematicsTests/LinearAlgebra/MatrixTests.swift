import Kinematics
import Testing

@Suite struct MatrixTests {
    private func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
        var generator = SeededGenerator(state: seed)
        return Matrix(
            rowCount: rows, columnCount: columns,
            elements: (0..<rows * columns).map { _ in Double.random(in: -1...1, using: &generator) })
    }

    @Test func productAndTransposeOnPaper() {
        let a = Matrix(rowCount: 2, columnCount: 3, elements: [1, 2, 3, 4, 5, 6])
        #expect((a * a.transposed).elements == [14, 32, 32, 77])
        #expect(a * [1, 0, -1] == [-2, -2])
        #expect(a.stacked(above: a).rowCount == 4)
    }

    @Test(arguments: 1...9) func inverseUndoesTheMatrix(size: Int) throws {
        let a = random(size, size, seed: UInt64(size))
        let inverse = try #require(a.inverse)
        #expect(deviation((a * inverse).elements, Matrix.identity(size).elements) < 1e-11)
    }

    @Test func singularMatrixHasNoInverse() {
        #expect(Matrix(rowCount: 2, columnCount: 2, elements: [1, 2, 2, 4]).inverse == nil)
        #expect(Matrix(rowCount: 1, columnCount: 1, elements: [.nan]).inverse == nil)
    }

    @Test(arguments: [(3, 3), (6, 7), (7, 6), (9, 2), (1, 4)])
    func singularValuesRebuildTheMatrix(rows: Int, columns: Int) {
        let a = random(rows, columns, seed: UInt64(10 * rows + columns))
        let (u, values, v) = a.singularValueDecomposition
        #expect(values == values.sorted(by: >))
        var scaled = u
        for r in 0..<u.rowCount { for c in values.indices { scaled[r, c] *= values[c] } }
        #expect(deviation((scaled * v.transposed).elements, a.elements) < 1e-14)
        let k = min(rows, columns)
        #expect(deviation((v.transposed * v).elements, Matrix.identity(k).elements) < 1e-14)
        #expect(deviation((u.transposed * u).elements, Matrix.identity(k).elements) < 1e-14)
    }

    /// The four Penrose conditions, for a matrix of rank 2.
    @Test func pseudoInverseOfADeficientMatrix() {
        let a = random(6, 2, seed: 5) * random(2, 7, seed: 6)
        let p = a.pseudoInverse(cutOff: 1e-12)
        #expect(deviation((a * p * a).elements, a.elements) < 1e-13)
        #expect(deviation((p * a * p).elements, p.elements) < 1e-12)
        #expect(deviation((a * p).elements, (a * p).transposed.elements) < 1e-13)
        #expect(deviation((p * a).elements, (p * a).transposed.elements) < 1e-13)
    }
}
