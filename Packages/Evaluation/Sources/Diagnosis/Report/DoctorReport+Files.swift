public import FileSupport
public import Foundation

extension DoctorReport: TextReport {
    /// Writes `report.json` and the images it names into a folder.
    public func write(to folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try AtomicFile.write(
            JSONEncoder.sorted(indented: true).encode(self), to: folder.appendingPathComponent("report.json"))
        for (name, image) in images { try image.write(to: folder.appendingPathComponent(name)) }
    }
}
