import Foundation
import TensorCore
import Testing

@Suite struct NumPyGeneratorTests {
    /// `r = np.random.RandomState(3)`, then the calls named here (NumPy 2.4).
    @Test func mixedDrawsAreThoseOfNumPy() {
        var generator = NumPyGenerator(seed: 3)
        let normals = (0..<3).map { _ in generator.normal() }
        #expect(normals == [1.7886284734303186, 0.43650985051198943, 0.09649746807200862])
        #expect(generator.uniform(2, 5) == 4.678840863042964)
        #expect((0..<5).map { _ in generator.integer(below: 10) } == [9, 9, 5, 7, 6])
        #expect(generator.permutation(6) == [3, 2, 1, 5, 4, 0])
        #expect(generator.normal(mean: 1, deviation: 2) == -2.7269854067289816)
    }

    @Test func choiceAmongOneDrawsNothing() {
        var generator = NumPyGenerator(seed: 9)
        #expect(generator.integer(below: 1) == 0)
        #expect(generator == NumPyGenerator(seed: 9))
    }

    @Test func largestBoundTakesEveryWord() {
        var (integers, words) = (NumPyGenerator(seed: 4), MersenneTwister(seed: 4))
        for _ in 0..<10 { #expect(integers.integer(below: 1 << 32) == Int(words.next32())) }
    }

    @Test func encodedStateContinuesTheStream() throws {
        var generator = NumPyGenerator(seed: 3)
        _ = generator.normal()  // leaves a kept normal
        var restored = try JSONDecoder().decode(NumPyGenerator.self, from: JSONEncoder().encode(generator))
        #expect(restored == generator)
        #expect(restored.normal() == generator.normal())
        #expect(restored.permutation(1000) == generator.permutation(1000))
    }

    @Test(arguments: [(623, 0), (624, 625), (624, -1)])
    func damagedStateIsRefused(wordCount: Int, position: Int) {
        let words = [Int](repeating: 1, count: wordCount)
        let json = Data(#"{"key":\#(words),"position":\#(position)}"#.utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(MersenneTwister.self, from: json) }
    }
}
