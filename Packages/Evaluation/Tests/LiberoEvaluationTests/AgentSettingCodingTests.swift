import Foundation
import LiberoEvaluation
import PeerPolicies
import Testing

/// The written form of who acts, and that from before December 2026.
@Suite struct AgentSettingCodingTests {
    @Test(arguments: [
        (AgentSetting.expert, #"{"expert":{}}"#, #"{"expert":{}}"#),
        (.random, #"{"random":{}}"#, #"{"random":{}}"#),
        (.checkpoint("a"), #"{"checkpoint":"a"}"#, #"{"checkpoint":{"_0":"a"}}"#),
        (.untrained("b"), #"{"untrained":"b"}"#, #"{"untrained":{"_0":"b"}}"#),
    ])
    func settingIsWrittenPlainlyAndReadInBothForms(setting: AgentSetting, plain: String, older: String) throws {
        #expect(String(decoding: try JSONEncoder().encode(setting), as: UTF8.self) == plain)
        for text in [plain, older] {
            #expect(try JSONDecoder().decode(AgentSetting.self, from: Data(text.utf8)) == setting)
        }
    }

    @Test func folderOfAnotherProjectKeepsItsOptions() throws {
        let options = try PeerPolicyOptions(["chunk=4", "statistics=bridge"])
        let setting = AgentSetting.peer("act", options)
        let data = try JSONEncoder().encode(setting)
        #expect(!String(decoding: data, as: UTF8.self).contains("_0"))
        #expect(try JSONDecoder().decode(AgentSetting.self, from: data) == setting)
        let encoded = String(decoding: try JSONEncoder().encode(options), as: UTF8.self)
        let older = #"{"peer":{"_0":"act","_1":\#(encoded)}}"#
        #expect(try JSONDecoder().decode(AgentSetting.self, from: Data(older.utf8)) == setting)
    }
}
