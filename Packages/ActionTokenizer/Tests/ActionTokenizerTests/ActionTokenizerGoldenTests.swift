import ActionTokenizer
import Foundation
import TensorTestSupport
import Testing

/// `golden/models/action_tokenizer*`: OpenVLA's tokenizer on NumPy. Everything is exact.
@Suite struct ActionTokenizerGoldenTests {
    private struct Case: Decodable {
        let vocab_size, bins: Int
    }

    static let folders = SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("action_tokenizer") }

    @Test(arguments: folders)
    func tokensAndCentersMatchOpenVLA(folder: URL) throws {
        let setting = try Golden.json(folder.appendingPathComponent("case.json"), as: Case.self)
        let golden = try Golden(folder.appendingPathComponent("io.safetensors"))
        let tokenizer = BinActionTokenizer(
            tokens: ActionTokenMap(lastIDsOf: setting.vocab_size, binCount: setting.bins))

        let values = try golden("values_f64").elements(of: Double.self)
        let ids = try golden("ids_f64").elements(of: Int64.self).map(Int.init)
        #expect(try tokenizer.tokenIDs(for: values) == ids)
        #expect(try tokenizer.action(for: ids) == golden("roundtrip_f64").elements(of: Double.self))

        let floats = try golden("values_f32").elements(of: Float.self)
        let idsOfFloats = try golden("ids_f32").elements(of: Int64.self).map(Int.init)
        #expect(floats.map { tokenizer.tokenID(for: $0) } == idsOfFloats)

        let allIDs = try golden("all_ids").elements(of: Int64.self).map(Int.init)
        #expect(try tokenizer.action(for: allIDs) == golden("all_decoded").elements(of: Double.self))
        let centers = (0..<setting.bins - 1).map { tokenizer.value(for: tokenizer.tokens.tokenID(ofBin: $0)) }
        #expect(try centers == golden("centres").elements(of: Double.self))
        // each edge is the lowest value of its bin
        for (bin, edge) in try golden("edges").elements(of: Double.self).enumerated() {
            #expect(tokenizer.bin(for: edge) == bin)
            #expect(tokenizer.bin(for: edge.nextDown) == max(bin - 1, 0))
        }
    }
}
