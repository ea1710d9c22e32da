/// The forms in which data sets are written, by the names of options.
public enum DatasetForm: String, CaseIterable, Codable, Sendable {
    case hdf5
    case leRobot21 = "lerobot-v2.1"
    case leRobot3 = "lerobot-v3"
    case rlds

    /// All of them, for help texts.
    public static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    public var format: LiberoDataset.Format {
        switch self {
        case .hdf5: .hdf5
        case .rlds: .rlds
        case .leRobot21: .leRobot21
        case .leRobot3: .leRobot30
        }
    }

    /// Whether images lose quality: RLDS stores JPEG.
    public var losesImageQuality: Bool { self == .rlds }
}
