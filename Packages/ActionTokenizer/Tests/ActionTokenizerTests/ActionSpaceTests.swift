import RobotInterface
import ActionTokenizer
import Foundation
import Testing

@Suite struct ActionSpaceTests {
    @Test func differencesNameFieldAndBothSides() throws {
        var other = ActionSpace.libero
        other.gripperConvention = .openVLA
        other.controlRate = 10
        let differences = try FieldDifference.between(other, and: ActionSpace.libero)
        #expect(
            differences == [
                FieldDifference(field: "controlRate", found: "10", expected: "20"),
                FieldDifference(field: "gripperConvention", found: "\"openVLA\"", expected: "\"environment\""),
            ])
        #expect(try FieldDifference.between(ActionSpace.libero, and: ActionSpace.libero).isEmpty)
    }

    @Test func chunksSurviveCoding() throws {
        let chunk = ActionChunk([[1, 2, 3], [4, 5, 6]])
        #expect(chunk.horizon == 2 && chunk[1] == [4, 5, 6])
        let data = try JSONEncoder().encode(chunk)
        #expect(String(decoding: data, as: UTF8.self) == "[[1,2,3],[4,5,6]]")
        #expect(try JSONDecoder().decode(ActionChunk.self, from: data) == chunk)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(ActionChunk.self, from: Data("[[1],[2,3]]".utf8))
        }
    }
}
