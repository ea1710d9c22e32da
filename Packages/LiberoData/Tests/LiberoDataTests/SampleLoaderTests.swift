import Foundation
import LiberoData
import LiberoTasks
import TensorCore
import Testing
import VLAPolicy

@Suite struct SampleLoaderTests {
    let folder: TemporaryFolder
    let dataset: LiberoDataset

    init() throws {
        folder = try TemporaryFolder()
        let recorder = try EpisodeRecorder(at: folder.url, description: EpisodeRecorderTests.description)
        for seed in 0..<3 { try EpisodeRecorderTests.record(recorder, seed: seed, length: 3 + seed) }
        dataset = try LiberoDataset(at: folder.url)
    }

    func places(_ order: SampleOrder, threads: Int, from position: SampleOrder.Position = .init()) throws -> [String] {
        let loader = SampleLoader(order, from: position, threadCount: threads, byteBudget: 3, bytesPerSample: 1) {
            sample in
            "\(sample.episode).\(sample.frame) \(try sample.observation.cameras[.agentView]!.image().pixels[0])"
        }
        var found: [String] = []
        while let place = try loader.next() { found.append(place) }
        return found
    }

    @Test func framesHaveTheirPlaces() throws {
        #expect(dataset.frameCount == 12)
        #expect((0..<12).map { dataset.place(ofFrame: $0).episode } == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2])
        #expect(dataset.place(ofFrame: 6).frame == 3)
        let sampler = ChunkSampler(dataset, episodes: [2, 0], window: ActionWindow(horizon: 2, tail: .isDropped))
        #expect(sampler.count == 6)
        #expect((0..<6).map { sampler.place(of: $0).episode } == [2, 2, 2, 2, 0, 0])
        let sample = try sampler.sample(3)
        #expect(sample.frame == 3 && sample.isPadding == [false, false])
        #expect(sample.actions[1] == EpisodeRecorderTests.frame(2, 4).action)
    }

    @Test func orderIsTheSameWithAnyNumberOfThreads() throws {
        let sampler = ChunkSampler(dataset, window: ActionWindow(horizon: 4))
        let order = SampleOrder(sampler, seed: 3)
        let one = try places(order, threads: 1)
        #expect(one.count == 12 && Set(one).count == 12)
        #expect(try places(order, threads: 4) == one)
        #expect(try places(SampleOrder(sampler, seed: 4), threads: 2) != one)
        #expect(order.samples(epoch: 0) == DistributedSampler(sampleCount: 12, seed: 3).indices(rank: 0, epoch: 0))
    }

    @Test func positionGoesOnToTheSample() throws {
        let order = SampleOrder(ChunkSampler(dataset, window: ActionWindow(horizon: 1)), seed: 1)
        let all = try places(order, threads: 2)
        let loader = SampleLoader(order, threadCount: 2) { "\($0.episode).\($0.frame)" }
        _ = try loader.next(5)
        let json = try JSONEncoder().encode(loader.position)
        let position = try JSONDecoder().decode(SampleOrder.Position.self, from: json)
        #expect(position == SampleOrder.Position(epoch: 0, sample: 5))
        #expect(try places(order, threads: 3, from: position) == Array(all[5...]))
        loader.beginEpoch(1)
        #expect(try loader.next(100).count == 12)
        #expect(loader.position == .init(epoch: 1, sample: 12))
    }

    struct Broken: Error {}

    @Test func damageIsToldAtItsPlaceOrSkipped() throws {
        let order = SampleOrder(ChunkSampler(dataset, window: ActionWindow(horizon: 1)), rule: .sequential)
        let damage = LiberoDataError(.undecodable, level: .frame, file: "x", frame: 1, "cut")
        let prepare: @Sendable (DemonstrationSample) throws -> Int = { sample in
            if sample.frame == 1 { throw damage }
            return sample.frame
        }
        let failing = SampleLoader(order, threadCount: 2, prepare: prepare)
        #expect(try failing.next() == 0)
        #expect(throws: damage) { try failing.next() }
        #expect(failing.position.sample == 1)
        let skipping = SampleLoader(order, threadCount: 2, onDamage: .skips, prepare: prepare)
        #expect(try skipping.next(100) == [0, 2, 0, 2, 3, 0, 2, 3, 4])
        #expect(skipping.skipped.count == 3)
        let other = SampleLoader(order, onDamage: .skips) { _ -> Int in throw Broken() }
        #expect(throws: Broken.self) { try other.next() }
    }

    @Test func cancelledLoaderEnds() throws {
        let loader = SampleLoader(
            SampleOrder(ChunkSampler(dataset, window: ActionWindow(horizon: 1))), threadCount: 2
        ) { $0.frame }
        loader.cancel()
        #expect(try loader.next() == nil)
    }

