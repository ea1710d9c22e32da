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
        warnings += try findings()
        let isRobomimic = sample?.hasRobomimicNames ?? false
        // robomimic turns what the simulator returns
        let orientation = options.orientation ?? (isRobomimic ? .upright : .raw)
        if files.contains(where: \.isOpenGL), orientation != .raw {
            throw LiberoDataError(
                .meaning, level: .open, file: file, column: "macros_image_convention",
                "the images lie as the simulator returns them (raw), not \(orientation.rawValue)")
        }
        if let controller = files.compactMap(\.controller).first(where: { $0 != "OSC_POSE" }) {
            throw LiberoDataError(
                .meaning, level: .open, file: file, column: "env_args",
                "the actions are commands of the controller \(controller), not of OSC_POSE",
                advice: "Changes of the end effector's pose are read; record the demonstrations with OSC_POSE.")
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
        // robomimic's own files pair an action with the observation before it
        let isRaw = files[0].isOriginal && sample?.hasRobomimicNames != true
        return (options.alignment ?? (isRaw ? .afterAction : .beforeAction), false)
    }

    /// The first demonstration whose state is known; damaged ones say so when they are read.
    private var sample: HDF5Demonstration? { first(8).first { $0.hasState } }

    /// What the demonstrations hold that is not understood, and what had to be assumed.
    ///
    /// - Throws: ``LiberoDataError`` when no state of the robot is known among the observations.
    private func findings() throws -> [DatasetWarning] {
        guard let demonstration = sample else {
            guard let other = first(8).first(where: { $0.group.contains("actions") && $0.group.contains("obs") }) else {
                return []
            }
            let names = try other.group.group("obs").names()
            throw LiberoDataError(
                .unsupported, level: .open, file: file, episodeName: other.name, column: "obs",
                "no state of the robot is known among the names \(names.joined(separator: ", "))",
                advice:
                    "Known are ee_pos, ee_ori and gripper_states of LIBERO, and robot0_eef_pos, robot0_eef_quat and "
                    + "robot0_gripper_qpos of robomimic.")
        }
        var warnings: [DatasetWarning] = []
        func warn(_ text: String) { warnings.append(DatasetWarning(file: file, text)) }
        if let cameras = try? demonstration.cameras(), cameras.isEmpty {
            let names = (try? demonstration.group.group("obs").names()) ?? []
            warn("no image is known among the observations \(names.joined(separator: ", "))")
        }
        for (path, reason) in (try? demonstration.arrays().others) ?? [] {
            warn("'\(path)' is left aside: \(reason)")
        }
        if demonstration.hasRobomimicNames {
            warn(
                "the names are robomimic's; actions are taken for changes of the end effector's pose (OSC_POSE), images for "
                    + "upright")
        }
        if files.contains(where: \.isInstructionMadeUp) {
            warn("there is no instruction; '\(files[0].instruction)' is made of the environment's name")
        }
        return warnings
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
        if sample?.hasRobomimicNames != true, let any = found.min(by: { $0.key < $1.key })?.value {
            for camera in [CameraName.agentView, .wrist] where found[camera] == nil { found[camera] = any }
        }
        return found
    }
}
