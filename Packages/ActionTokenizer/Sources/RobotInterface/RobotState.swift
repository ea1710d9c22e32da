import Foundation

/// What the robot knows of itself, each part with its meaning.
///
/// A vector of eight numbers cannot tell a quaternion's order or an Euler angle from an axis; here the type does. The
/// numbers a policy gets are built from it by ``StateLayout``.
public struct RobotState: Hashable, Codable, Sendable {
    /// An orientation in the form its source has it.
    public enum Orientation: Hashable, Sendable {
        /// x, y, z, w, as robosuite's observations have it; unit length, either sign.
        case quaternionXYZW(SIMD4<Double>)
        /// robosuite's axis times angle, the angle in 0…2π; as recorded demonstrations have it.
        case axisAngle(SIMD3<Double>)
    }

    /// The gripper's site in the world frame, metres.
    public var endEffectorPosition: SIMD3<Double>
    /// The hand in the world frame.
    public var endEffectorOrientation: Orientation
    /// The fingers' joint positions, metres; in LIBERO of opposite signs.
    public var fingerPositions: [Double]
    /// The arm's joint positions, radians; nil where the source has none.
    public var jointPositions: [Double]?
    /// Numbers whose meaning is not stated, in the order of the layout's names; the parts above are then empty or zero.
    public var unspecified: [Double]?

    public init(
        endEffectorPosition: SIMD3<Double>, endEffectorOrientation: Orientation, fingerPositions: [Double],
        jointPositions: [Double]? = nil
    ) {
        self.endEffectorPosition = endEffectorPosition
        self.endEffectorOrientation = endEffectorOrientation
        self.fingerPositions = fingerPositions
        self.jointPositions = jointPositions
    }

    /// A state of numbers whose meaning is not stated.
    public init(unspecified: [Double]) {
        self.init(endEffectorPosition: .zero, endEffectorOrientation: .axisAngle(.zero), fingerPositions: [])
        self.unspecified = unspecified
    }

    /// The orientation as LIBERO's demonstrations record it.
    ///
    ///     w = clip(w, −1, 1);  d = √(1 − w²);  0 where d = 0, else (x, y, z) · 2 acos(w) / d
    ///
    /// Source: robosuite 1.4, `transform_utils.quat2axisangle`.
    public var axisAngle: SIMD3<Double> {
        switch endEffectorOrientation {
        case .axisAngle(let vector): return vector
        case .quaternionXYZW(let q):
            let w = min(max(q.w, -1), 1)
            let d = (1 - w * w).squareRoot()
            return d == 0 ? .zero : SIMD3(q.x, q.y, q.z) * (2 * acos(w)) / d
        }
    }
}

/// Which parts of a ``RobotState`` a policy gets, in order.
public struct StateLayout: Hashable, Codable, Sendable {
    public enum Part: String, CaseIterable, Codable, Sendable {
        /// x, y, z in metres.
        case endEffectorPosition
        /// robosuite's axis times angle, radians.
        case axisAngle
        /// The two fingers, metres.
        case fingerPositions
        /// Seven angles, radians.
        case jointPositions

        /// How many numbers it is.
        public var count: Int {
            switch self {
            case .endEffectorPosition, .axisAngle: 3
            case .fingerPositions: 2
            case .jointPositions: 7
            }
        }
    }

    public var parts: [Part]
    /// Names of numbers behind the parts whose meaning is not stated.
    public var unspecifiedNames: [String] = []

    public init(_ parts: [Part]) { self.parts = parts }

    /// Numbers of which only the names are known.
    public init(unspecified names: [String]) { (parts, unspecifiedNames) = ([], names) }

    private enum CodingKeys: CodingKey { case parts, unspecifiedNames }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        parts = try container.decode([Part].self, forKey: .parts)
        unspecifiedNames = try container.decodeIfPresent([String].self, forKey: .unspecifiedNames) ?? []
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(parts, forKey: .parts)
        if !unspecifiedNames.isEmpty { try container.encode(unspecifiedNames, forKey: .unspecifiedNames) }
    }

    /// The names of what it holds: of the parts, then of the numbers without a stated meaning.
    public var names: [String] { parts.map(\.rawValue) + unspecifiedNames }

    /// Position, axis-angle and fingers: the eight numbers of LIBERO's demonstrations.
    public static let libero = StateLayout([.endEffectorPosition, .axisAngle, .fingerPositions])

    public var count: Int { parts.reduce(0) { $0 + $1.count } + unspecifiedNames.count }

    /// The numbers of a state.
    ///
    /// - Throws: ``ObservationError/missingState(_:)`` when the state lacks a part or has another number of fingers or
    ///   joints.
    public func values(of state: RobotState) throws -> [Double] {
        var values: [Double] = []
        values.reserveCapacity(count)
        for part in parts {
            let start = values.count
            switch part {
            case .endEffectorPosition:
                let p = state.endEffectorPosition
                values += [p.x, p.y, p.z]
            case .axisAngle:
                let a = state.axisAngle
                values += [a.x, a.y, a.z]
            case .fingerPositions: values += state.fingerPositions
            case .jointPositions: values += state.jointPositions ?? []
            }
            guard values.count - start == part.count else { throw ObservationError.missingState(part.rawValue) }
        }
        guard unspecifiedNames.isEmpty || state.unspecified?.count == unspecifiedNames.count else {
            throw ObservationError.missingState(unspecifiedNames.joined(separator: ", "))
        }
        if !unspecifiedNames.isEmpty { values += state.unspecified ?? [] }
        return values
    }
}
