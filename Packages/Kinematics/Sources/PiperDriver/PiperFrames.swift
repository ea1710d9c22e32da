public import Kinematics

/// The messages of an AgileX Piper on its CAN bus: 8 bytes, whole numbers of 0.001° and 0.001 mm, the high byte first.
///
/// Encodes and decodes only; no bus is ever opened. Angles are radians, lengths metres, rotations fixed-axis roll, pitch
/// and yaw as in a URDF. Source: the vendor's protocol, version 2.
public enum PiperFrames {
    /// A message of the standard format.
    public struct Frame: Equatable, Sendable, CustomStringConvertible {
        /// 11 bits.
        public var identifier: UInt32
        /// Up to 8 bytes.
        public var data: [UInt8]

        public init(identifier: UInt32, data: [UInt8]) {
            self.identifier = identifier
            self.data = data
        }

        /// As `cansend` takes it: `155#0000000000000000`.
        public var description: String {
            func hexadecimal(_ value: UInt32, _ digits: Int) -> String {
                let text = String(value, radix: 16, uppercase: true)
                return String(repeating: "0", count: max(digits - text.count, 0)) + text
            }
            return hexadecimal(identifier, 3) + "#" + data.map { hexadecimal(UInt32($0), 2) }.joined()
        }
    }

    /// What the arm's controller does with the commands that follow.
    public enum MoveMode: UInt8, Sendable {
        case pose = 0
        case joint = 1
        case linear = 2
        case circular = 3
        case mit = 4
    }

    /// What a message says.
    public enum Message: Sendable {
        /// Control over CAN in a mode at a share of the full speed, 0…1.
        case mode(MoveMode, speed: Double)
        /// The six joints, from three messages in a row.
        case joints([Double])
        /// The end of the arm, `link6` of the URDF, from three messages in a row.
        case pose(Pose)
        /// The opening between the fingers in metres, the effort in N m, and whether the gripper is enabled.
        case gripper(opening: Double, effort: Double, isEnabled: Bool)
    }

    /// A value or message that does not fit.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        case count(Int)
        case notFinite(Double)
        case outOfRange(String, Double)
        case identifier(UInt32)
        case length(UInt32, Int)
        case mode(UInt8)

