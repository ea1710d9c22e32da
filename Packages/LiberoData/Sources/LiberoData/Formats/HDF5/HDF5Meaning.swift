import RobotInterface

/// Finds out what HDF5 demonstrations mean: from what the files say, else from the data, else from the options.
struct HDF5Meaning {
    let files: [HDF5TaskFile]
    let count: Int
    /// Named in errors.
    let file: String
    let options: DatasetOptions
    /// Opens one; nil where that fails.
    let demonstration: (Int) -> HDF5Demonstration?

    func resolved() throws -> (DatasetDescription, [DatasetWarning]) {
        var warnings: [DatasetWarning] = []
        // files that say everything have to agree
        if let said = files[0].description {
            for other in files.dropFirst() {
                guard let description = other.description else {
                    throw LiberoDataError(
                        .meaning, level: .open, file: other.url.lastPathComponent,
                        "the file does not say what its numbers mean, others beside it do",
                        advice: "Keep the two apart.")
                }
                try description.requireSame(as: said, file: other.url.lastPathComponent)
            }
            try said.compare(with: options, file: file)
            return (said, warnings)
        }

        let (alignment, isDetected) = try alignment()
        if !isDetected, options.alignment == nil {
            warnings.append(
                DatasetWarning(
                    file: file,
                    "whether observations precede their actions is taken from the kind of file, not the data"))
        }
        let orientation = options.orientation ?? .raw
        if files.contains(where: \.isOpenGL), orientation != .raw {
            throw LiberoDataError(
                .meaning, level: .open, file: file, column: "macros_image_convention",
                "the images lie as the simulator returns them (raw), not \(orientation.rawValue)")
        }
        var space = ActionSpace.libero
        let evidence = GripperEvidence(of: count) { try? demonstration($0)?.column(ColumnName.action) }
        let (convention, warning) = try evidence.resolved(
            stated: options.gripperConvention, file: file, column: "actions")
        space.gripperConvention = convention
        if let warning { warnings.append(warning) }
        let rate = files.compactMap(\.controlRate).first
        space.controlRate = rate ?? space.controlRate
        let description = DatasetDescription(
            cameras: try cameras(orientation), actionSpace: space, alignment: alignment,
            framesPerSecond: options.framesPerSecond ?? rate ?? 20)
        return (description, warnings)
    }

    /// Some that can be opened, one at a time.
    private func first(_ limit: Int) -> some Sequence<HDF5Demonstration> {
        (0..<min(limit, count)).lazy.compactMap { demonstration($0) }
    }

    /// From the first demonstration whose joints tell; else raw files have the observation after the action.
    private func alignment() throws -> (ObservationAlignment, isDetected: Bool) {
        for demonstration in first(8) {
            guard let joints = try? demonstration.column(ColumnName.jointState),
                let states = try? demonstration.column(ColumnName.simulatorState),
                let found = ObservationAlignment.detected(joints: joints, states: states)
            else { continue }
            if let stated = options.alignment, stated != found {
                throw LiberoDataError(
                    .meaning, level: .open, file: demonstration.file, episodeName: demonstration.name,
                    "the joints say \(found.rawValue), \(stated.rawValue) was stated")
            }
            return (found, true)
        }
        return (options.alignment ?? (files[0].isOriginal ? .afterAction : .beforeAction), false)
    }

    /// Every camera that any demonstration has; of LIBERO's own files both.
    private func cameras(_ orientation: ImageOrientation) throws -> [CameraName: CameraDescription] {
        var found: [CameraName: CameraDescription] = [:]
        for demonstration in first(count) {
            for camera in (try? demonstration.cameras()) ?? [] where found[camera] == nil {
                guard let shape = try? demonstration.images(of: camera).shape else { continue }
                found[camera] = CameraDescription(
                    width: shape[2], height: shape[1], orientation: orientation, renderProfile: options.renderProfile)
            }
            if found.count >= 2 { break }
        }
        if let any = found.min(by: { $0.key < $1.key })?.value {
            for camera in [CameraName.agentView, .wrist] where found[camera] == nil { found[camera] = any }
        }
        return found
    }
}
