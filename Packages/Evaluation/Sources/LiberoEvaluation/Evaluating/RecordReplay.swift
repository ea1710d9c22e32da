public import Evaluation
import Foundation

/// A record carried out again, bit for bit or not.
public struct RecordReplay: Hashable, Encodable, Sendable {
    public var file: String
    public var isIdentical: Bool
    public var replay: Replay
    /// Steps of the record; not part of the JSON.
    public let stepCount: Int

    /// Carries a record out in a world like the one it was made in.
    ///
    /// - Parameters:
    ///   - file: A record of an evaluation.
    ///   - libero: LIBERO's folder; `nil` for the usual places.
    ///   - stopsAtDifference: Ends at the first state that differs; otherwise all actions are carried out.
    public init(of file: String, libero: String? = nil, stopsAtDifference: Bool = true) throws {
        let record = try RolloutRecord(at: URL(fileURLWithPath: file))
        let rules = record.header.rules
        let setting = WorldSetting(
            suite: record.header.suite, libero: libero, imageSize: rules.imageSize ?? 256,
            renderProfile: rules.renderProfile ?? "faithful", placementSeed: rules.environmentSeed)
        var world = try setting.environment()
        replay = try record.replay(in: &world, stopsAtDifference: stopsAtDifference)
        (self.file, isIdentical, stepCount) = (file, replay.isIdentical, record.steps.count)
    }

    private enum CodingKeys: CodingKey { case file, isIdentical, replay }

    /// One line, and one per difference of outcome or origin.
    public var text: String {
        var lines: [String] = []
        if let difference = replay.difference {
            let place = difference.step == 0 ? "the start" : "step \(difference.step) of \(stepCount)"
            lines.append("\(file): differs first at \(place)")
        } else if replay.isIdentical {
            let end = replay.isSuccess ? "success" : "no success"
            lines.append("\(file): \(replay.stepCount) steps, all identical, \(end)")
        }
        if replay.isSuccess != replay.wasSuccess, replay.stepCount == stepCount {
            lines.append("  the record says \(replay.wasSuccess ? "success" : "failure"), now it is the other")
        }
        lines += replay.originDifferences.map { "  \($0)" }
        return lines.joined(separator: "\n")
    }
}
