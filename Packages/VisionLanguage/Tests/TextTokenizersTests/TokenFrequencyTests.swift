import Foundation
import TensorTestSupport
import Testing
import TextTokenizers

@Suite struct TokenFrequencyTests {
    @Test func rarestComeFirstAndTiesByHigherID() {
        var frequency = TokenFrequency(vocabularySize: 6)
        frequency.add([0, 0, 0, 2, 2, 4, 5])
        #expect(frequency.counts == [3, 0, 2, 0, 1, 1])
        #expect(frequency.tokenCount == 7)
        #expect(frequency.leastUsed(6, keeping: []) == [3, 1, 5, 4, 2, 0])
        #expect(frequency.leastUsed(2, keeping: [3, 5]) == [1, 4])
    }

    @Test func partsOfACorpusAddUp() {
        var (first, second, whole) = (
            TokenFrequency(vocabularySize: 3), TokenFrequency(vocabularySize: 3), TokenFrequency(vocabularySize: 3)
        )
        first.add([0, 1])
        second.add([1, 2, 2])
        whole.add([0, 1, 1, 2, 2])
        #expect(first + second == whole)
    }

    @Test func bytesAndAddedTokensStay() throws {
        let tokenizer = try SmallTokenizer.make(merges: [("a", "b")], added: [(300, "<x>", false)])
        #expect(tokenizer.indispensableIDs == Set(0..<256).union([300]))
    }

    /// Of both MiniMind vocabularies the specification names the ids: added tokens first, then 256 bytes.
    @Test(arguments: MiniMind.files)
    func indispensableIDsComeFirstInMiniMind(file: URL) throws {
        let tokenizer = try BPETokenizer(at: file)
        #expect(tokenizer.indispensableIDs == Set(0..<tokenizer.addedTokens.count + 256))
        #expect(tokenizer.indispensableIDs.isSuperset(of: tokenizer.encode("@")))

        // what is taken for actions, text does not lose
        var frequency = TokenFrequency(vocabularySize: tokenizer.vocabularySize)
        frequency.add(tokenizer.encode("pick up the black bowl and place it on the plate"))
        let kept = tokenizer.indispensableIDs
        let count = min(256, frequency.counts.indices.count { frequency.counts[$0] == 0 && !kept.contains($0) })
        let ids = frequency.leastUsed(count, keeping: tokenizer.indispensableIDs)
        #expect(Set(ids).count == count && count > 0)
        #expect(Set(ids).isDisjoint(with: tokenizer.indispensableIDs))
        #expect(ids.allSatisfy { frequency.counts[$0] == 0 })
        #expect(ids == ids.sorted(by: >))
    }
}
