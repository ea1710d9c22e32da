import Foundation
import Testing

@testable import TextTokenizers

@Suite struct BPETokenizerTests {
    @Test func lowestRankGoesFirst() throws {
        // "bc" before "ab": of a b c the right pair is merged, and "abc" cannot come about from ab + c
        let tokenizer = try SmallTokenizer.make(merges: [("b", "c"), ("a", "b"), ("ab", "c")])
        #expect(tokenizer.encode("abc") == [97, 256])
        #expect(tokenizer.encode("ab") == [257])
        #expect(tokenizer.encode("aab") == [97, 257])
    }

    @Test func equalPairsGoLeftToRight() throws {
        let tokenizer = try SmallTokenizer.make(merges: [("a", "a")])
        #expect(tokenizer.encode("aaa") == [256, 97])
        #expect(tokenizer.encode("aaaa") == [256, 256])
    }

    @Test func mergesDoNotCrossPieces() throws {
        let tokenizer = try SmallTokenizer.make(merges: [(" ", "a"), ("a", " ")])
        // the space belongs to the word behind it
        #expect(tokenizer.encode("a a") == [97, 256])
        #expect(tokenizer.encode(" a a") == [256, 256])
    }

    @Test func addedTokensAreFoundFirst() throws {
        let tokenizer = try SmallTokenizer.make(
            merges: [], added: [(300, "<e>", true), (301, "<e>!", false), (302, "e!", false)])
        // leftmost, then longest
        #expect(tokenizer.encode("<e>!<e>?e!") == [301, 300, 63, 302])
        #expect(tokenizer.encode("<e>", recognizingAddedTokens: false) == [60, 101, 62])
        #expect(tokenizer.decode([301, 300, 63]) == "<e>!<e>?")
        #expect(tokenizer.decode([301, 300, 63], skippingSpecialTokens: true) == "<e>!?")
        #expect(tokenizer.id(ofAddedToken: "<e>") == 300)
        #expect(tokenizer.id(ofAddedToken: "<f>") == nil)
        #expect(tokenizer.vocabularySize == 303)
    }

    @Test func brokenCharactersDecodeToReplacements() throws {
        let tokenizer = try SmallTokenizer.make(merges: [])
        #expect(tokenizer.decode([0xE4, 0xBD, 0xA0]) == "你")
        #expect(tokenizer.decode([0xE4, 0xBD]) == "\u{FFFD}")
        #expect(tokenizer.decode([0xE4, 0xBD, 0x41, 0xFF]) == "\u{FFFD}A\u{FFFD}")
        // ids that stand for nothing
        #expect(tokenizer.decode([0x41, 256, -1, 1 << 40]) == "A")
    }

    /// The heap against "the lowest pair, the leftmost, again and again".
    @Test func heapMergesAsThePlainRuleDoes() {
        var generator = SeededGenerator(state: 21)
        for _ in 0..<200 {
            var (table, ranks) = (MergeTable(), [[Int]: (rank: Int, result: Int)]())
            for rank in 0..<30 {
                let pair = (0..<2).map { _ in Int.random(in: 0..<8, using: &generator) }
                guard ranks[pair] == nil else { continue }
                // few symbols, so that results take part in merges again
                let result = Int.random(in: 0..<8, using: &generator)
                ranks[pair] = (rank, result)
                table.add(pair[0], pair[1], rank: rank, result: result)
            }
            let ids = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                Int.random(in: 0..<8, using: &generator)
            }
            var expected = ids
            while true {
                let pairs = expected.indices.dropLast().filter { ranks[[expected[$0], expected[$0 + 1]]] != nil }
                let best = pairs.min { a, b in
                    (ranks[[expected[a], expected[a + 1]]]?.rank ?? 0)
                        < (ranks[[expected[b], expected[b + 1]]]?.rank ?? 0)
                }
                guard let best, let merge = ranks[[expected[best], expected[best + 1]]] else { break }
                expected.replaceSubrange(best...best + 1, with: [merge.result])
            }
            #expect(table.merged(ids) == expected)
        }
    }

    @Test func longPiecesTakeNoSquareOfTime() throws {
        // no space in it: looking for the best pair anew after each merge would take 10⁹ steps
        let tokenizer = try SmallTokenizer.make(merges: [("a", "a"), ("aa", "aa")])
        let ids = tokenizer.encode(String(repeating: "a", count: 30_000))
        #expect(ids == Array(repeating: 257, count: 7_500))
    }
}
