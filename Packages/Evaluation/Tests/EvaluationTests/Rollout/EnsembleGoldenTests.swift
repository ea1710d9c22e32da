import RobotInterface
import ActionTokenizer
import Evaluation
import Foundation
import TensorCore
import TensorTestSupport
import Testing

/// A case of temporal ensembling: `chunks.<decay>` `[steps, 1, horizon, dimensions]`, `executed.<decay>`.
struct EnsembleCase: CustomTestStringConvertible, Sendable {
    let folder: URL
    let decay: String

    var testDescription: String { "\(folder.lastPathComponent), decay \(decay)" }

    static let all: [EnsembleCase] = SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("ensemble") }
        .flatMap { folder -> [EnsembleCase] in
            let archive = try? TensorArchive.open(folder.appendingPathComponent("io.safetensors"))
            return (archive?.names ?? []).filter { $0.hasPrefix("chunks.") }.sorted()
                .map { EnsembleCase(folder: folder, decay: String($0.dropFirst("chunks.".count))) }
        }
}

@Suite struct EnsembleGoldenTests {
    @Test(arguments: EnsembleCase.all)
    func averagesMatchACT(_ fixture: EnsembleCase) throws {
        let archive = try TensorArchive.open(fixture.folder.appendingPathComponent("io.safetensors"))
        let (chunks, expected) = (
            try archive.tensor("chunks.\(fixture.decay)"), try archive.tensor("executed.\(fixture.decay)")
        )
        let sizes = chunks.shape.sizes
        let (steps, horizon, dimensions) = (sizes[0], sizes[sizes.count - 2], sizes[sizes.count - 1])
        let values = chunks.floats.map(Double.init)

        var executor = ActionChunkExecutor(.ensembled(decay: try #require(Double(fixture.decay))))
        var executed: [Float] = []
        for step in 0..<steps {
            #expect(executor.needsChunk)
            let size = horizon * dimensions
            executor.receive(
                ActionChunk(values: Array(values[step * size..<(step + 1) * size]), dimensionCount: dimensions))
            executed += executor.nextAction().map(Float.init)
        }
        expectClose(Tensor(executed, expected.shape), expected, within: .reduction)
    }
}
