/// The frames of some episodes, numbered, each with the actions that follow it.
///
/// A number is all that has to be shuffled, shared between ranks and remembered. Actions and states come from memory
/// after an episode's first use; an image is decoded only when somebody looks at it.
public struct ChunkSampler: Sendable {
    public let dataset: LiberoDataset
    public let window: ActionWindow
    /// The episodes, in order.
    public let episodes: [Int]
    /// Weight of one frame of each of them when drawing with replacement.
    public let frameWeights: [Double]
    /// Number of the first sample of each episode, and the count at the end.
    private let offsets: [Int]
    private let excluded: [Int: [Int]]

    /// - Parameters:
    ///   - dataset: Where the frames come from.
    ///   - episodes: All, or the training part of an ``EpisodeSplit``.
    ///   - window: Which actions belong to a frame.
    ///   - weights: How often a frame is drawn.
    ///   - report: Episodes and frames to leave out, from
    ///     ``LiberoDataset/validate(decodingImages:episodes:progress:)``.
    public init(
        _ dataset: LiberoDataset, episodes: [Int]? = nil, window: ActionWindow,
        weights: SamplingWeights = .uniformOverFrames, excluding report: ValidationReport? = nil
    ) {
        self.dataset = dataset
        self.window = window
        let bad = Set(report?.episodes.keys.map { $0 } ?? [])
        let chosen = (episodes ?? Array(dataset.episodes.indices)).filter { !bad.contains($0) }
        self.episodes = chosen
        var excluded: [Int: [Int]] = [:]
        var counts: [Int] = []
        for episode in chosen {
            let count = window.frameCount(ofLength: dataset.length(ofEpisode: episode))
            let frames = (report?.frames[episode] ?? []).filter { $0 < count }.sorted()
            if !frames.isEmpty { excluded[episode] = frames }
            counts.append(count - frames.count)
        }
        self.excluded = excluded
        var offsets = [0]
        for count in counts { offsets.append(offsets[offsets.count - 1] + count) }
        self.offsets = offsets
        frameWeights = weights.frameWeights(
            zip(chosen, counts).map { episode, count in
                let info = dataset.episodes[episode]
                return .init(
                    episode: episode, task: info.taskIndex,
                    suite: weights.needsSuites ? dataset.task(of: info).suite : "", frameCount: count)
            })
    }

    /// Samples there are.
    public var count: Int { offsets[offsets.count - 1] }

    /// The episode and frame of a sample.
    public func place(of sample: Int) -> (episode: Int, frame: Int) {
        precondition(0..<count ~= sample, "sample \(sample) of \(count)")
        let index = offsets.partitioningIndex { $0 > sample } - 1
        var frame = sample - offsets[index]
        for gap in excluded[episodes[index]] ?? [] where gap <= frame { frame += 1 }
        return (episodes[index], frame)
    }

    /// The sample of a number.
    ///
    /// - Throws: ``LiberoDataError`` for what is wrong in its episode; images fail when they are looked at.
    public func sample(_ index: Int) throws -> DemonstrationSample {
        let (number, frame) = place(of: index)
        let episode = try dataset.episode(number)
        return DemonstrationSample(
            episode: number, frame: frame, taskIndex: episode.info.taskIndex,
            observation: try episode.observation(at: frame), state: Array(episode.states[frame]),
            actions: episode.actionChunk(at: frame, horizon: window.horizon),
            isPadding: window.isPadding(at: frame, length: episode.length), weight: 1)
    }

    /// The share of each task among the samples drawn with replacement.
    public var taskShares: [Int: Double] {
        var shares: [Int: Double] = [:]
        var total = 0.0
        for (index, episode) in episodes.enumerated() {
            let weight = frameWeights[index] * Double(offsets[index + 1] - offsets[index])
            shares[dataset.episodes[episode].taskIndex, default: 0] += weight
            total += weight
        }
        return shares.mapValues { $0 / total }
    }

    /// The weight of every sample in front of an episode's first one, and the sum at the end.
    var cumulativeWeights: [Double] {
        var sums = [0.0]
        for index in episodes.indices {
            sums.append(sums[index] + frameWeights[index] * Double(offsets[index + 1] - offsets[index]))
        }
        return sums
    }

    /// The sample at a place in the summed weights.
    func sample(atWeight weight: Double, in sums: [Double]) -> Int {
        let index = min(max(sums.partitioningIndex { $0 > weight } - 1, 0), episodes.count - 1)
        let frames = offsets[index + 1] - offsets[index]
        guard frames > 0, frameWeights[index] > 0 else { return offsets[index] }
        return offsets[index] + min(Int((weight - sums[index]) / frameWeights[index]), frames - 1)
    }
}

extension Array {
    /// The first place from which on the predicate holds; the elements for which it does stand at the end.
    func partitioningIndex(where belongsBehind: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if belongsBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
