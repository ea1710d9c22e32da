import Foundation
import TensorCore
import Testing

/// Wrong shapes stop the program with both shapes in the message, in release builds too.
@Suite struct ShapeErrorTests {
    /// Runs a body that must trap and returns what it printed.
    private func message(_ result: ExitTest.Result?) throws -> String {
        String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    }

    @Test func additionNamesBothShapes() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2, 3]) + Tensor.zeros([4])
        }
        #expect(try message(result).contains("add: shapes [2, 3] and [4] do not fit"))
    }

    @Test func linearNamesInputAndWeight() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = linear(.zeros([5, 7]), weight: .zeros([3, 8]))
        }
        #expect(try message(result).contains("linear: input [5, 7], weight [3, 8]"))
    }

    @Test func attentionNamesAllThree() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = attention(.zeros([1, 2, 4, 8]), .zeros([1, 2, 3, 8]), .zeros([1, 2, 3, 8]))
        }
        #expect(try message(result).contains("query [1, 2, 4, 8], key [1, 2, 3, 8], value [1, 2, 3, 8]"))
    }

    @Test func reshapeNamesBothShapes() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2, 3]).reshaped([4, 2])
        }
        #expect(try message(result).contains("reshape [2, 3] to [4, 2]"))
    }

    @Test func idOutsideOfTheTableIsNamed() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = embedding(.zeros([10, 2]), ids: Tensor(integers: [3, 10], [2]))
        }
        #expect(try message(result).contains("id 10 in a table of 10 rows"))
    }
}
