import ActionTokenizer
import Foundation
import TensorTestSupport
import Testing
import VLAPolicy

/// `golden/models/fast*` and `cases/31*`: SciPy's transform and the tokenizers library.
@Suite struct FASTGoldenTests {
    static let folders =
        SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("fast") }
        + SharedFixtures.folders(in: "cases") { $0.hasPrefix("31") }

    private struct Fixture: Decodable {
        struct Chunk: Decodable {
            var actions, decoded: [[Double]]
            var coefficients: [[Int]]
            var ids: [Int]
        }
        var horizon, action_dim, min_token: Int
        var scale: Double
        var cases: [Chunk]
    }

    @Test(arguments: folders)
    func coefficientsTokensAndDecodingMatch(folder: URL) throws {
        let fixture = try Golden.json(folder.appendingPathComponent("case.json"), as: Fixture.self)
        let bytePairs = try BPETokenizerOfActions(
            json: Data(contentsOf: folder.appendingPathComponent("bpe.json")))
        let tokenizer = FASTActionTokenizer(
            encoder: bytePairs, horizon: fixture.horizon, dimensionCount: fixture.action_dim, scale: fixture.scale,
            minimum: fixture.min_token)
        #expect(!fixture.cases.isEmpty)
        for chunk in fixture.cases {
            #expect(try tokenizer.coefficients(of: chunk.actions) == chunk.coefficients)
            // the published decoder gives zeros where its own vocabulary lost a coefficient
            #expect(try tokenizer.tokenIDs(for: chunk.actions, strictness: .zeros) == chunk.ids)
            let decoded = try tokenizer.actions(for: chunk.ids, strictness: .zeros)
            let isWhole = bytePairs.decode(chunk.ids).unicodeScalars.count == fixture.horizon * fixture.action_dim
            if isWhole {
                #expect(try tokenizer.tokenIDs(for: chunk.actions) == chunk.ids)
                #expect(try tokenizer.actions(for: chunk.ids) == decoded)
            } else {
                #expect(decoded.allSatisfy { $0.allSatisfy { $0 == 0 } })
                let error = #expect(throws: FASTError.self) { try tokenizer.tokenIDs(for: chunk.actions) }
                // named, and one of the chunk's
                guard case .noToken(let coefficient?) = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                #expect(chunk.coefficients.joined().contains(coefficient))
            }
            expectClose(
                decoded.flatMap { $0 }, chunk.decoded.flatMap { $0 },
                within: Tolerance(relative: 1e-9, absolute: 1e-9))
        }
    }
}
