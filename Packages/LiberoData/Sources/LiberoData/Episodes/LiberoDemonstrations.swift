public import Foundation
public import RobotInterface

/// The demonstrations of one or several data sets, as trainings take them.
///
///     let demonstrations = try LiberoDemonstrations(at: [folder])
///
/// Opening reads metadata only. Episodes that are known to have failed are left out.
public struct LiberoDemonstrations: DemonstrationSet {
    public let datasets: [LiberoDataset]
    /// Of the data sets' folders, joined by `+`.
    public let name: String
    private let places: [(dataset: Int, episode: Int)]

    /// - Parameter datasets: At least one.
    /// - Throws: ``LiberoDataError`` of kind `meaning` when their numbers or images do not mean the same, or nothing says what they mean.
    public init(_ datasets: [LiberoDataset]) throws {
        precondition(!datasets.isEmpty, "LiberoDemonstrations: no data set")
        if datasets[0].description.actionSpace.command == .unspecified {
            throw LiberoDataError(
                .meaning, level: .open, file: datasets[0].url.path,
                "training needs to know what the numbers of an action mean, and this data set does not say it",
                advice: "Look at it with `vla data info` and `vla data view`; train on demonstrations of LIBERO's arm.")
        }
        for dataset in datasets.dropFirst() {
            try dataset.description.requireSame(as: datasets[0].description, file: dataset.url.path)
        }
        self.datasets = datasets
        name = datasets.map(\.url.lastPathComponent).joined(separator: "+")
        places = datasets.enumerated().flatMap { number, dataset in
            dataset.episodes.indices.filter { dataset.episodes[$0].succeeded != false }.map { (number, $0) }
        }
    }

    /// Opens data sets.
    ///
    /// - Parameters:
    ///   - folders: Folders or files of demonstrations.
    ///   - frameCache: A folder of ``FrameCache`` files, from which images are then read; made where there is none.
    ///   - progress: Called while a cache is made: episodes done, and all of the data set.
    /// - Throws: ``LiberoDataError`` for what cannot be opened or means something else than the first one.
    public init(
        at folders: [URL], frameCache: URL? = nil, progress: (Int, Int) throws -> Void = { _, _ in }
    ) throws {
        try self.init(
            folders.map { folder in
                let dataset = try LiberoDataset(at: folder)
                return try frameCache.map { try dataset.cachingFrames(in: $0, progress: progress) } ?? dataset
            })
    }

    public var cameras: [CameraName: CameraDescription] { datasets[0].description.cameras }
    public var stateLayout: StateLayout { datasets[0].description.stateLayout }
    public var actionSpace: ActionSpace { datasets[0].description.actionSpace }
    public var demonstrationCount: Int { places.count }

    public var lists: [String: [Int]] {
        var lists: [String: [Int]] = [:]
        for (number, dataset) in datasets.enumerated() {
            for (name, episodes) in dataset.filterKeys {
                let members = Set(episodes)
                lists[name, default: []] += places.indices.filter {
                    places[$0].dataset == number && members.contains(places[$0].episode)
                }
            }
        }
        return lists
    }

    /// - Throws: ``LiberoDataError`` for a damaged episode, or a column that is missing or of another width.
    public func demonstration(_ index: Int, actionColumn: String?) throws -> any Demonstration {
        let (dataset, number) = (datasets[places[index].dataset], places[index].episode)
        let episode = try dataset.episode(number)
        guard let actionColumn else { return episode }
        return try episode.replacingActions(by: actionColumn)
    }
}

extension LiberoEpisode: Demonstration {
    public var suite: String { dataset.task(of: info).suite }
    public func action(at frame: Int) -> [Double] { Array(actions[frame]) }
    public func stateValues(at frame: Int) -> [Double] { Array(states[frame]) }
}
