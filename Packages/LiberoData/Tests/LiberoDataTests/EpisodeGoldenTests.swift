import RobotInterface
import FileSupport
import ActionTokenizer
import Foundation
import ImageProcessing
import LiberoData
import TensorCore
import TensorTestSupport
import Testing
import VLAPolicy

/// What is done with one episode or one frame, against the programs LIBERO's sets come from.
@Suite struct EpisodeGoldenTests {
    static let noOps = Samples.goldens(in: "libero_hdf5").filter { (try? Samples.json($0))?["kept_indices"] != nil }
    static let rotations = Samples.goldens(in: "rotations")
    static let observations = SharedFixtures.entries(in: "\(Samples.path)/real_observation").filter {
        $0.lastPathComponent == "observation.json"
    }

    @Test(arguments: noOps)
    func noOpsAreThoseTheRegenerationLeavesOut(url: URL) throws {
        let golden = try Samples.json(url)
        let actions = try #require(golden["actions"]?.array).compactMap(\.doubles)
        let column = NumberColumn(width: try #require(actions.first).count, values: actions.flatMap { $0 })
        let filter = NoOpFilter(threshold: try #require(golden["threshold"]?.double))
        #expect(filter.keptFrames(column) == golden["kept_indices"]?.integers)
        #expect(NoOpFilter().threshold == 1e-4)
    }

    @Test(arguments: rotations)
    func quaternionsBecomeAxisAngles(url: URL) throws {
        let golden = try Samples.json(url)
        // pairs of lists: four numbers in, three out
        let (inputs, outputs) = (try Self.rows(golden, width: 4), try Self.rows(golden, width: 3))
        #expect(inputs.count == outputs.count && !inputs.isEmpty)
        for (q, expected) in zip(inputs, outputs) {
            let state = RobotState(
                endEffectorPosition: .zero, endEffectorOrientation: .quaternionXYZW(SIMD4(q)), fingerPositions: [0, 0])
            let found = state.axisAngle
            expectClose(
                [found.x, found.y, found.z], expected, within: Tolerance(relative: 1e-12, absolute: 1e-12), "\(q)")
        }
    }

    /// Every list of numbers of this length, in the order of the file.
    static func rows(_ value: StrictJSON, width: Int) throws -> [[Double]] {
        if let numbers = value.doubles, !numbers.isEmpty { return numbers.count == width ? [numbers] : [] }
        if let members = value.object { return try members.flatMap { try rows($0.value, width: width) } }
        return try (value.array ?? []).flatMap { try rows($0, width: width) }
    }

    @Test(arguments: observations)
    func realObservationReads(url: URL) throws {
        let golden = try Samples.json(url)
        let state = try #require(golden["state"]?.doubles)
        #expect(state.count == StateLayout.libero.count)
        let shape = try #require(golden["shape"]?.integers)
        for camera in ["agentview", "wrist"] {
            let file = url.deletingLastPathComponent().appendingPathComponent("\(camera).png")
            let image = try RGBImage(at: file)
            #expect([image.height, image.width, 3] == shape)
            #expect(SHA256.hexadecimal(image.pixels) == golden["\(camera)_sha256_rgb_hwc"]?.string)
        }
        // a real state lies where LIBERO's states lie, and its quaternion taken for one would not
        let published = SharedFixtures.entries(in: "data/stats/physical_intelligence_libero").filter {
            $0.lastPathComponent == "stats.json"
        }
        for file in published {
            let entry = try #require(try Samples.json(file)["state"])
            let range = ColumnStatistics(
                count: 1, mean: try #require(entry["mean"]?.doubles), standardDeviation: [],
                minimum: try #require(entry["min"]?.doubles), maximum: try #require(entry["max"]?.doubles),
                quantiles: [])
            #expect(range.outliers(state) == [])
            var wrong = state
            wrong[6] = 0.5
            #expect(range.outliers(wrong).map(\.dimension) == [6])
        }
    }
}
