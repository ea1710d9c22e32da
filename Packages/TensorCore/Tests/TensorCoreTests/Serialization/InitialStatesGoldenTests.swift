import FileSupport
import Foundation
import TensorCore
import TensorTestSupport
import Testing

/// LIBERO's initial simulator states, `.pruned_init`.
@Suite struct InitialStatesGoldenTests {
    static func files(in path: String) -> [URL] { SharedFixtures.files(below: path, suffixes: ["pruned_init"]) }

    private struct Golden: Decodable {
        let shape: [Int]
        let dtype: DType
        let row0: [Double]
        let time_column: [Double]
        let column_mean: [Double]
    }

    @Test(arguments: files(in: "data/samples/init_states"))
    func samplesHoldTheirValues(url: URL) throws {
        let data = try Data(contentsOf: url.appendingPathExtension("golden.json"))
        let golden = try JSONDecoder().decode(Golden.self, from: data)
        let states = try PickledArray.read(at: url)
        #expect(states.dtype == golden.dtype && states.shape == Shape(golden.shape))
        let (rows, columns) = (states.shape[0], states.shape[1])
        let values = states.elements(of: Double.self)
        #expect(Array(values[..<columns]) == golden.row0)
        #expect((0..<rows).map { values[$0 * columns] } == golden.time_column)
        let means = (0..<columns).map { column in
            (0..<rows).reduce(0.0) { $0 + values[$1 * columns + column] } / Double(rows)
        }
        expectClose(means, golden.column_mean, within: .kinematics)
    }

    @Test(arguments: files(in: "libero"))
    func everyTaskHasStates(url: URL) throws {
        let states = try PickledArray.read(at: url)
        #expect(states.dtype == .float64 && states.rank == 2 && states.shape[0] > 0 && states.shape[1] > 0)
        #expect(states.elements(of: Double.self).allSatisfy { $0.isFinite })
    }

    /// Files that are cut, damaged or ask for code to be run, each with words of what `expected.json` beside it says, where
    /// there is one.
    @Test(arguments: files(in: "data/samples/corrupt"))
    func damagedFilesAreDeclined(url: URL) throws {
        let error = #expect(throws: SerializationError.self) { try PickledArray.read(at: url) }
        #expect(error?.file == url.path)
        let file = url.deletingLastPathComponent().appendingPathComponent("expected.json")
        guard FileManager.default.fileExists(atPath: file.path) else { return }
        let expected = try JSONDecoder().decode([String: String].self, from: Data(contentsOf: file))
        let text = try #require(expected[url.lastPathComponent])
        // "error: ZIP directory missing"
        let words = text.split(separator: ":").last?.split(separator: " ") ?? []
        #expect(
            words.contains { error?.description.localizedCaseInsensitiveContains($0) == true },
            "\(text): \(String(describing: error))")
    }
}
