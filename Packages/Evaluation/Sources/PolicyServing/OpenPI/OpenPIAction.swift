public import RobotInterface

/// What an openpi server answers: a chunk of actions and how long it took.
public struct OpenPIAction: Sendable, Hashable {
    /// All entries.
    public private(set) var fields: WireMap
    /// `[horizon, dimensions]`, row 0 first.
    public let actions: ActionChunk

    /// A reply.
    ///
    /// - Parameters:
    ///   - actions: Finite numbers; sent as 64-bit floats, so that nothing is lost.
    ///   - inferenceTime: Milliseconds that the policy took.
    ///   - previousTotalTime: Milliseconds between receiving the previous request and sending its reply; `nil` for the
    ///     first of a connection.
    public init(_ actions: ActionChunk, inferenceTime: Double, previousTotalTime: Double?) {
        self.actions = actions
        let array = NumericArray(doubles: actions.values, shape: [actions.horizon, actions.dimensionCount])
        var timing = WireMap([(.text("infer_ms"), .double(inferenceTime))])
        if let previousTotalTime { timing["prev_total_ms"] = .double(previousTotalTime) }
        fields = WireMap([
            (.text("actions"), .array(array)),
            (.text("policy_timing"), ["infer_ms": .double(inferenceTime)]), (.text("server_timing"), .map(timing)),
        ])
    }

    /// Reads a reply.
    ///
    /// - Throws: ``WireError`` when there is no matrix of finite numbers called `actions`.
    public init(decoding bytes: [UInt8], limits: ServingLimits = .standard) throws(WireError) {
        let value = try WireValue(decoding: bytes, .openPI, limits: limits)
        guard let map = value.map else { throw WireError(.notMap, "a reply is a map, not \(value.typeName)") }
        guard let actions = map["actions"] else {
            throw WireError(.missing, "the reply has no 'actions'; found \(map.shownKeys)")
        }
        fields = map
        self.actions = try actions.actionChunk(named: "actions")
    }

    /// Adds an entry that clients may ignore.
    mutating func add(_ value: WireValue, forKey key: String) { fields[key] = value }

    public func encoded() -> [UInt8] { WireValue.map(fields).encoded(.openPI) }

    /// Milliseconds that the server's policy took; `nil` if it does not say.
    public var inferenceTime: Double? { fields["server_timing"]?.map?["infer_ms"]?.number }
}

extension WireValue {
    /// Actions: a matrix, a vector for a single one, or a list of either.
    func actionChunk(named name: String) throws(WireError) -> ActionChunk {
        let rows: [[Double]]
        switch self {
        case .array(let array):
            guard let numbers = array.doubles() else {
                throw WireError(.arrayDataType, "'\(name)' is of type \(array.type.code), not of numbers")
            }
            guard 1...2 ~= array.shape.count, let width = array.shape.last, width > 0, !numbers.isEmpty else {
                throw WireError(.arrayShape, "'\(name)' has shape \(array.shape); [horizon, dimensions] is needed")
            }
            rows = stride(from: 0, to: numbers.count, by: width).map { Array(numbers[$0..<$0 + width]) }
        case .list(let list):
            if let numbers, !numbers.isEmpty {
                rows = [numbers]
            } else {
                rows = list.compactMap(\.numbers)
                guard !rows.isEmpty, rows.count == list.count, !rows[0].isEmpty,
                    rows.allSatisfy({ $0.count == rows[0].count })
                else { throw WireError(.schemaType, "'\(name)' is no list of actions of one length") }
            }
        default: throw WireError(.schemaType, "'\(name)' is of type \(typeName), not an array")
        }
        guard rows.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
            throw WireError(.nonFinite, "'\(name)' holds a number that is not finite")
        }
        return ActionChunk(rows)
    }
}
