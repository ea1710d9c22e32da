public import Foundation
import FileSupport

extension EvaluationResult {
    /// Reads `result.json` of an evaluation's folder.
    ///
    /// - Throws: `SerializationError` with file and key path for one that is damaged or not there.
    public init(at folder: URL) throws {
        self = try JSONReading.decode(at: folder.appendingPathComponent("result.json"))
    }

    /// Writes `result.json`, `tasks.csv`, `episodes.csv` and `report.html` beside the records.
    ///
    /// - Parameter comparisons: Lines of the report about other policies on the same starts.
    public func write(to folder: URL, comparisons: [String] = []) throws {
        try AtomicFile.write(encoded(), to: folder.appendingPathComponent("result.json"))
        try AtomicFile.write(Data(tasksCSV.utf8), to: folder.appendingPathComponent("tasks.csv"))
        try AtomicFile.write(Data(episodesCSV.utf8), to: folder.appendingPathComponent("episodes.csv"))
        try writeReport(to: folder, comparisons: comparisons)
    }

    /// Writes `report.html` alone.
    public func writeReport(to folder: URL, comparisons: [String]) throws {
        let report = try EvaluationReport(self, folder: folder, comparisons: comparisons)
        try AtomicFile.write(Data(report.html.utf8), to: folder.appendingPathComponent("report.html"))
    }
}
