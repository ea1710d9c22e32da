import Evaluation
import Foundation
import LiberoData
import LiberoTasks
import FileSupport

/// A LeRobot or RLDS set that recorded demonstrations are put into, in the order of the plan.
///
/// `episodes.jsonl` says which demonstration each episode is. A line is written before its episode: one more line than
/// episodes means that the process ended between the two.
struct CollectedSet {
    typealias Job = CollectionSetting.Job

    let folder: URL
    let recording: URL
    let format: LiberoDataset.Format
    let description: DatasetDescription
    let suite: LiberoSuite
    /// The demonstrations of the set's episodes, in order; one more may stand behind them.
    private let journal: [Job]

    init(
        folder: URL, recording: URL, format: LiberoDataset.Format, description: DatasetDescription, suite: LiberoSuite
    ) throws {
        (self.folder, self.recording, self.format) = (folder, recording, format)
        (self.description, self.suite) = (description, suite)
        let url = folder.appendingPathComponent("episodes.jsonl")
        let lines = (try? FileContent.data(at: url))?.split(separator: UInt8(ascii: "\n")) ?? []
        journal = try lines.enumerated().map { index, line in
            try JSONReading.decode(
                from: Data(line), file: "\(url.path), line \(index + 1)", advice: "Remove the line and those behind it."
            )
        }
    }

    /// What is in the set.
    var jobs: Set<Job> { get throws { Set(try stored()) } }

    private func stored() throws -> [Job] {
        guard !journal.isEmpty, let dataset = try? LiberoDataset(at: folder) else { return [] }
        return Array(journal.prefix(dataset.episodes.count))
    }

    /// Puts in what is recorded and not in the set yet; the recording is removed afterwards.
    ///
    /// After an interruption, calling it again resumes.
    /// - Parameter progress: Told the episodes written so far; throws to end.
    func add(_ wanted: [Job], progress: (_ done: Int, _ total: Int) throws -> Void) throws {
        guard FileManager.default.fileExists(atPath: recording.path) else { return }
        let recorded: LiberoDataset
        do {
            recorded = try LiberoDataset(at: recording, suite: suite)
        } catch let error as LiberoDataError where error.kind == .missing {
            // no demonstration succeeded
            return
        }
        var places: [Job: Int] = [:]
        for info in recorded.episodes {
            guard let number = Int(info.name.dropFirst("demo_".count)) else { continue }
            places[Job(task: info.taskIndex, number: number)] = info.index
        }
        let hasJointState = try recorded.episode(0).columnNames().contains(ColumnName.jointState)
        let recorder = try SetRecorder(
            at: folder, format: format, description: description, hasJointState: hasJointState)
        var done = Array(journal.prefix(recorder.count))
        let missing = wanted.filter { places[$0] != nil && !done.contains($0) }
        for (index, job) in missing.enumerated() {
            try progress(index, missing.count)
            done.append(job)
            try write(done)
            try recorder.append(places[job]!, of: recorded)
        }
        try progress(missing.count, missing.count)
        try FileManager.default.removeItem(at: recording)
    }

    private func write(_ jobs: [Job]) throws {
        let encoder = JSONEncoder.sorted(escapingSlashes: true)
        var data = Data()
        for job in jobs { data += try encoder.encode(job) + Data("\n".utf8) }
        try AtomicFile.write(data, to: folder.appendingPathComponent("episodes.jsonl"))
    }
}
