public import RobotInterface

/// Per-dimension statistics of recorded actions or states, from which numbers are brought to a common scale.
///
/// Every list has one entry per dimension; lists a file does not have are nil.
public struct ActionStatistics: Hashable, Sendable {
    public let dimensionCount: Int
    public let mean: [Double]?
    /// The population standard deviation.
    public let standardDeviation: [Double]?
    public let minimum: [Double]?
    public let maximum: [Double]?
    /// The 1 % quantile.
    public let lowerQuantile: [Double]?
    /// The 99 % quantile.
    public let upperQuantile: [Double]?
    /// Which dimensions are scaled at all; the others pass as they are. OpenVLA leaves the gripper out.
    public let mask: [Bool]
    /// What the last dimension means, where it is a gripper command.
    public let gripperConvention: GripperConvention?

    /// Takes the lists there are.
    ///
    /// - Throws: ``ActionStatisticsError`` when their lengths differ, a number is not finite, a lower one lies above the
    ///   upper one, or a deviation is negative.
    public init(
        mean: [Double]? = nil, standardDeviation: [Double]? = nil, minimum: [Double]? = nil, maximum: [Double]? = nil,
        lowerQuantile: [Double]? = nil, upperQuantile: [Double]? = nil, mask: [Bool]? = nil,
        gripperConvention: GripperConvention? = nil
    ) throws(ActionStatisticsError) {
        let lists = [
            ("mean", mean), ("std", standardDeviation), ("min", minimum), ("max", maximum), ("q01", lowerQuantile),
            ("q99", upperQuantile),
        ]
        guard let count = lists.compactMap(\.1).first?.count, count > 0 else { throw .noStatistics }
        for (name, list) in lists {
            guard let list else { continue }
            guard list.count == count else { throw .lengthMismatch(name, count: list.count, expected: count) }
            if let bad = list.firstIndex(where: { !$0.isFinite }) { throw .notFinite(name, dimension: bad) }
        }
        if let mask, mask.count != count { throw .lengthMismatch("mask", count: mask.count, expected: count) }
        for (name, lower, upper) in [("min and max", minimum, maximum), ("q01 and q99", lowerQuantile, upperQuantile)] {
            guard let lower, let upper else { continue }
            if let bad = lower.indices.first(where: { lower[$0] > upper[$0] }) {
                throw .outOfOrder(name, dimension: bad, lower: lower[bad], upper: upper[bad])
            }
        }
        if let bad = standardDeviation?.firstIndex(where: { $0 < 0 }) { throw .negativeDeviation(dimension: bad) }

        dimensionCount = count
        self.mean = mean
        self.standardDeviation = standardDeviation
        self.minimum = minimum
        self.maximum = maximum
        self.lowerQuantile = lowerQuantile
        self.upperQuantile = upperQuantile
        self.mask = mask ?? Array(repeating: true, count: count)
        self.gripperConvention = gripperConvention
    }

    /// Compares the gripper convention with that of the part these statistics are combined with.
    ///
    /// - Throws: ``ActionStatisticsError/gripperConvention(found:expected:)`` unless it is the same and known.
    public func requireGripperConvention(_ expected: GripperConvention) throws(ActionStatisticsError) {
        guard gripperConvention == expected else {
            throw .gripperConvention(found: gripperConvention, expected: expected)
        }
    }
}

/// Statistics that cannot be used.
public enum ActionStatisticsError: Error, Equatable, CustomStringConvertible {
    /// No list at all.
    case noStatistics
    /// What a method needs and the statistics do not have.
    case missing([String], method: String)
    case lengthMismatch(String, count: Int, expected: Int)
    case notFinite(String, dimension: Int)
    case outOfOrder(String, dimension: Int, lower: Double, upper: Double)
    case negativeDeviation(dimension: Int)
    /// The method divides by a deviation that is 0.
    case zeroDeviation(dimension: Int)
    case gripperConvention(found: GripperConvention?, expected: GripperConvention)
    /// A file has no such entry; what it has.
    case missingEntry(String, file: String, found: [String])
    /// A file is not in the layout expected.
    case wrongLayout(file: String, reason: String)
    /// A file holds statistics of several data sets, and none of them was named.
    case severalDatasets([String], file: String)
    /// The lists of an entry of a file cannot be used.
    case unusable(String, file: String, reason: String)

    public var description: String {
        switch self {
        case .noStatistics:
            "The statistics hold no list with an entry per dimension."
        case .missing(let names, let method):
            "The method \(method) needs \(names.joined(separator: ", ")), which the statistics do not have; "
                + "take another method or compute them from the data."
        case .lengthMismatch(let name, let count, let expected):
            "The statistics have \(count) entries in '\(name)' where \(expected) are expected."
        case .notFinite(let name, let dimension):
            "'\(name)' of dimension \(dimension) is not a finite number."
        case .outOfOrder(let name, let dimension, let lower, let upper):
            "\(name) of dimension \(dimension) are in the wrong order: \(lower) lies above \(upper)."
        case .negativeDeviation(let dimension):
            "The standard deviation of dimension \(dimension) is negative."
        case .zeroDeviation(let dimension):
            "The standard deviation of dimension \(dimension) is 0: it never changed in the data. "
                + "Mask it or take a method that adds a small number."
        case .gripperConvention(let found, let expected):
            "The statistics' gripper convention is \(found?.rawValue ?? "not stated"), expected is \(expected.rawValue). "
                + "Convert the data or state the right convention."
        case .missingEntry(let name, let file, let found):
            "\(file) has no entry '\(name)'; it has \(found.joined(separator: ", "))."
        case .wrongLayout(let file, let reason):
            "\(file) is no statistics file of this layout: \(reason)."
        case .severalDatasets(let names, let file):
            "\(file) holds the statistics of \(names.count) data sets; name one: \(names.joined(separator: ", "))."
        case .unusable(let entry, let file, let reason):
            "\(file), '\(entry)': \(reason)"
        }
    }
}
