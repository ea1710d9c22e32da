import RobotInterface
import Foundation
import HDF5
import ImageProcessing
import TensorCore

/// One demonstration of an HDF5 file: where its columns and images lie.
struct HDF5Demonstration: Sendable {
    let group: HDF5Group
    let file: String
    let episode: Int
    let name: String

    func error(
        _ kind: LiberoDataError.Kind, _ level: LiberoDataError.Level = .episode, frame: Int? = nil, column: String,
        _ reason: String, advice: String? = nil
    ) -> LiberoDataError {
        LiberoDataError(
            kind, level: level, file: file, episode: episode, episodeName: name, frame: frame, column: column, reason,
            advice: advice)
    }

    /// Cameras of which there are images: `obs/<camera>_rgb` of LIBERO, `obs/<camera>_image` of robomimic, whose camera at
    /// the hand is called `robot0_eye_in_hand`.
    func cameras() throws -> [CameraName] {
        guard group.contains("obs") else { return [] }
        let names = Set(try group.group("obs").names())
        return names.sorted().compactMap { name in
            if name.hasSuffix("_rgb") { return CameraName(String(name.dropLast(4))) }
            guard name.hasSuffix("_image") else { return nil }
            let camera = String(name.dropLast(6))
            return CameraName(camera == "robot0_eye_in_hand" ? CameraName.wrist.rawValue : camera)
        }
    }

    /// Whether the observations have robomimic's names, as robosuite gives them.
    var hasRobomimicNames: Bool {
        group.contains("obs/robot0_eef_pos") && !group.contains("obs/ee_pos") && !group.contains("obs/ee_states")
    }

    /// Attributes that are text, but the scene's model, which is long.
    func attributes() throws -> [String: String] {
        try group.textAttributes(except: ["model_file"])
    }

    /// Where LIBERO keeps a camera's images.
    static func path(of camera: CameraName) -> String { "obs/\(camera)_rgb" }

    /// Where the images of a camera lie.
    func imagePath(of camera: CameraName) -> String {
        let own = Self.path(of: camera)
        let others = ["obs/\(camera)_image", "obs/robot0_\(camera)_image"]
        return ([own] + others).first { group.contains($0) } ?? own
    }

    func images(of camera: CameraName) throws -> HDF5Dataset {
        let path = imagePath(of: camera)
        let dataset = try dataset(path)
        guard dataset.shape.count == 4, dataset.shape[3] == 3, dataset.shape[1] > 0, dataset.shape[2] > 0,
            dataset.elementType == .integer(byteCount: 1, isSigned: false)
        else {
            throw error(
                .mismatch, column: path,
                "the shape is \(dataset.shape) of \(dataset.elementType), not [T, H, W, 3] of bytes")
        }
        return dataset
    }

    func dataset(_ path: String) throws -> HDF5Dataset {
        guard group.contains(path) else {
            throw error(.missing, column: path, "the demonstration has no such dataset")
        }
        do {
            return try group.dataset(path)
        } catch {
            throw LiberoDataError(
                error, level: .episode, file: file, episode: episode, episodeName: name, column: path)
        }
    }

    // MARK: - Columns

    /// Where the common columns lie; others keep their path, or what is behind `extra/`.
    static let paths = [
        ColumnName.action: "actions", ColumnName.jointState: "obs/joint_states", ColumnName.reward: "rewards",
        ColumnName.done: "dones", ColumnName.simulatorState: "states", ColumnName.robotState: "robot_states",
    ]
    static let extraFolder = "extra/"
    /// The parts of the state, with their widths.
    static let stateParts = [("obs/ee_pos", 3), ("obs/ee_ori", 3), ("obs/gripper_states", 2)]

    /// Numbers with a row for each action.
    func columnNames() throws -> [String] {
        let names = Dictionary(uniqueKeysWithValues: Self.paths.map { ($1, $0) })
        let found = try arrays().columns.map { path in
            names[path] ?? (path.hasPrefix(Self.extraFolder) ? String(path.dropFirst(Self.extraFolder.count)) : path)
        }
        return (found + [ColumnName.state]).sorted()
    }

    /// The arrays that are columns of numbers, and those that are neither columns nor images, with the reason.
    func arrays() throws -> (columns: [String], others: [(path: String, reason: String)]) {
        let length = try dataset("actions").shape.first ?? 0
        let images = Set(try cameras().map { imagePath(of: $0) })
        var (columns, others) = ([String](), [(path: String, reason: String)]())
        for path in try group.datasetPaths() where !images.contains(path) {
            let dataset = try dataset(path)
            var isNumber: Bool {
                switch dataset.elementType {
                case .integer, .float: true
                case .string, .other: false
                }
            }
            if !isNumber {
                others.append((path, "no numbers"))
            } else if Self.needed.contains(path)
                || ((1...2).contains(dataset.shape.count) && dataset.shape[0] == length)
            {
                // what is needed is checked, not left aside
                columns.append(path)
            } else if dataset.shape.first == length {
                others.append((path, "the shape \(dataset.shape)"))
            } else {
                others.append((path, "\(dataset.shape.first ?? 0) rows, \(length) actions"))
            }
        }
        return (columns, others)
    }

    /// Paths of the layout itself: another number of rows in one of them is damage.
    private static let needed = Set(paths.values).union(stateParts.map(\.0)).union([
        "obs/ee_states", "obs/robot0_eef_pos", "obs/robot0_eef_quat", "obs/robot0_gripper_qpos",
    ])

