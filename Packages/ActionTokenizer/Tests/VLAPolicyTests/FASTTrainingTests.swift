import ActionTokenizer
import Foundation
import TensorCore
import Testing
import TextTokenizers
import VLAPolicy

@Suite struct FASTTrainingTests {
    /// Smooth chunks become few tokens and come back within half a step of each coefficient.
    @Test func trainedTokenizerGivesChunksBack() throws {
        var generator = PhiloxGenerator(seed: 1)
        let chunks = (0..<60).map { _ in
            let (a, b) = (Double.random(in: -1...1, using: &generator), Double.random(in: 0...3, using: &generator))
            return (0..<8).map { t in (0..<3).map { d in a * sin(b + Double(t + d) / 4) } }
        }
        let tokenizer = try FASTActionTokenizer<BPETokenizerOfActions>.trained(on: chunks, vocabularySize: 200)
        var count = 0
        for chunk in chunks {
            let ids = try tokenizer.tokenIDs(for: chunk)
            count += ids.count
            let again = try tokenizer.actions(for: ids)
            // √(Σ of squared half steps over a dimension's coefficients)
            let bound = 0.05 * Double(8).squareRoot()
            #expect(zip(again.joined(), chunk.joined()).allSatisfy { abs($0 - $1) <= bound })
        }
        #expect(count < 60 * 24 / 2)
        let read = try BPETokenizerOfActions(json: tokenizer.encoder.json)
        #expect(try read.encode(tokenizer.text(of: chunks[0])) == tokenizer.tokenIDs(for: chunks[0]))
    }

    @Test func wrongNumberOfCoefficientsIsToldOrFilled() throws {
        struct Plain: FASTTextEncoder {
            func encode(_ text: String) -> [Int] { text.unicodeScalars.map { Int($0.value) } }
            func decode(_ ids: [Int]) -> String {
                String(String.UnicodeScalarView(ids.compactMap { Unicode.Scalar(UInt32($0)) }))
            }
        }
        let tokenizer = FASTActionTokenizer(encoder: Plain(), horizon: 2, dimensionCount: 2, minimum: -50)
        let ids = try tokenizer.tokenIDs(for: [[1, 0], [1, 0]])
        #expect(throws: FASTError.coefficientCount(3, expected: 4)) { try tokenizer.actions(for: Array(ids.prefix(3))) }
        #expect(try tokenizer.actions(for: Array(ids.prefix(3)), strictness: .zeros) == [[0, 0], [0, 0]])
        #expect(
            try tokenizer.actions(for: Array(ids.prefix(3)), strictness: .relaxed)
                == tokenizer.actions(for: ids))
        #expect(throws: FASTError.notFinite) { try tokenizer.tokenIDs(for: [[.nan, 0], [0, 0]]) }
    }
}
