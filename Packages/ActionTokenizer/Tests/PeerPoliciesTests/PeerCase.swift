import FileSupport
import Foundation
import PeerPolicies
import TensorCore
import TensorTestSupport
import Testing

/// A folder of reference results of another project's policy: `case.json` and `io.safetensors`.
struct PeerCase: CustomTestStringConvertible, Sendable {
    let url: URL

    /// All cases whose `case.json` names the policy.
    static func all(_ policy: String) -> [PeerCase] {
        SharedFixtures.folders(in: "golden/peers").map(PeerCase.init).filter {
            (try? $0.settings["policy"]?.string) == policy
        }
    }

    init(url: URL) { self.url = url }

    var testDescription: String { url.lastPathComponent }

    var settings: StrictJSON {
        get throws {
            let file = url.appendingPathComponent("case.json")
            return try StrictJSON(parsing: Data(contentsOf: file), file: file.path)
        }
    }

    var io: Golden { get throws { try Golden(url.appendingPathComponent("io.safetensors")) } }

    /// The checkpoint folders, new layout first.
    var checkpoints: [URL] {
        get throws {
            let settings = try settings
            return ["checkpoint", "old_checkpoint"].compactMap { settings[$0]?.string }
                .map { url.appendingPathComponent($0) }
        }
    }

    func tolerance(_ names: String...) throws -> Double {
        let tolerances = try settings["tolerances"]
        for name in names { if let value = tolerances?[name]?.double { return value } }
        Issue.record("\(testDescription): no tolerance \(names)")
        return 0
    }

    /// Inputs whose tensors begin with `prefix`.
    func inputs(_ io: Golden, _ prefix: String) throws -> LeRobotInputs {
        var inputs = LeRobotInputs()
        for name in io.names where name.hasPrefix(prefix + "observation.") {
            let tensor = try io(name)
            let feature = String(name.dropFirst(prefix.count))
            if tensor.dtype == .uint8 { inputs.images[feature] = tensor } else { inputs.vectors[feature] = tensor }
        }
        return inputs
    }

    func targets(_ io: Golden) throws -> LeRobotTargets {
        LeRobotTargets(
            actions: try io("train.in.action"), isPadded: try io("train.in.action_is_pad").integers.map { $0 != 0 })
    }
}

/// Within an absolute distance, and relative to the largest expected value where `relative` is given.
func expectNear(
    _ value: Tensor, _ expected: Tensor, absolute: Double = 0, relative: Double = 0,
    _ what: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
    guard value.shape == expected.shape else {
        Issue.record("\(what()): shape \(value.shape), expected \(expected.shape)", sourceLocation: sourceLocation)
        return
    }
    let (a, b) = (value.floats, expected.floats)
    let scale = b.reduce(0) { max($0, Double(abs($1))) }
    var worst = 0.0
    for (x, y) in zip(a, b) { worst = max(worst, x.isNaN ? .infinity : Double(abs(x - y))) }
    if worst > absolute + relative * scale {
        Issue.record(
            "\(what()): off by \(worst), allowed \(absolute + relative * scale)", sourceLocation: sourceLocation)
    }
}

/// A batch's axis moved behind the tokens, `[B, T, D]` → `[T, B, D]`.
extension Tensor {
    var tokensFirst: Tensor { permuted([1, 0, 2]).contiguous }
    /// `[B, H, W, C]` → `[B, C, H, W]`.
    var channelsFirst: Tensor { permuted([0, 3, 1, 2]).contiguous }
}
