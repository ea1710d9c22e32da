import Foundation
import ImageProcessing
import Parquet
import TensorCore
import TensorTestSupport
import TextTokenizers
import VisionLanguage
import Testing

import ConversationData

/// Conversations as the Parquet sets and the JSON lines of MiniMind-V hold them.
@Suite struct ConversationSetTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ConversationSetTests-\(UUID())")
    private let colors: [SIMD3<UInt8>] = [[200, 0, 0], [0, 200, 0], [0, 0, 200]]

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    private func json(_ index: Int) -> String {
        #"[{"role": "user", "content": "<image>\nWhich?"}, {"role": "assistant", "content": "Number \#(index)."}]"#
    }

    private func image(_ index: Int) -> [UInt8] {
        PNG.encode(RGBImage(width: 30, height: 20 + index, color: colors[index]))
    }

    /// Images as groups with their bytes; two row groups.
    private func table(_ texts: [String], _ images: [[UInt8]]) throws -> URL {
        let url = folder.appendingPathComponent("set.parquet")
        let writer = try ParquetWriter(
            to: url, columns: [.init("conversations", .text), .init("image_bytes", .image)])
        for rows in [0..<1, 1..<texts.count] {
            try writer.append([.text(Array(texts[rows])), .images(rows.map { (images[$0], "\($0).png") })])
        }
        try writer.close()
        return url
    }

    private func lines() throws -> URL {
        let url = folder.appendingPathComponent("set.jsonl")
        let lines = (0..<3).map { #"{"conversations": \#(json($0)), "image": "\#($0).png"}"# }
        try lines.joined(separator: "\n").write(to: url, atomically: true, encoding: .utf8)
        for index in 0..<3 { try Data(image(index)).write(to: folder.appendingPathComponent("\(index).png")) }
        return url
    }

    private static let tokenizers = SharedFixtures.folders(in: "data/minimind") { $0.hasPrefix("2025") }
        .map { $0.appendingPathComponent("tokenizer.json") }

    @Test func rowsAreConversationsWithImages() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let table = try ConversationTable(at: table((0..<3).map(json), (0..<3).map(image)))
        #expect(table.count == 3)
        for row in [2, 0, 1] {
            let (conversation, images) = try table.conversation(at: row)
            #expect(conversation.messages.last?.content == "Number \(row).")
            #expect(images == [RGBImage(width: 30, height: 20 + row, color: colors[row])])
        }
    }

    /// Both forms of the same conversations give the same examples; indices go on from file to file.
    @Test(arguments: tokenizers)
    func bothFormsGiveTheSameExamples(url: URL) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let set = try ConversationSet(at: [table((0..<3).map(json), (0..<3).map(image)), lines()], images: nil)
        #expect(set.count == 6)
        let tokenizer = try BPETokenizer(at: url)
        let reader = ConversationReader(
            tokenizer: tokenizer, generation: .july2025, transform: .clip(size: 16), imageFolder: url,
            tokensPerImage: 4, maximumLength: 200)
        for index in 0..<3 {
            let (a, b) = (
                try set.example(index, reader, using: PhiloxGenerator(seed: 0)),
                try set.example(index + 3, reader, using: PhiloxGenerator(seed: 0))
            )
            #expect(a.ids == b.ids && a.labels == b.labels && a.runs == b.runs)
            #expect(a.pixels?.elements() == b.pixels?.elements())
        }
    }

    @Test func damagedRowsAreNamed() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = try table([json(0), "{", json(2)], [image(0), image(1), Array(image(2).prefix(40))])
        let table = try ConversationTable(at: url)
        #expect { try table.conversation(at: 1) } throws: { "\($0)".contains("row 1") && "\($0)".contains(url.path) }
        #expect { try table.conversation(at: 2) } throws: { "\($0)".contains("row 2") }
    }

    @Test func otherColumnsAreNamed() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = folder.appendingPathComponent("other.parquet")
        let writer = try ParquetWriter(to: url, columns: [.init("text", .text)])
        try writer.append([.text(["a"])])
        try writer.close()
        #expect { try ConversationTable(at: url) } throws: {
            "\($0)".contains("conversations") && "\($0)".contains("text")
        }
    }
}