    func column(_ name: String) throws -> NumberColumn {
        if name == ColumnName.state { return try state() }
        if name == ColumnName.jointState, !group.contains("obs/joint_states"), group.contains("obs/robot0_joint_pos") {
            return try numbers("obs/robot0_joint_pos")
        }
        if let path = Self.paths[name] { return try numbers(path) }
        return try numbers(group.contains(Self.extraFolder + name) ? Self.extraFolder + name : name)
    }

    /// Position, axis-angle, fingers; the first two also where only `obs/ee_states` holds them.
    private var ownStateParts: [(String, Int)] {
        if hasRobomimicNames { return Self.robomimicParts }
        return !group.contains("obs/ee_pos") && group.contains("obs/ee_states")
            ? [("obs/ee_states", 6), ("obs/gripper_states", 2)] : Self.stateParts
    }

    /// The same of robosuite's observations, the orientation as a quaternion x y z w.
    private static let robomimicParts = [
        ("obs/robot0_eef_pos", 3), ("obs/robot0_eef_quat", 4), ("obs/robot0_gripper_qpos", 2),
    ]

    /// Whether the parts of the robot's state are there under known names.
    var hasState: Bool { ownStateParts.allSatisfy { group.contains($0.0) } }

    private func state() throws -> NumberColumn {
        let parts = try ownStateParts.map { try numbers($0.0, width: $0.1) }
        guard Set(parts.map(\.count)).count == 1 else {
            throw error(.mismatch, column: "obs", "the parts of the state have \(parts.map(\.count)) frames")
        }
        var values: [Double] = []
        for frame in 0..<parts[0].count {
            for part in parts { values += part.width == 4 ? Self.axisAngle(part[frame]) : Array(part[frame]) }
        }
        let width = parts.reduce(0) { $0 + ($1.width == 4 ? 3 : $1.width) }
        return NumberColumn(width: width, values: values, elementType: parts[0].elementType)
    }

    /// A quaternion x y z w as LIBERO records orientations.
    private static func axisAngle(_ q: ArraySlice<Double>) -> [Double] {
        let state = RobotState(
            endEffectorPosition: .zero, endEffectorOrientation: .quaternionXYZW(SIMD4(q)), fingerPositions: [])
        let vector = state.axisAngle
        return [vector.x, vector.y, vector.z]
    }

    private func numbers(_ path: String, width: Int? = nil) throws -> NumberColumn {
        let dataset = try dataset(path)
        guard (1...2).contains(dataset.shape.count), width == nil || dataset.rowElementCount == width,
            dataset.rowElementCount > 0
        else {
            throw error(
                .mismatch, column: path,
                "the shape is \(dataset.shape), not [T, \(width.map(String.init) ?? "numbers")]")
        }
        let type: NumberColumn.ElementType =
            switch dataset.elementType {
            case .float(byteCount: 4): .float32
            case .float: .float64
            case .integer(byteCount: 1, _): .uint8
            default: .int64
            }
        do {
            return NumberColumn(width: dataset.rowElementCount, values: try dataset.doubles(), elementType: type)
        } catch {
            throw LiberoDataError(
                error, level: .episode, file: file, episode: episode, episodeName: name, column: path)
        }
    }

    // MARK: - Checks

    /// Every column and camera that has to be there is, and all have the same number of frames.
    func check(cameras: [CameraName: CameraDescription], actionWidth: Int) throws {
        let action = try dataset("actions")
        guard action.shape.count == 2, action.shape[1] == actionWidth, action.shape[0] > 0 else {
            throw error(.mismatch, column: "actions", "the shape is \(action.shape), not [T, \(actionWidth)]")
        }
        let length = action.shape[0]
        for (camera, description) in cameras.sorted(by: { $0.key < $1.key }) {
            let images = try images(of: camera)
            let path = imagePath(of: camera)
            guard images.shape[0] == length else {
                throw error(.mismatch, column: path, "\(images.shape[0]) images, \(length) actions")
            }
            guard images.shape[1] == description.height, images.shape[2] == description.width else {
                throw error(
                    .mismatch, column: path,
                    "the images are \(images.shape[2]) × \(images.shape[1]), "
                        + "others in the data set \(description.width) × \(description.height)")
            }
        }
        for path in try arrays().columns {
            let shape = try dataset(path).shape
            guard shape.first == length else {
                throw error(.mismatch, column: path, "\(shape.first ?? 0) rows, \(length) actions")
            }
        }
        if let declared = try group.attribute("num_samples")?.integer, declared != length {
            throw error(.mismatch, column: "num_samples", "\(declared) frames are announced, \(length) are there")
        }
        for path in ["actions"] + ownStateParts.map(\.0) {
            if let frame = try numbers(path).firstNotFinite {
                throw error(.notFinite, .frame, frame: frame, column: path, "a number is NaN or infinite")
            }
        }
        _ = try state()
    }

    func storedImage(of camera: CameraName, frame: Int) throws -> StoredImage {
        let dataset = try images(of: camera)
        guard 0..<dataset.shape[0] ~= frame else {
            throw error(
                .mismatch, .frame, frame: frame, column: imagePath(of: camera), "there are \(dataset.shape[0]) images"
            )
        }
        do {
            let pixels = try dataset.bytes(rows: frame..<frame + 1)
            return .pixels(RGBImage(width: dataset.shape[2], height: dataset.shape[1], pixels: pixels))
        } catch {
            throw LiberoDataError(
                error, level: .frame, file: file, episode: episode, episodeName: name, frame: frame,
                column: imagePath(of: camera))
        }
    }
}
