import BenchmarkKit
import Foundation

/// The rows as a Markdown table, as `Docs/Numerics.md` shows them.
enum Table {
    static func text(_ rows: [BenchmarkRow]) -> String {
        let header = ["name", "unit", "ours", "peer", "ratio", "target", "met", "medians", "rounds"]
        let cells = [header] + rows.map(Self.cells)
        let widths = header.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        let lines = cells.map { row in
            "| "
                + zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(
                    separator: " | ")
                + " |"
        }
        let rule = "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|"
        return ([lines[0], rule] + lines.dropFirst()).joined(separator: "\n")
    }

    private static func cells(of row: BenchmarkRow) -> [String] {
        func short(_ value: Double) -> String { String(format: "%.4g", value) }
        return [
            row.name, row.unit, short(row.ours), short(row.peer), String(format: "%.3f", row.ratio),
            (row.better == .lower ? "≤ " : "≥ ") + short(row.target), row.met ? "yes" : "**MISSED**",
            short(row.oursMedian) + " / " + short(row.peerMedian), "\(row.rounds)",
        ]
    }
}
