import FileSupport
import Foundation

/// How long an episode took: a line of `times.jsonl`, beside the log because it is not the same every time.
struct EpisodeTimes: Codable {
    private static let fileName = "times.jsonl"

    var episode: PlannedEpisode
    /// Wall time of the worker.
    var seconds: Double
    /// How long the policy took of it; `nil` for agents that are not timed.
    var inference: InferenceTimes?

    init(_ outcome: EpisodeOutcome) {
        (episode, seconds, inference) = (outcome.episode, outcome.seconds, outcome.inference)
    }

    /// Adds a line. Times are information beside the results: what cannot be written is left out.
    func append(to folder: URL) {
        guard var line = try? JSONEncoder.sorted().encode(self) else { return }
        line.append(UInt8(ascii: "\n"))
        let path = folder.appendingPathComponent(Self.fileName).path
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o644)
        guard file >= 0 else { return }
        defer { close(file) }
        _ = line.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    }

    /// The times of an evaluation's episodes; of one that ran again, the last. Damaged lines are left out.
    static func read(in folder: URL) -> [PlannedEpisode: EpisodeTimes] {
        guard let data = try? FileContent.data(at: folder.appendingPathComponent(fileName)) else { return [:] }
        let lines = data.split(separator: UInt8(ascii: "\n")).compactMap {
            try? JSONDecoder().decode(EpisodeTimes.self, from: Data($0))
        }
        return Dictionary(lines.map { ($0.episode, $0) }) { _, last in last }
    }
}
