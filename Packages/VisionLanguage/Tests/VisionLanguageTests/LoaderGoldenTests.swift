import FileSupport
import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import Testing
import VisionLanguage

/// Good and bad weight files: what a decoder makes of each of `golden/models/loader*`.
@Suite struct LoaderGoldenTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let folder: URL
        let name: String
        let expectation: Expectation
        var url: URL { folder.appendingPathComponent(name) }
        var testDescription: String { name }

        func decoder() throws -> Decoder {
            let data = try Data(contentsOf: folder.appendingPathComponent("case.json"))
            let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
            let config = try JSONSerialization.data(withJSONObject: object?["config"] ?? [:])
            var configuration = try DecoderConfiguration(miniMind: config, generation: .july2025)
            configuration.initialization = .zero
            var generator = PhiloxGenerator(seed: 0)
            return Decoder(configuration, using: &generator)
        }

        var expected: SafetensorsFile {
            get throws { try SafetensorsFile(at: folder.appendingPathComponent("expected.safetensors")) }
        }
    }

    struct Expectation: Decodable, Sendable {
        struct Shapes: Decodable, Sendable {
            let file: [Int]
            let model: [Int]
        }
        let ok: Bool
        var dtype: DType?
        var missing: [String]?
        var unexpected: [String]?
        var shape_mismatch: [String: Shapes]?
        var conflict: [String]?
        var not_finite: [String]?
        var wrong_numbers: Bool?

        /// Whether a decoder says what is wrong; otherwise the file itself cannot be read.
        var isMismatch: Bool {
            !ok && (missing != nil || shape_mismatch != nil || conflict != nil || not_finite != nil)
        }
    }

    private struct Description: Decodable { let files: [String: Expectation] }

    static let cases: [Case] = SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("loader") }.flatMap {
        folder in
        let description: Description = try! Golden.json(folder.appendingPathComponent("case.json"))
        return description.files.sorted { $0.key < $1.key }.map {
            Case(folder: folder, name: $0.key, expectation: $0.value)
        }
    }

    private func expectLogits(_ decoder: Decoder, _ test: Case, named name: String) throws {
        let expected = try test.expected
        let logits = decoder.logits(decoder(decoder.embed(try expected.tensor("input_ids"))).hidden)
        guard let dtype = test.expectation.dtype, dtype != .float32 else {
            expectClose(
                logits, try expected.tensor(name), within: .init(relative: 1e-4, absolute: 1e-4), name)
            return
        }
        // the reference's logits are of the weights before they were rounded: the same, rounded here, give the same bits
        var rounded = try test.decoder()
        var weights: [String: Tensor] = [:]
        for name in rounded.parameters.keys {
            weights[name] = try expected.tensor("w/" + name).converted(to: dtype)
        }
        try rounded.load(weights)
        let ids = try expected.tensor("input_ids")
        #expect(logits.elements() == rounded.logits(rounded(rounded.embed(ids)).hidden).elements())
        expectClose(logits, try expected.tensor(name), within: .init(relative: 0, absolute: 0.05), name)
    }

    @Test(arguments: cases.filter(\.expectation.ok))
    func goodFilesLoadAndCompute(test: Case) throws {
        var decoder = try test.decoder()
        let checkpoint = try Checkpoint(at: test.url)
        let report = try decoder.load(checkpoint)
        #expect(report.elementCount == decoder.parameterCount())
        if let dtype = test.expectation.dtype { #expect(Set(report.storedTypes.keys) == [dtype]) }
        #expect(report.absent.isEmpty && report.unused.isEmpty)
        #expect((report.tied == ["lm_head.weight"]) == !checkpoint.names.contains("lm_head.weight"))
        let isWrong = test.expectation.wrong_numbers == true
        try expectLogits(decoder, test, named: isWrong ? "logits_when_not_permuted" : "logits")
    }

    @Test(arguments: cases.filter(\.expectation.isMismatch))
    func badFilesAreReported(test: Case) throws {
        var decoder = try test.decoder()
        let before = decoder.parameters.mapValues(\.floats)
        let expectation = test.expectation
        let checkpoint = try Checkpoint(at: test.url)
        let mismatch = try #require(throws: CheckpointMismatch.self) { try decoder.load(checkpoint) }
        #expect(mismatch.missing == (expectation.missing ?? []).sorted())
        #expect(mismatch.unexpected == (expectation.unexpected ?? []).sorted())
        #expect(mismatch.notFinite == (expectation.not_finite ?? []).sorted())
        #expect(mismatch.conflicting.sorted() == (expectation.conflict ?? []).sorted())
        let shapes = expectation.shape_mismatch ?? [:]
        #expect(
            mismatch.wrongShapes.sorted { $0.name < $1.name }
                == shapes.sorted { $0.key < $1.key }.map {
                    .init(name: $0.key, found: Shape($0.value.file), expected: Shape($0.value.model))
                })
        #expect(mismatch.description.contains(test.name))
        // nothing was touched
        #expect(decoder.parameters.mapValues(\.floats) == before)
    }

    @Test(arguments: cases.filter { !$0.expectation.ok && !$0.expectation.isMismatch })
    func unreadableFilesAreDeclined(test: Case) throws {
        let error = try #require(throws: SerializationError.self) { try Checkpoint(at: test.url) }
        #expect(error.description.contains(test.name))
    }

    /// The old layout is recognized, and computes the reference's logits once it is converted.
    @Test(arguments: cases.filter { $0.expectation.missing?.contains("lm_head.weight") == true })
    func oldLayoutsAreConverted(test: Case) throws {
        var decoder = try test.decoder()
        let checkpoint = try Checkpoint(at: test.url)
        #expect(checkpoint.layout == .miniMindBefore20250426)
        #expect(decoder.mismatch(with: checkpoint)?.description.contains("2025-04-26") == true)
        let converted = try checkpoint.convertedToCurrentLayout(headSize: decoder.configuration.headSize)
        #expect(converted.layout == .current)
        try decoder.load(converted)
        try expectLogits(decoder, test, named: "logits")
    }

    /// Two different matrices under tied names load when the caller says which one counts.
    @Test(arguments: cases.filter { $0.expectation.conflict != nil })
    func tiesAreSettledByTheCaller(test: Case) throws {
        let checkpoint = try Checkpoint(at: test.url)
        for (winner, name) in [
            (LoadingOptions.TieWinner.parameter, "model.embed_tokens.weight"), (.secondName, "lm_head.weight"),
        ] {
            var decoder = try test.decoder()
            var options = LoadingOptions()
            options.winnerOfTies = winner
            try decoder.load(checkpoint, options)
            #expect(decoder.embedding.weight.value.floats == checkpoint.tensors[name]?.floats)
        }
    }
}
