import Foundation
import TensorCore
import TensorTestSupport
import Testing

/// LIBERO's initial simulator states, `.pruned_init`.
@Suite struct InitialStatesGoldenTests {
    static func files(in path: String) -> [URL] {
        SharedFixtures.all(path).flatMap { folder -> [URL] in
            let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
            return (found?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "pruned_init" }
                .sorted { $0.path < $1.path }
        }
    }

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

    @Test(arguments: files(in: "data/samples/corrupt"))
    func damagedFilesAreDeclined(url: URL) {
        expectError(.truncated, naming: ["ZIP directory", "missing"], file: url.path) {
            _ = try PickledArray.read(at: url)
        }
    }
}
