import Testing

@testable import Kinematics

@Suite struct QuadraticProgramTests {
    /// The nearest point to (2, 1) with x + y ≤ 2 and x ≤ 1: (1, 1); without the second row (1.5, 0.5).
    @Test func nearestPointOfAPolygon() throws {
        var program = QuadraticProgram(
            hessian: .identity(2), gradient: [2, 1], rows: [[-1, -1], [-1, 0]], bounds: [-2, -1])
        #expect(deviation(try #require(program.minimum()), [1, 1]) < 1e-12)
        (program.rows, program.bounds) = ([[-1, -1]], [-2])
        #expect(deviation(try #require(program.minimum()), [1.5, 0.5]) < 1e-12)
        (program.rows, program.bounds) = ([], [])
        #expect(deviation(try #require(program.minimum()), [2, 1]) < 1e-12)
    }

    @Test func contradictionsHaveNoMinimum() {
        let program = QuadraticProgram(
            hessian: .identity(2), gradient: [0, 0], rows: [[1, 0], [-1, 0]], bounds: [1, 0])
        #expect(program.minimum() == nil)
    }

    /// `x` is the minimum just when `(Hx − g)·(y − x) ≥ 0` for every allowed `y`.
    @Test(arguments: 0..<40 as Range<UInt64>) func noAllowedDirectionGoesDown(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let n = 2 + Int(seed % 7)
        func number() -> Double { Double.random(in: -1...1, using: &generator) }
        let half = Matrix(rowCount: n, columnCount: n, elements: (0..<n * n).map { _ in number() })
        var hessian = half * half.transposed
        for i in 0..<n { hessian[i, i] += 0.01 }
        // an inner point makes the rows agree
        let inner = (0..<n).map { _ in number() }
        var rows = (0..<3 * n).map { _ in (0..<n).map { _ in number() } }
        rows += rows.prefix(2)
        func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        let bounds = rows.map { dot($0, inner) - 0.3 }
        let gradient = (0..<n).map { _ in 10 * number() }
        let program = QuadraticProgram(hessian: hessian, gradient: gradient, rows: rows, bounds: bounds)
        let x = try #require(program.minimum())
        for (row, bound) in zip(rows, bounds) { #expect(dot(row, x) >= bound - 1e-8) }
        let slope = zip(hessian * x, gradient).map { $0 - $1 }
        for _ in 0..<200 {
            let direction = (0..<n).map { _ in number() }
            // as far as the rows allow from the inner point
            var reach = 10.0
            for (row, bound) in zip(rows, bounds) where dot(row, direction) < 0 {
                reach = min(reach, (bound - dot(row, inner)) / dot(row, direction))
            }
            let y = zip(inner, direction).map { $0 + reach * $1 }
            #expect(dot(slope, zip(y, x).map { $0 - $1 }) > -1e-7)
        }
    }
}
