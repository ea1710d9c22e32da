import Foundation
import Kinematics
import Testing

/// The largest difference of two lists of numbers; infinite when one is not finite or the lengths differ.
func deviation(_ a: [Double], _ b: [Double]) -> Double {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { largest, pair in
        let difference = abs(pair.0 - pair.1)
        return difference.isFinite ? max(largest, difference) : .infinity
    }
}

extension SIMD3<Double> {
    init(_ values: [Double]) { self.init(values[0], values[1], values[2]) }
    var array: [Double] { [x, y, z] }
}

extension Matrix3 {
    /// Row by row.
    var array: [Double] { (0..<9).map { self[$0 / 3, $0 % 3] } }
}

extension SpatialMatrix {
    /// Row by row.
    var array: [Double] { (0..<36).map { self[$0 / 6, $0 % 6] } }
}

extension Twist {
    init(_ values: [Double]) { self.init(linear: Vector3(values), angular: Vector3(Array(values[3...]))) }
    var array: [Double] { linear.array + angular.array }
}

extension Pose {
    /// The homogeneous 4 × 4 matrix, row by row.
    var array: [Double] {
        let r = rotation.matrix
        return (0..<3).flatMap { [r[$0, 0], r[$0, 1], r[$0, 2], translation[$0]] } + [0, 0, 0, 1]
    }

    init(rows: [[Double]]) throws {
        let r = rows.map { Vector3($0) }
        self.init(
            rotation: try Rotation(matrix: Matrix3(rows: r[0], r[1], r[2])),
            translation: Vector3(rows[0][3], rows[1][3], rows[2][3]))
    }
}

/// SplitMix64; the same numbers on every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func vector(_ range: ClosedRange<Double>) -> Vector3 {
        Vector3((0..<3).map { _ in Double.random(in: range, using: &self) })
    }

    /// A rotation vector of exactly this length, in a random direction.
    mutating func vector(length: Double) -> Vector3 {
        let v = vector(-1...1)
        return v * (length / v.length)
    }
}
