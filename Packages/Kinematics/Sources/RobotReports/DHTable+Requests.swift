import FileSupport
import Foundation
import Kinematics

/// A table of Denavit-Hartenberg parameters as a JSON file has it, in degrees and metres.
private struct DHTableFile: Decodable {
    struct Row: Decodable {
        var alpha, a, theta, d: Double
    }
    enum Convention: String, Decodable { case modified, classic }

    var name: String
    var frame: String?
    /// Modified when left out.
    var convention: Convention?
    var rows: [Row]
}

extension DHTable {
    /// The tables that a robot is compared with, and the frames they lead to.
    ///
    /// - Parameters:
    ///   - name: `panda`, `piper`, `piper-early`, `ur10e`, or a JSON file; `nil` for those of the robot's own name.
    ///   - frame: The frame; `nil` for the table's own.
    ///   - model: The robot.
    /// - Throws: `RequestError` for a name without a table, and for a file that is none.
    static func requested(
        _ name: String?, frame: String?, for model: RobotModel
    ) throws -> [(table: DHTable, frame: String)] {
        switch name ?? ["panda", "piper", "ur10e"].first(where: { model.name.lowercased().contains($0) }) {
        case nil: return []
        case "panda": return [(.panda, frame ?? "panda_link8")]
        case "piper":
            let early = name == nil ? [(table: piper(hasOffset: false), frame: frame ?? "link6")] : []
            return [(.piper(), frame ?? "link6")] + early
        case "ur10e": return [(.ur10e, frame ?? "tool0")]
        case "piper-early": return [(.piper(hasOffset: false), frame ?? "link6")]
        case let file?:
            let data: Data
            do { data = try FileContent.data(at: URL(fileURLWithPath: file)) } catch {
                throw RequestError(
                    "--dh \(file): no such table or file. There are panda, piper, piper-early and ur10e.")
            }
            let table: DHTableFile
            do { table = try JSONDecoder().decode(DHTableFile.self, from: data) } catch {
                throw RequestError("--dh \(file) is no table: \(JSONReading.explanation(of: error, in: data)).")
            }
            guard let frame = frame ?? table.frame else { throw RequestError("Name the table's frame with --frame.") }
            let rows = table.rows.map {
                Row(twist: $0.alpha * .pi / 180, length: $0.a, offset: $0.theta * .pi / 180, distance: $0.d)
            }
            let isClassic = table.convention == .classic
            return [(isClassic ? DHTable(table.name, classic: rows) : DHTable(table.name, rows: rows), frame)]
        }
    }
}