    @Test func weightsGiveTheirShares() throws {
        let recorder = try EpisodeRecorder(at: folder.url, description: EpisodeRecorderTests.description)
        var episode = recorder.episode(of: LiberoTask(suite: "my_suite", name: "a_short_task"))
        for step in 0..<2 { try episode.append(EpisodeRecorderTests.frame(0, step)) }
        try episode.finish(succeeded: true)
        let dataset = try LiberoDataset(at: folder.url)
        func shares(_ weights: SamplingWeights) -> [Double] {
            let sampler = ChunkSampler(dataset, window: ActionWindow(horizon: 1), weights: weights)
            return sampler.taskShares.sorted { $0.key < $1.key }.map(\.value)
        }
        func expect(_ found: [Double], _ expected: [Double]) {
            #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-12 }, "\(found)")
        }
        // 2 frames in 1 episode; 12 frames in 3 episodes
        expect(shares(.uniformOverFrames), [2.0 / 14, 12.0 / 14])
        expect(shares(.uniformOverEpisodes), [0.25, 0.75])
        expect(shares(.uniformOverTasks), [0.5, 0.5])
        expect(shares(.byTaskLength(exponent: 1)), [2.0 / 6, 4.0 / 6])
        expect(shares(.perTask([0: 3])), [1, 0])
        expect(shares(.perSuite(["my_suite": 2])), [2.0 / 14, 12.0 / 14])
        // the three episodes of the longer task have 3, 4 and 5 frames
        let first = try #require(dataset.episodes.first { $0.taskIndex == 0 })
        let other = try #require(dataset.episodes.first { $0.taskIndex == 1 })
        expect(shares(.perEpisode([first.index: 3, other.index: 1])), [6.0 / 9, 3.0 / 9])

        let sampler = ChunkSampler(dataset, window: ActionWindow(horizon: 1), weights: .uniformOverTasks)
        let order = SampleOrder(sampler, rule: .weighted, seed: 1)
        var counts = [0, 0]
        for epoch in 0..<200 {
            for sample in order.samples(epoch: epoch) {
                counts[dataset.episodes[sampler.place(of: sample).episode].taskIndex] += 1
            }
        }
        // 2800 draws: the share of a half has a deviation of 0.0095
        #expect(abs(Double(counts[0]) / 2800 - 0.5) < 0.05)
        #expect(
            order.samples(epoch: 7) == order.samples(epoch: 7) && order.samples(epoch: 7) != order.samples(epoch: 8))
    }

    @Test func splitsAreWholeAndStable() {
        let episodes = Array(0..<100)
        let hashed = EpisodeSplit.hashed(episodes)
        #expect((hashed.training + hashed.validation).sorted() == episodes)
        let more = EpisodeSplit.hashed(Array(0..<150))
        #expect(
            Set(hashed.training).isSubset(of: more.training) && Set(hashed.validation).isSubset(of: more.validation))
        #expect((60...95).contains(hashed.training.count))
        // round(0.95 · n), halves to even, as TensorFlow Datasets does
        #expect(
            [432, 454, 428, 379, 10, 30].map { EpisodeSplit.leading(Array(0..<$0)).training.count }
                == [410, 431, 407, 360, 10, 28])
        #expect(EpisodeSplit.leading(episodes) == EpisodeSplit(training: Array(0..<95), validation: Array(95..<100)))
        let infos = episodes.map {
            EpisodeInfo(index: $0, name: "", file: "", instruction: "", taskIndex: $0 % 4, length: 1)
        }
        let stratified = EpisodeSplit.stratified(infos, trainingShare: 0.8)
        for task in 0..<4 { #expect(stratified.validation.filter { $0 % 4 == task }.count == 5) }
        #expect((stratified.training + stratified.validation).sorted() == episodes)
    }

    /// A number that is not finite spoils the chunks before it: the episode is left out, and the error names the frame.
    @Test func episodesWithNumbersThatAreNotFiniteAreLeftOut() throws {
        let recorder = try EpisodeRecorder(at: folder.url, description: EpisodeRecorderTests.description)
        var episode = recorder.episode(of: EpisodeRecorderTests.task)
        let value = 0.123456789
        for step in 0..<4 {
            var frame = EpisodeRecorderTests.frame(0, step)
            if step == 2 { frame.action[1] = value }
            try episode.append(frame)
        }
        try episode.finish(succeeded: true)
        try recorder.close()
        let file = folder.url.appendingPathComponent("my_suite/push_the_plate_to_the_front_demo.hdf5")
        var bytes = try Data(contentsOf: file)
        let place = try #require(bytes.firstRange(of: withUnsafeBytes(of: value) { Data($0) }))
        bytes.replaceSubrange(place, with: withUnsafeBytes(of: Double.infinity) { Data($0) })
        try bytes.write(to: file, options: .atomic)

        let report = try LiberoDataset(at: file).validate()
        let error = try #require(report.errors.first)
        #expect(error.kind == .notFinite && error.level == .frame && error.episode == 3 && error.frame == 2)
        #expect(Array(report.episodes.keys) == [3] && report.frames.isEmpty && report.errors.count == 1)
        let sampler = ChunkSampler(
            try LiberoDataset(at: file), window: ActionWindow(horizon: 2), excluding: report)
        #expect(Set((0..<sampler.count).map { sampler.place(of: $0).episode }) == [0, 1, 2])
        for index in 0..<sampler.count { _ = try sampler.sample(index) }
    }

    @Test func reportLeavesOutWhatIsBad() {
        var report = ValidationReport()
        report.add(LiberoDataError(.damaged, level: .episode, file: "x", episode: 1, "bad"), episode: 1)
        report.add(LiberoDataError(.undecodable, level: .frame, file: "x", episode: 2, frame: 1, "bad"), episode: 2)
        report.add(LiberoDataError(.undecodable, level: .frame, file: "x", episode: 2, frame: 2, "bad"), episode: 2)
        let sampler = ChunkSampler(dataset, window: ActionWindow(horizon: 1), excluding: report)
        #expect(sampler.count == 6)
        let places = (0..<6).map { sampler.place(of: $0) }
        #expect(places.map(\.episode) == [0, 0, 0, 2, 2, 2])
        #expect(places.map(\.frame) == [0, 1, 2, 0, 3, 4])
    }
}
