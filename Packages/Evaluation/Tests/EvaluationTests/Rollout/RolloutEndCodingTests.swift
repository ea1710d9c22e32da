import Evaluation
import Foundation
import Testing

/// The written form of how an episode ended, and that of records from before December 2026.
@Suite struct RolloutEndCodingTests {
    @Test(arguments: [
        (RolloutRecord.End.success, #"{"success":{}}"#, #"{"success":{}}"#),
        (.stepLimit, #"{"stepLimit":{}}"#, #"{"stepLimit":{}}"#),
        (.fault("no action"), #"{"fault":"no action"}"#, #"{"fault":{"_0":"no action"}}"#),
    ])
    func endIsWrittenPlainlyAndReadInBothForms(end: RolloutRecord.End, plain: String, older: String) throws {
        #expect(String(decoding: try JSONEncoder().encode(end), as: UTF8.self) == plain)
        for text in [plain, older] {
            #expect(try JSONDecoder().decode(RolloutRecord.End.self, from: Data(text.utf8)) == end)
        }
    }
}
