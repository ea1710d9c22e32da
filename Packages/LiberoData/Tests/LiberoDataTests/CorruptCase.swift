import Foundation
import LiberoData
import TensorCore
import TensorTestSupport
import Testing

/// One entry of an `expected.json` beside damaged data sets.
struct CorruptCase: Sendable, CustomTestStringConvertible {
    let url: URL
    /// The level at which reading must fail; several are alternatives; `none`: it loads, with a warning.
    let levels: [String]
    let words: [String]
    let episode: Int?
    let frame: Int?
    let column: String?
    /// Names or numbers of episodes that still load.
    let goodEpisodes: [String]

    var testDescription: String { url.lastPathComponent }

    static func all(in path: String) -> [CorruptCase] {
        SharedFixtures.all("\(path)/expected.json").flatMap { file -> [CorruptCase] in
            guard let entries = try? Samples.json(file).object else { return [] }
            return entries.compactMap { name, value in
                guard let error = value["error"]?.string else { return nil }
                return CorruptCase(
                    url: file.deletingLastPathComponent().appendingPathComponent(name),
                    levels: error.components(separatedBy: " or "), words: value["message_must_name"]?.strings ?? [],
                    episode: value["episode"]?.integer, frame: value["frame"]?.integer,
                    column: value["column"]?.string,
                    goodEpisodes: (value["good_episodes"]?.array ?? []).map {
                        $0.string ?? $0.integer.map(String.init) ?? ""
                    })
            }
        }.sorted { $0.url.path < $1.url.path }
    }

    /// Opens the set, reads every episode and frame, and compares what failed.
    func check(_ open: (URL) throws -> LiberoDataset) throws {
        var failures: [LiberoDataError] = []
        var good: Set<String> = []
        var warnings: [String] = []
        do {
            let dataset = try open(url)
            warnings = dataset.warnings.map(\.description)
            for info in dataset.episodes {
                do {
                    let episode = try dataset.episode(info.index)
                    for frame in 0..<episode.length {
                        for camera in episode.cameras { _ = try episode.image(of: camera, at: frame) }
                    }
                    good.formUnion([info.name, "\(info.index)"])
                } catch let error as LiberoDataError {
                    failures.append(error)
                }
            }
        } catch let error as LiberoDataError {
            failures.append(error)
        }

        if levels == ["none"] {
            #expect(failures.isEmpty)
            for word in words { #expect(warnings.contains { $0.contains(word) }, "\(word) in \(warnings)") }
        } else {
            let error = try #require(failures.first, "nothing failed")
            #expect(levels.contains(error.level.rawValue) || levels.contains("read"), "\(error.level): \(error)")
            for word in words { #expect("\(error)".localizedCaseInsensitiveContains(word), "\(word) in: \(error)") }
            if let episode { #expect(error.episode == episode) }
            if let frame { #expect(error.frame == frame) }
            if let column { #expect(error.column?.contains(column) == true, "\(error)") }
        }
        for episode in goodEpisodes { #expect(good.contains(episode), "episode \(episode) does not load") }
    }
}