        public var description: String {
            switch self {
            case .count(let count): "A Piper has 6 joints; \(count) positions are given."
            case .notFinite(let value): "\(value) cannot be sent."
            case .outOfRange(let name, let value): "\(name) is \(value), which the message has no place for."
            case .identifier(let identifier):
                "No message with the identifier 0x\(String(identifier, radix: 16)) is decoded."
            case .length(let identifier, let count):
                "Message 0x\(String(identifier, radix: 16)) has \(count) bytes, not 8."
            case .mode(let mode): "Byte 1 of the mode message is \(mode); modes 0 to 4 exist."
            }
        }
    }

    /// Thousandths of a degree in a radian.
    public static let unitsPerRadian = 180_000 / Double.pi
    /// Thousandths of a millimetre in a metre.
    public static let unitsPerMetre = 1_000_000.0

    // MARK: commands

    /// The arm's controller takes commands from the bus, in this mode.
    public static func mode(_ mode: MoveMode, speed: Double) throws -> Frame {
        guard speed >= 0, speed <= 1 else { throw Failure.outOfRange("The speed", speed) }
        let isMIT: UInt8 = mode == .mit ? 0xAD : 0
        return Frame(
            identifier: 0x151,
            data: [1, mode.rawValue, UInt8(100 * speed), isMIT, 0, 0, 0, 0])
    }

    /// The three messages that set all joints, in radians.
    public static func joints(_ positions: [Double]) throws -> [Frame] {
        guard positions.count == 6 else { throw Failure.count(positions.count) }
        return try pairs(positions.map { try units($0, unitsPerRadian) }, first: 0x155)
    }

    /// The three messages that set the end's pose.
    public static func pose(_ pose: Pose) throws -> [Frame] {
        let (p, angles) = (pose.translation, pose.rotation.rollPitchYaw)
        let values =
            try [p.x, p.y, p.z].map { try units($0, unitsPerMetre) }
            + [angles.roll, angles.pitch, angles.yaw].map { try units($0, unitsPerRadian) }
        return try pairs(values, first: 0x152)
    }

    /// Opens or closes the gripper: metres between the fingers, at most 5 N m.
    public static func gripper(opening: Double, effort: Double = 1) throws -> Frame {
        guard effort >= 0, effort <= 5 else { throw Failure.outOfRange("The effort", effort) }
        let force = UInt16((1000 * effort).rounded())
        return Frame(
            identifier: 0x159,
            data: bytes(try units(opening, unitsPerMetre)) + [UInt8(force >> 8), UInt8(force & 0xFF), 1, 0])
    }

    private static func units(_ value: Double, _ scale: Double) throws -> Int32 {
        guard value.isFinite else { throw Failure.notFinite(value) }
        guard let units = Int32(exactly: (value * scale).rounded()) else { throw Failure.outOfRange("A value", value) }
        return units
    }

    private static func bytes(_ value: Int32) -> [UInt8] {
        let bits = UInt32(bitPattern: value)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bits >> $0) }
    }

    private static func pairs(_ values: [Int32], first: UInt32) throws -> [Frame] {
        (0..<3).map { Frame(identifier: first + UInt32($0), data: bytes(values[2 * $0]) + bytes(values[2 * $0 + 1])) }
    }

    // MARK: decoding

    /// Puts messages together: commands and feedback of joints and pose come in threes.
    ///
    /// Feedback (0x2A5…0x2A8, 0x2A2…0x2A4) is read like the commands of the same meaning.
    public struct Decoder: Sendable {
        private var values: [UInt32: [Int32]] = [:]

        public init() {}

        /// The message that a frame completes; nil while parts are missing.
        ///
        /// - Throws: ``Failure`` for an identifier it does not know, or a frame that is not as it has to be.
        public mutating func decode(_ frame: Frame) throws -> Message? {
            let id = frame.identifier
            let starts: [UInt32] = [0x152, 0x155, 0x2A2, 0x2A5]
            guard [0x151, 0x159, 0x2A8].contains(id) || starts.contains(where: { $0..<$0 + 3 ~= id }) else {
                throw Failure.identifier(id)
            }
            guard frame.data.count == 8 else { throw Failure.length(id, frame.data.count) }
            func number(_ offset: Int) -> Int32 {
                Int32(bitPattern: frame.data[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
            }
            switch id {
            case 0x151:
                guard let mode = MoveMode(rawValue: frame.data[1]) else { throw Failure.mode(frame.data[1]) }
                return .mode(mode, speed: Double(frame.data[2]) / 100)
            case 0x159, 0x2A8:
                let effort = Int16(bitPattern: UInt16(frame.data[4]) << 8 | UInt16(frame.data[5]))
                // the feedback has a bit field there, of which bit 6 says that the driver is enabled
                let isEnabled = id == 0x159 ? [1, 3].contains(frame.data[6]) : frame.data[6] & 0x40 != 0
                return .gripper(
                    opening: Double(number(0)) / unitsPerMetre, effort: Double(effort) / 1000, isEnabled: isEnabled)
            default: break
            }
            let start = starts.last { $0 <= id }!
            values[id] = [number(0), number(4)]
            guard let a = values[start], let b = values[start + 1], let c = values[start + 2] else { return nil }
            for part in start..<start + 3 { values[part] = nil }
            let all = (a + b + c).map(Double.init)
            if start == 0x155 || start == 0x2A5 { return .joints(all.map { $0 / unitsPerRadian }) }
            return .pose(
                Pose(
                    rotation: Rotation(
                        roll: all[3] / unitsPerRadian, pitch: all[4] / unitsPerRadian, yaw: all[5] / unitsPerRadian),
                    translation: Vector3(all[0], all[1], all[2]) / unitsPerMetre))
        }
    }
}
