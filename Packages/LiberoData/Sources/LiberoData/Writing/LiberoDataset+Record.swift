import RobotInterface
import Foundation
import LiberoTasks

extension LiberoDataset {
    /// The suite and name of an episode's task: of its file, where that tells, else from its sentence.
    func task(of info: EpisodeInfo) -> LiberoTask {
        var path = info.file
        if format == .hdf5 {
            // a part that is not merged yet lies in a folder named after its file
            if let range = path.range(of: ".hdf5.parts/") { path = String(path[..<range.lowerBound]) + ".hdf5" }
        } else if let rlds = storage as? RLDSEpisodeStorage, let source = rlds.sourcePath(of: info.index) {
            path = source
        } else {
            return TaskNaming.task(of: info.instruction, in: options.suite)
        }
        let url = URL(fileURLWithPath: "/" + path)
        let folder = url.deletingLastPathComponent().lastPathComponent
        let known = TaskNaming.task(of: info.instruction, in: options.suite)
        let suite =
            folder == "/" || folder.isEmpty ? (known.name == HDF5TaskFile.taskName(of: url) ? known.suite : "") : folder
        return LiberoTask(suite: suite, name: HDF5TaskFile.taskName(of: url))
    }

    /// A whole episode in memory, images as they are stored.
    ///
    /// - Parameter columns: Which further columns are taken along.
    /// - Throws: ``LiberoDataError`` with the frame of an image that cannot be decoded or has another size.
    func record(of index: Int, columns wanted: (String) -> Bool) throws -> EpisodeRecord {
        let episode = try episode(index)
        let task = task(of: episode.info)
        var columns = [ColumnName.action: episode.actions, ColumnName.state: episode.states]
        for name in try episode.columnNames() where wanted(name) { columns[name] = try episode.column(name) }
        var images: [CameraName: [StoredImage]] = [:]
        for camera in episode.cameras {
            images[camera] = try concurrentMap(Array(0..<episode.length)) { frame in
                // what is copied as it is has to be whole, too
                _ = try episode.image(of: camera, at: frame)
                return try episode.storedImage(of: camera, at: frame)
            }
        }
        var record = EpisodeRecord(
            suite: task.suite, taskName: task.name, instruction: episode.instruction, columns: columns,
            images: images,
            succeeded: episode.info.succeeded,
            attributes: try (storage as? HDF5EpisodeStorage)?.allAttributes(of: index) ?? storage.attributes(of: index))
        if !episode.info.instructions.isEmpty {
            record.instructions = (0..<episode.length).map { episode.instruction(at: $0) }
        }
        return record
    }
}
