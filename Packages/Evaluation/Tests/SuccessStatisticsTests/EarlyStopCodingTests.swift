import Foundation
import SuccessStatistics
import Testing

/// The written form of what an evaluation asks, and that of files from before December 2026.
@Suite struct EarlyStopCodingTests {
    @Test(arguments: [
        (EarlyStop.Question.isBelow(0.5), #"{"isBelow":0.5}"#, #"{"isBelow":{"_0":0.5}}"#),
        (.isAbove(0.25), #"{"isAbove":0.25}"#, #"{"isAbove":{"_0":0.25}}"#),
        (.isBelowOrAbove(0.75), #"{"isBelowOrAbove":0.75}"#, #"{"isBelowOrAbove":{"_0":0.75}}"#),
    ])
    func questionIsWrittenPlainlyAndReadInBothForms(question: EarlyStop.Question, plain: String, older: String) throws {
        #expect(String(decoding: try JSONEncoder().encode(question), as: UTF8.self) == plain)
        for text in [plain, older] {
            #expect(try JSONDecoder().decode(EarlyStop.Question.self, from: Data(text.utf8)) == question)
        }
    }

    @Test(arguments: ["{}", #"{"isBelow":1,"isAbove":1}"#, #"{"isNear":1}"#, #"{"isBelow":"1"}"#, #"{"isBelow":{}}"#])
    func otherFormsAreErrors(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(EarlyStop.Question.self, from: Data(text.utf8)) }
    }
}
