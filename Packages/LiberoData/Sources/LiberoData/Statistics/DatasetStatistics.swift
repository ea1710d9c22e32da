public import ActionTokenizer
public import RobotInterface
import ImageProcessing

/// Statistics of a data set's actions, states and images, with what they were computed from.
public struct DatasetStatistics: Hashable, Codable, Sendable {
    /// Which rows count.
    public enum Rows: Hashable, Codable, Sendable {
        /// Every frame once.
        case frames
        /// Every action of every frame's chunk, the last one repeated behind the end: openpi's.
        case chunks(horizon: Int)
    }

    public var action: ColumnStatistics
    public var state: ColumnStatistics
    /// Over all pixels, 0…1, red, green, blue.
    public var cameras: [CameraName: ColumnStatistics]
    public var rows: Rows
    /// The episodes that were used: without those for validation.
    public var episodes: [Int]
    /// SHA-256 of the numbers that were used, in order.
    public var contentHash: String

    /// Reads the numbers of the episodes, and their images if asked; no image is decoded otherwise.
    ///
    /// - Parameters:
    ///   - dataset: The data set.
    ///   - chosen: All by default; for training without those for validation.
    ///   - rows: Which rows count.
    ///   - imageStride: Every how many frames an image counts; nil for no image statistics.
    /// - Throws: ``LiberoDataError`` for what is damaged.
    public init(
        of dataset: LiberoDataset, episodes chosen: [Int]? = nil, rows: Rows = .frames, imageStride: Int? = nil
    ) throws {
        let chosen = chosen ?? Array(dataset.episodes.indices)
        var (actions, states): ([Double], [Double]) = ([], [])
        let (actionWidth, stateWidth) = (
            dataset.description.actionSpace.dimensionCount, dataset.description.stateLayout.count
        )
        actions.reserveCapacity(dataset.frameCount * actionWidth)
        states.reserveCapacity(dataset.frameCount * stateWidth)
        var images: [CameraName: ChannelHistogram] = [:]
        for index in chosen {
            let episode = try dataset.episode(index)
            switch rows {
            case .frames: actions += episode.actions.values
            case .chunks(let horizon):
                for frame in 0..<episode.length { actions += episode.actionChunk(at: frame, horizon: horizon).values }
            }
            states += episode.states.values
            guard let imageStride else { continue }
            for camera in episode.cameras {
                for frame in stride(from: 0, to: episode.length, by: imageStride) {
                    images[camera, default: ChannelHistogram()].add(try episode.image(of: camera, at: frame))
                }
            }
        }
        guard !actions.isEmpty else {
            throw LiberoDataError(
                .missing, level: .open, file: dataset.url.lastPathComponent, "there is no frame to count")
        }
        let (actionColumn, stateColumn) = (
            NumberColumn(width: actionWidth, values: actions), NumberColumn(width: stateWidth, values: states)
        )
        action = ColumnStatistics(actionColumn)
        state = ColumnStatistics(stateColumn)
        cameras = images.mapValues(\.statistics)
        self.rows = rows
        self.episodes = chosen
        contentHash = ContentHash.hexadecimal(of: [actionColumn.values, stateColumn.values])
    }
}

/// How often each of the 256 values occurs in each channel: all there is to know for exact statistics.
struct ChannelHistogram: Sendable {
    private var counts = [Int](repeating: 0, count: 3 * 256)
    /// Pixels.
    private var count = 0

    mutating func add(_ image: RGBImage) {
        image.pixels.withUnsafeBufferPointer { pixels in
            counts.withUnsafeMutableBufferPointer { counts in
                for pixel in 0..<pixels.count / 3 {
                    for channel in 0..<3 { counts[channel * 256 + Int(pixels[pixel * 3 + channel])] += 1 }
                }
            }
        }
        count += image.width * image.height
    }

    mutating func add(_ other: ChannelHistogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
    }

    /// On the scale 0…1.
    var statistics: ColumnStatistics {
        var result = ColumnStatistics(
            count: count, mean: [], standardDeviation: [], minimum: [], maximum: [],
            quantiles: ColumnStatistics.defaultShares.map { .init(share: $0, values: []) })
        for channel in 0..<3 {
            let counts = counts[channel * 256..<(channel + 1) * 256].map { $0 }
            let sum = counts.indices.reduce(0) { $0 + $1 * counts[$1] }
            let mean = Double(sum) / Double(count)
            let squares = counts.indices.reduce(0.0) { total, value in
                let difference = Double(value) - mean
                return total + Double(counts[value]) * difference * difference
            }
            result.mean.append(mean / 255)
            result.standardDeviation.append((squares / Double(count)).squareRoot() / 255)
            result.minimum.append(Double(counts.firstIndex { $0 > 0 } ?? 0) / 255)
            result.maximum.append(Double(counts.lastIndex { $0 > 0 } ?? 0) / 255)
            for index in result.quantiles.indices {
                let place = Double(count - 1) * result.quantiles[index].share
                let (a, b) = (value(at: Int(place), counts), value(at: min(Int(place) + 1, count - 1), counts))
                result.quantiles[index].values.append((a + (place - place.rounded(.down)) * (b - a)) / 255)
            }
        }
        return result
    }

    /// The value at a place in sorted order.
    private func value(at place: Int, _ counts: [Int]) -> Double {
        var seen = 0
        for (value, count) in counts.enumerated() {
            seen += count
            if seen > place { return Double(value) }
        }
        return 255
    }
}
