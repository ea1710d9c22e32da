import RobotInterface
import Foundation
import ImageProcessing
import LiberoData
import TensorCore
import Testing
import VLAPolicy

@Suite struct SampleBatchTests {
    let folder: TemporaryFolder
    let dataset: LiberoDataset

    /// Both cameras of one size, which a batch needs.
    static let description = DatasetDescription(
        cameras: [
            .agentView: CameraDescription(width: 6, height: 4, orientation: .rotated180, renderProfile: "fast"),
            .wrist: CameraDescription(width: 6, height: 4, orientation: .rotated180, renderProfile: "fast"),
        ])

    init() throws {
        folder = try TemporaryFolder()
        let recorder = try EpisodeRecorder(at: folder.url, description: Self.description)
        for seed in 0..<2 {
            var episode = recorder.episode(of: EpisodeRecorderTests.task)
            for step in 0..<4 { try episode.append(Self.frame(seed, step)) }
            try episode.finish(succeeded: true)
        }
        dataset = try LiberoDataset(at: folder.url)
    }

    static func frame(_ seed: Int, _ step: Int) -> RecordedFrame {
        var frame = EpisodeRecorderTests.frame(seed, step)
        func image(_ salt: Int) -> RGBImage {
            RGBImage(width: 6, height: 4, pixels: (0..<72).map { UInt8(truncatingIfNeeded: $0 * 3 + salt + step) })
        }
        frame.images = [.agentView: image(seed), .wrist: image(100 + seed)]
        return frame
    }

    @Test func everythingIsAtItsPlace() throws {
        let sampler = ChunkSampler(dataset, window: ActionWindow(horizon: 3))
        let form = BatchForm(dataset.description)
        #expect(form.cameras == [.agentView, .wrist])
        let batch = form.batch(try [1, 6].map { try form.decoded(sampler.sample($0)) })
        #expect(batch.count == 2 && batch.episodes == [0, 1] && batch.frames == [1, 2])
        #expect(batch.images.shape == [2, 2, 3, 4, 6])
        #expect(batch.states.shape == [2, 8] && batch.actions.shape == [2, 3, 7])
        #expect(batch.isPadding.elements(of: Bool.self) == [false, false, false, false, false, true])
        #expect(batch.instructions == Array(repeating: "push the plate to the front", count: 2))
        // sample 1, wrist, green, row 2, column 5
        let frame = Self.frame(1, 2)
        let pixel = frame.images[.wrist]![5, 2]
        let image = batch.images.elements()
        #expect(image[((1 * 2 + 1) * 3 + 1) * 24 + 2 * 6 + 5] == Float(pixel.y) / 255)
        #expect(batch.actions.elements()[(1 * 3 + 1) * 7] == Float(Self.frame(1, 3).action[0]))
        #expect(batch.actions.elements()[(1 * 3 + 2) * 7] == Float(Self.frame(1, 3).action[0]))
    }

    @Test func bytesAndTransformsFit() throws {
        let sampler = ChunkSampler(dataset, window: ActionWindow(horizon: 1))
        let samples = try (0..<3).map { try sampler.sample($0) }
        let plain = BatchForm(dataset.description)
        let bytes = BatchForm(dataset.description, pixels: .bytes)
        let (a, b) = (
            plain.batch(try samples.map { try plain.decoded($0) }).images,
            bytes.batch(try samples.map { try bytes.decoded($0) }).images
        )
        #expect(b.dtype == .uint8 && a.shape == b.shape)
        #expect(b.elements(of: UInt8.self).map { Float($0) / 255 } == a.elements())
        // a normalization of its own for one camera
        let normalization = ImageNormalization(mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.25, 0.5])
        let form = BatchForm(
            dataset.description, transforms: [.wrist: ImageTransform(steps: [], normalization: normalization)])
        let c = form.batch(try samples.map { try form.decoded($0) }).images.elements()
        let plane = 24
        for (index, value) in a.elements().enumerated() {
            let (camera, channel) = (index / (3 * plane) % 2, index / plane % 3)
            let expected = camera == 0 ? value : (value - 0.5) / (channel == 1 ? 0.25 : 0.5)
            #expect(c[index] == expected)
        }
    }

    @Test func loaderGivesTheSameBatchesWithAnyNumberOfThreads() throws {
        let order = SampleOrder(ChunkSampler(dataset, window: ActionWindow(horizon: 2)), seed: 5)
        let form = BatchForm(dataset.description)
        func batches(_ threads: Int, from position: SampleOrder.Position = .init(), dropsLast: Bool = false) throws
            -> [SampleBatch]
        {
            let loader = BatchLoader(
                order, form: form, batchSize: 3, from: position, threadCount: threads, byteBudget: 1,
                dropsLast: dropsLast)
            var found: [SampleBatch] = []
            while let batch = try loader.next() { found.append(batch) }
            #expect(loader.imagesPerSecond > 0 && loader.skipped.isEmpty)
            return found
        }
        let one = try batches(1)
        #expect(one.map(\.count) == [3, 3, 2])
        for (a, b) in zip(one, try batches(3)) {
            #expect(a.images.elements() == b.images.elements() && a.frames == b.frames && a.episodes == b.episodes)
        }
        #expect(try batches(2, dropsLast: true).map(\.count) == [3, 3])
        let rest = try batches(2, from: .init(epoch: 0, sample: 3))
        #expect(rest.map(\.frames) == Array(one.map(\.frames)[1...]))
    }

    @Test func mixtureDrawsByWeightAndSize() throws {
        let sampler = ChunkSampler(dataset, window: ActionWindow(horizon: 1))
        let short = ChunkSampler(dataset, episodes: [1], window: ActionWindow(horizon: 1))
        #expect(DatasetMixture.shares(weights: [1, 1], counts: [30, 10]) == [0.75, 0.25])
        // 8 samples of weight 1 and 4 of weight 6
        let mixture = try DatasetMixture([.init(sampler), .init(short, weight: 6)], seed: 2)
        #expect(mixture.shares == [0.25, 0.75])
        let draws = mixture.draws(epoch: 0, count: 4000)
        // the share of a quarter has a deviation of 0.007
        #expect(abs(Double(draws.count { $0.part == 0 }) / 4000 - 0.25) < 0.04)
        #expect(Set(draws.filter { $0.part == 1 }.map(\.sample)) == [0, 1, 2, 3])
        #expect(draws == mixture.draws(epoch: 0, count: 4000) && draws != mixture.draws(epoch: 1, count: 4000))
        #expect(try mixture.sample(.init(part: 1, sample: 2)).episode == 1)
    }
}
