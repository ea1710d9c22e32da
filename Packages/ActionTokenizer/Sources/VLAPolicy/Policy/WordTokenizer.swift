import FileSupport
public import Foundation

/// Splits a sentence into the words of a fixed list: for small policies whose instructions are few.
///
/// Words are runs of letters and digits in lower case; each other character that is no white space is a word of its own.
/// Id 0 fills rows up; word i of the list has the id i + 1. A word that is not in the list is an error: the policy was
/// never shown it, and would act on the rest of the sentence unnoticed.
public struct WordTokenizer: Hashable, Sendable {
    public let words: [String]
    private let ids: [String: Int]

    /// The words of some sentences, in alphabetical order.
    public init(sentences: some Sequence<String>) {
        let words = Set(sentences.flatMap(Self.split)).sorted()
        self.words = words
        ids = Dictionary(uniqueKeysWithValues: words.enumerated().map { ($1, $0 + 1) })
    }

    /// The largest list that is read.
    static let wordLimit = 100_000

    /// Reads `{"format": "words 1", "words": [...]}`.
    ///
    /// - Throws: ``PipelineError/tokenizer(_:)``.
    public init(file: Data) throws {
        let content: File
        do { content = try JSONDecoder().decode(File.self, from: file) } catch {
            throw PipelineError.tokenizer("it is no list of words: \(JSONReading.explanation(of: error, in: file))")
        }
        guard content.format == File.format else {
            throw PipelineError.tokenizer("its format is '\(content.format)', known is '\(File.format)'")
        }
        guard content.words.count <= Self.wordLimit, Set(content.words).count == content.words.count,
            content.words.allSatisfy({ Self.split($0) == [$0] })
        else { throw PipelineError.tokenizer("a word occurs twice, is no word, or there are too many") }
        words = content.words
        ids = Dictionary(uniqueKeysWithValues: words.enumerated().map { ($1, $0 + 1) })
    }

    private struct File: Codable {
        static let format = "words 1"
        var format = Self.format
        var words: [String]
    }

    /// The file's bytes.
    public func file() throws -> Data {
        let encoder = JSONEncoder.sorted(indented: true)
        return try encoder.encode(File(words: words))
    }

    /// The words and the filling.
    public var vocabularySize: Int { words.count + 1 }

    /// The words of a sentence.
    public static func split(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        for character in text.lowercased() {
            if character.isLetter || character.isNumber {
                word.append(character)
                continue
            }
            if !word.isEmpty { words.append(word) }
            word = ""
            if !character.isWhitespace, character != "_" { words.append(String(character)) }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    /// One id per word.
    ///
    /// - Throws: ``PipelineError/unknownWords(_:known:)``.
    public func encode(_ text: String) throws -> [Int] {
        let split = Self.split(text)
        let unknown = split.filter { ids[$0] == nil }
        guard unknown.isEmpty else { throw PipelineError.unknownWords(unknown, known: words) }
        return split.map { ids[$0]! }
    }

    /// The words of some ids, joined by spaces; the filling is left out.
    public func decode(_ ids: [Int]) -> String {
        ids.compactMap { words.indices.contains($0 - 1) ? words[$0 - 1] : nil }.joined(separator: " ")
    }
}
