import RobotInterface

/// Episodes in one of the formats.
///
/// Columns have the names of ``ColumnName`` whatever the files call them; other columns keep their own names.
protocol EpisodeStorage: Sendable {
    var description: DatasetDescription { get }
    var episodes: [EpisodeInfo] { get }
    /// Found when opening.
    var warnings: [DatasetWarning] { get }

    /// Named lists of episodes, as robomimic keeps them.
    var filterKeys: [String: [Int]] { get }

    /// Checks what can be checked without decoding images: files, lengths, widths.
    func check(_ episode: Int) throws

    /// The names of the columns besides the images, sorted.
    func columnNames(of episode: Int) throws -> [String]

    /// One column of an episode.
    func column(_ name: String, of episode: Int) throws -> NumberColumn

    /// What the files call a camera's images; for errors.
    func columnName(of camera: CameraName) -> String

    /// An image as it is stored.
    func storedImage(of camera: CameraName, frame: Int, episode: Int) throws -> StoredImage

    /// What else is kept with an episode as text, such as seeds.
    func attributes(of episode: Int) throws -> [String: String]

    /// The instruction of each frame where they differ; `nil` where the episode has one.
    func instructions(of episode: Int) throws -> [String]?

    /// Columns of text by name.
    func textColumns(of episode: Int) throws -> [String: [String]]

    /// Image columns that are no color images, such as depths, by name: passed on as they are stored.
    func rawImageNames(of episode: Int) throws -> [String]

    /// One of them.
    func rawImages(_ name: String, of episode: Int) throws -> [RawImage]

    /// Names of what an episode holds and nothing here reads, such as arrays with other numbers of rows.
    func leftAside(of episode: Int) throws -> [String]
}

/// An encoded image that is not decoded, and the path beside it.
public struct RawImage: Hashable, Sendable {
    public var bytes: [UInt8]
    public var path: String

    public init(bytes: [UInt8], path: String) { (self.bytes, self.path) = (bytes, path) }
}

extension EpisodeStorage {
    var filterKeys: [String: [Int]] { [:] }

    func attributes(of episode: Int) throws -> [String: String] { [:] }

    func instructions(of episode: Int) throws -> [String]? { nil }

    func textColumns(of episode: Int) throws -> [String: [String]] { [:] }

    func rawImageNames(of episode: Int) throws -> [String] { [] }

    func rawImages(_ name: String, of episode: Int) throws -> [RawImage] { [] }

    func leftAside(of episode: Int) throws -> [String] { [] }
}

/// The names of the columns that the formats have in common.
public enum ColumnName {
    /// What the robot was told, 7 numbers in LIBERO.
    public static let action = "action"
    /// What it felt: `DatasetDescription.stateLayout`.
    public static let state = "state"
    /// 7 joint angles.
    public static let jointState = "joint_state"
    /// 1 on the last frame.
    public static let reward = "reward"
    /// 1 on the last frame.
    public static let done = "done"
    /// The flattened state of the simulator: time, positions, velocities.
    public static let simulatorState = "simulator_state"
    /// Two fingers, position, quaternion x y z w.
    public static let robotState = "robot_states"
}
