import RobotInterface

/// What the gripper's commands of some episodes look like, and which convention that means.
struct GripperEvidence {
    private var lowest = Double.infinity
    private var highest = -Double.infinity
    private var counts: [Double: Int] = [:]
    private var count = 0

    /// Episodes that are looked at when a set is opened.
    static let episodeCount = 4

    init() {}

    /// Of the first episodes whose actions can be read.
    init(of episodeCount: Int, actions: (Int) -> NumberColumn?) {
        for index in 0..<min(episodeCount, Self.episodeCount) {
            if let column = actions(index) { add(column) }
        }
    }

    mutating func add(_ actions: NumberColumn) {
        for frame in 0..<actions.count {
            let value = actions[frame, actions.width - 1]
            (lowest, highest) = (min(lowest, value), max(highest, value))
            if value == 0 || abs(value) == 1 { counts[value, default: 0] += 1 }
            count += 1
        }
    }

    /// −1 anywhere means −1…1; only values in 0…1 with a 0 among them mean OpenVLA's.
    var convention: GripperConvention? { GripperConvention(minimum: lowest, maximum: highest) }

    /// The convention: as stated, else as the data tell, else the simulator's.
    ///
    /// - Throws: ``LiberoDataError`` of kind `meaning` when the data tell another one than stated.
    func resolved(
        stated: GripperConvention?, file: String, column: String
    ) throws -> (convention: GripperConvention, warning: DatasetWarning?) {
        if let stated, let convention, stated != convention {
            throw LiberoDataError(
                .meaning, level: .open, file: file, column: column,
                "the gripper's values lie in \(lowest)…\(highest), \(stated.rawValue) was stated",
                advice: "They mean \(convention.rawValue).")
        }
        let result = stated ?? convention ?? .environment
        let expected: [Double] = result == .environment ? [-1, 1] : [0, 1]
        let others = count - expected.reduce(0) { $0 + (counts[$1] ?? 0) }
        let values = result == .environment ? "-1 nor +1" : "0 nor 1"
        return (
            result,
            others == 0 ? nil : DatasetWarning(file: file, "\(others) of \(count) gripper values are neither \(values)")
        )
    }
}
