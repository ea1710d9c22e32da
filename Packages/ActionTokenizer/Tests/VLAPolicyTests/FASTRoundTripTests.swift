import ActionTokenizer
import Foundation
import TensorCore
import TensorTestSupport
import Testing
import VLAPolicy

@Suite struct FASTRoundTripTests {
    /// A chunk that has these coefficients: the inverse of SciPy's orthonormal DCT-II over time.
    private func chunk(_ coefficients: [[Int]], scale: Double) -> [[Double]] {
        let count = coefficients.count
        return (0..<count).map { t in
            coefficients[0].indices.map { d in
                (0..<count).reduce(0.0) { sum, k in
                    let weight = (Double(k == 0 ? 1 : 2) / Double(count)).squareRoot()
                    let angle = Double.pi * Double((2 * t + 1) * k) / Double(2 * count)
                    return sum + weight * cos(angle) * Double(coefficients[k][d]) / scale
                }
            }
        }
    }

    /// Any coefficients between the lowest and the highest ones of the training data come back, whether they occurred
    /// there or not: line feeds, carriage returns before them, combining marks and characters that look alike among them.
    @Test(arguments: [(-20, 20), (-57, 57), (-3, 300), (-900, 900)])
    func anyCoefficientsComeBack(lowest: Int, highest: Int) throws {
        var generator = PhiloxGenerator(seed: UInt64(highest))
        let (horizon, dimensions, scale) = (6, 3, 10.0)
        // the ends of the range, and little between
        var training = (0..<20).map { _ in
            (0..<horizon).map { _ in (0..<dimensions).map { _ in Int.random(in: -1...1, using: &generator) } }
        }
        training[0][0][0] = lowest
        training[1][0][0] = highest
        let tokenizer = try FASTActionTokenizer<BPETokenizerOfActions>.trained(
            on: training.map { chunk($0, scale: scale) }, vocabularySize: 600, scale: scale)
        #expect(tokenizer.minimum == lowest && tokenizer.maximum == highest)

        for value in lowest...highest {
            let coefficients = (0..<horizon).map { t in
                (0..<dimensions).map { d in
                    t == 0 && d == 0 ? value : Int.random(in: lowest...highest, using: &generator)
                }
            }
            let actions = chunk(coefficients, scale: scale)
            #expect(try tokenizer.coefficients(of: actions) == coefficients)
            let ids = try tokenizer.tokenIDs(for: actions)
            let again = try tokenizer.actions(for: ids)
            #expect(try tokenizer.coefficients(of: again) == coefficients, "\(value)")
        }
    }

    /// CR LF is one grapheme cluster and two coefficients; so is a letter with a combining mark.
    @Test func coefficientsAreScalarsNotCharacters() throws {
        let (horizon, scale) = (4, 10.0)
        let row = [13, 10, 0x41, 0x300]
        let training = [row.map { [$0] }, [[0], [0], [0], [0]], row.map { [$0] }]
        let tokenizer = try FASTActionTokenizer<BPETokenizerOfActions>.trained(
            on: training.map { chunk($0, scale: scale) }, scale: scale)
        #expect(tokenizer.minimum == 0 && tokenizer.horizon == horizon)
        let text = try tokenizer.text(of: chunk(row.map { [$0] }, scale: scale))
        #expect(text.count < text.unicodeScalars.count)
        let ids = try tokenizer.tokenIDs(for: chunk(row.map { [$0] }, scale: scale))
        #expect(try tokenizer.coefficients(of: tokenizer.actions(for: ids)) == row.map { [$0] })
    }

    /// Beyond the training data coefficients are cut, not lost.
    @Test func coefficientsBeyondTheVocabularyAreCut() throws {
        let training = [[[-5], [3]], [[8], [0]], [[0], [1]]]
        let coding = try FASTActionCoding(
            trainedOn: training.map { chunk($0, scale: 10) }, vocabularySize: 100, scale: 10)
        let tokenizer = coding.tokenizer
        let ids = try tokenizer.tokenIDs(for: chunk([[40], [-40]], scale: 10))
        let values = try tokenizer.coefficients(of: tokenizer.actions(for: ids))
        #expect(values == [[tokenizer.maximum ?? 0], [-5]])
        #expect((tokenizer.maximum ?? 0) >= 8)
    }
}
