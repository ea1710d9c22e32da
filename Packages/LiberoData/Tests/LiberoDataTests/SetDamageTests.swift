import FileSupport
import Foundation
import LiberoData
import Parquet
import TensorTestSupport
import Testing

/// Damage in one episode of a LeRobot set leaves the others usable, and errors name what a user can look up.
@Suite struct SetDamageTests {
    static let sets = SharedFixtures.folders(in: "\(Samples.path)/lerobot").filter {
        FileManager.default.fileExists(atPath: $0.appendingPathComponent("meta/info.json").path)
    }

    private func copy(_ set: URL) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let manager = FileManager.default
        for path in (manager.enumerator(atPath: set.path)?.compactMap { $0 as? String } ?? []).sorted() {
            let (from, to) = (set.appendingPathComponent(path), folder.url.appendingPathComponent(path))
            var isFolder: ObjCBool = false
            _ = manager.fileExists(atPath: from.path, isDirectory: &isFolder)
            if isFolder.boolValue {
                try manager.createDirectory(at: to, withIntermediateDirectories: true)
            } else {
                try Data(contentsOf: from).write(to: to)
            }
        }
        return folder
    }

    /// The first episode's file is missing, cut or empty: the others load as before.
    @Test(arguments: sets, ["missing", "cut", "empty"])
    func aDamagedFirstEpisodeCostsOnlyItself(set: URL, damage: String) throws {
        let whole = try LiberoDataset(at: set)
        guard Set(whole.episodes.map(\.file)).count == whole.episodes.count, whole.episodes.count > 1 else { return }
        let folder = try copy(set)
        let file = folder.url.appendingPathComponent(whole.episodes[0].file)
        switch damage {
        case "missing": try FileManager.default.removeItem(at: file)
        case "cut": try Data(contentsOf: file).dropLast(100).write(to: file)
        default: try Data().write(to: file)
        }
        let dataset = try LiberoDataset(at: folder.url)
        #expect(dataset.episodes.count == whole.episodes.count && dataset.description == whole.description)
        let error = #expect(throws: LiberoDataError.self) { try dataset.episode(0) }
        #expect(error?.level == .episode && error?.file.contains(file.lastPathComponent) == true)
        for index in dataset.episodes.indices.dropFirst() {
            let (a, b) = (try dataset.episode(index), try whole.episode(index))
            #expect(a.actions == b.actions && a.states == b.states && a.instruction == b.instruction)
        }
        let report = try dataset.validate(decodingImages: false)
        #expect(report.episodes.keys.sorted() == [0])
    }

    /// The length of the first episode in the metadata is wrong.
    @Test(arguments: sets)
    func aWrongLengthOfTheFirstEpisodeCostsOnlyItself(set: URL) throws {
        let lines = set.appendingPathComponent("meta/episodes.jsonl")
        guard let text = try? String(contentsOf: lines, encoding: .utf8) else { return }
        let whole = try LiberoDataset(at: set)
        let folder = try copy(set)
        let changed = text.replacing(
            "\"length\": \(whole.episodes[0].length)", with: "\"length\": \(whole.episodes[0].length + 2)",
            maxReplacements: 1)
        try #require(changed != text)
        try Data(changed.utf8).write(to: folder.url.appendingPathComponent("meta/episodes.jsonl"))
        let dataset = try LiberoDataset(at: folder.url)
        let error = #expect(throws: LiberoDataError.self) { try dataset.episode(0) }
        #expect(error?.description.contains("line 1") == true, "\(String(describing: error))")
        for index in dataset.episodes.indices.dropFirst() { _ = try dataset.episode(index) }
    }

    @Test(arguments: sets)
    func aSetWithoutItsDescriptionNamesTheFile(set: URL) throws {
        let folder = try copy(set)
        try FileManager.default.removeItem(at: folder.url.appendingPathComponent("meta/info.json"))
        let error = #expect(throws: LiberoDataError.self) { try LiberoDataset(at: folder.url) }
        #expect(error?.file == "meta/info.json" && error?.kind == .missing, "\(String(describing: error))")
    }

    /// A null row is told with its row and frame; rows before it in other episodes load.
    @Test func nullRowsAreNamed() throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("a.parquet")
        let writer = try ParquetWriter(to: file, columns: [.init("x", .listOfText), .init("y", .float)])
        try writer.append([.listsOfText([["a"], [], ["b"]]), .float([1, 2, 3])])
        try writer.close()
        let parquet = try ParquetFile(at: file)
        #expect(try parquet.matrix(try #require(parquet.leaf("y"))).values == [1, 2, 3])
        // texts are no numbers, in words
        let error = #expect(throws: SerializationError.self) { try parquet.matrix(try #require(parquet.leaf("x"))) }
        #expect(error?.found.contains("texts, not numbers") == true, "\(String(describing: error))")
        for word in ["BYTE_ARRAY", "INT", "FIXED"] { #expect(error?.description.contains(word) == false) }
    }
}
