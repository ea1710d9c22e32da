import Foundation
import Grasping
import Kinematics
import TensorCore
import TensorTestSupport

/// The fixtures of `golden/grasping`.
enum GraspFixtures {
    static func files(where accepts: (String) -> Bool) -> [URL] {
        SharedFixtures.entries(in: "golden/grasping").filter { accepts($0.lastPathComponent) }
    }

    /// JSON files that decode as a type.
    static func json<Value: Decodable>(_: Value.Type) -> [(url: URL, value: Value)] {
        files { $0.hasSuffix(".json") }.compactMap { url in
            guard let data = try? Data(contentsOf: url) else { return nil }
            return (try? JSONDecoder().decode(Value.self, from: data)).map { (url, $0) }
        }
    }

    /// Weight files with a tensor of that name.
    static func tensorFiles(with name: String) -> [URL] {
        files { $0.hasSuffix(".safetensors") }.filter { url in
            (try? SafetensorsFile(at: url))?.contains(name) ?? false
        }
    }
}

extension Vector3 {
    init(_ v: [Double]) { self.init(v[0], v[1], v[2]) }
    var array: [Double] { [x, y, z] }
}

extension Matrix3 {
    init(_ rows: [[Double]]) { self.init(rows: Vector3(rows[0]), Vector3(rows[1]), Vector3(rows[2])) }
    var array: [Double] { (0..<3).flatMap { r in (0..<3).map { self[r, $0] } } }
}

extension Grasp {
    /// The 17 numbers of a row.
    init(row v: [Double]) {
        self.init(
            score: v[0], width: v[1], height: v[2], depth: v[3],
            rotation: Matrix3([Array(v[4..<7]), Array(v[7..<10]), Array(v[10..<13])]),
            translation: Vector3(Array(v[13..<16])), objectID: Int(v[16]))
    }

    var row: [Double] {
        [score, width, height, depth] + rotation.array + translation.array + [Double(objectID)]
    }
}

/// The largest difference of two lists of equal length.
func deviation(_ a: [Double], _ b: [Double]) -> Double {
    a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
}

/// A rotation of numbers that a seed draws.
func randomRotation(using generator: inout some RandomNumberGenerator) -> Rotation {
    func draw() -> Double { Double.random(in: -1...1, using: &generator) }
    return Rotation(exponential: 3 * Vector3(draw(), draw(), draw()))
}
