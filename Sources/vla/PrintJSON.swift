import FileSupport
import Foundation

/// Prints a value as JSON with sorted keys: the same value gives the same bytes.
func printJSON(_ value: some Encodable) throws {
    print(String(decoding: try JSONEncoder.sorted(indented: true).encode(value), as: UTF8.self))
}

/// Prints a report as JSON or in words.
func show(_ report: some Encodable & TextReport, asJSON: Bool) throws {
    if asJSON { try printJSON(report) } else { print(report.text) }
}
