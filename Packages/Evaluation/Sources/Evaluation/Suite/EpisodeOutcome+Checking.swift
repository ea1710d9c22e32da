import FileSupport
import Foundation

extension EpisodeOutcome {
    /// Compares a line of a log with the record it stands for.
    ///
    /// - Parameters:
    ///   - folder: The evaluation's folder.
    ///   - line: Of the log, from 1.
    /// - Throws: ``RunFolderError`` with what was found: another name, a file that is missing or has changed, a record that
    ///   says something else.
    func check(in folder: URL, line: Int) throws {
        func refused(_ reason: String) -> RunFolderError {
            RunFolderError(
                path: folder.appendingPathComponent("log.jsonl").path,
                reason:
                    "line \(line), task \(episode.task), episode \(episode.number): \(reason). Remove the line; the "
                    + "episode is run again")
        }
        let name = SuiteEvaluator.fileName(of: episode)
        guard record == "\(SuiteEvaluator.recordFolder)/\(name).jsonl" else {
            throw refused("it names the record '\(record.prefix(100))'")
        }
        let films = VideoFormat.allCases.map { "\(EpisodeFilm.folderName)/\(name).\($0.fileExtension)" }
        if let video = images.video, !films.contains(video) {
            throw refused("it names the film '\(video.prefix(100))'")
        }
        if let sheet = images.contactSheet, sheet != "\(EpisodeFilm.folderName)/\(name).jpg" {
            throw refused("it names the images '\(sheet.prefix(100))'")
        }
        guard let file = ContainedPath.file(record, in: folder) else {
            throw refused("its record '\(record)' is missing")
        }
        let bytes = try FileContent.data(at: file, limit: RolloutRecord.sizeLimit)
        let hash = SHA256.hexadecimal([UInt8](bytes))
        guard hash == recordHash else {
            throw refused("the hash of its record is \(hash.prefix(12))…, the log says \(recordHash.prefix(12))…")
        }
        let record = try RolloutRecord(decoding: bytes, path: file.path)
        guard record.header.episode == episode else { throw refused("its record is of another episode") }
        guard record.isSuccess == isSuccess, record.end == end, record.agentStepCount == stepCount else {
            let (found, said) = (record.isSuccess ? "success" : "failure", isSuccess ? "success" : "failure")
            throw refused(
                "its record says \(found) after \(record.agentStepCount) steps, the log \(said) after \(stepCount)")
        }
    }
}
