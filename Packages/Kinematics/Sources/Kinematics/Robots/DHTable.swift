/// An arm as modified Denavit–Hartenberg parameters: `T = Rx(α) Tx(a) Rz(θ + offset) Tz(d)` for each joint; classic
/// ones are converted.
///
/// Source: Craig 2005, Introduction to Robotics, section 3.4.
public struct DHTable: Sendable {
    /// Radians and metres.
    public struct Row: Sendable {
        /// About the axis before, x.
        public var twist: Double
        /// Along the axis before, x.
        public var length: Double
        /// Added to the joint's position.
        public var offset: Double
        /// Along the joint's axis, z.
        public var distance: Double

        public init(twist: Double, length: Double, offset: Double, distance: Double) {
            self.twist = twist
            self.length = length
            self.offset = offset
            self.distance = distance
        }
    }

    public var name: String
    public var rows: [Row]
    /// Where the table begins, in the base.
    public var base: Pose
    /// Behind the last joint's frame.
    public var flange: Pose

    public init(_ name: String, rows: [Row], base: Pose = .identity, flange: Pose = .identity) {
        self.name = name
        self.rows = rows
        self.base = base
        self.flange = flange
    }

    /// A table of classic parameters, `T = Rz(θ + offset) Tz(d) Tx(a) Rx(α)` for each joint: twist and length are those
    /// behind the joint.
    public init(_ name: String, classic rows: [Row], base: Pose = .identity, flange: Pose = .identity) {
        var (twist, length) = (0.0, 0.0)
        let modified = rows.map { row in
            defer { (twist, length) = (row.twist, row.length) }
            return Row(twist: twist, length: length, offset: row.offset, distance: row.distance)
        }
        let last = Pose(rotation: Rotation(exponential: Vector3(twist, 0, 0)), translation: Vector3(length, 0, 0))
        self.init(name, rows: modified, base: base, flange: last * flange)
    }

    private static func degrees(_ name: String, _ rows: [[Double]], flange: Double = 0) -> DHTable {
        DHTable(
            name,
            rows: rows.map {
                Row(twist: $0[0] * .pi / 180, length: $0[1], offset: $0[2] * .pi / 180, distance: $0[3])
            }, flange: Pose(translation: Vector3(0, 0, flange)))
    }

    /// The table of a Piper's controller, to its `link6`; with the 2° offset of joints 2 and 3 or, in early firmware,
    /// without.
    public static func piper(hasOffset: Bool = true) -> DHTable {
        degrees(
            hasOffset ? "Piper controller" : "Piper controller, early firmware",
            [
                [0, 0, 0, 0.123], [-90, 0, hasOffset ? -172.22 : -174.22, 0],
                [0, 0.28503, hasOffset ? -102.78 : -100.78, 0], [90, -0.02198, 0, 0.25075], [-90, 0, 0, 0],
                [90, 0, 0, 0.091],
            ])
    }

    /// The vendor's table of the Panda, to its flange, `panda_link8`.
    public static let panda = degrees(
        "Franka Panda",
        [
            [0, 0, 0, 0.333], [-90, 0, 0, 0], [90, 0, 0, 0.316], [90, 0.0825, 0, 0], [-90, -0.0825, 0, 0.384],
            [90, 0, 0, 0], [90, 0.088, 0, 0],
        ], flange: 0.107)

    /// The vendor's classic table of the UR10e, to its flange, `tool0`. The controller's base is the URDF's `base`, half a
    /// turn about z from `base_link`.
    public static let ur10e = DHTable(
        "UR10e",
        classic: [
            (0, 0.1807, 90.0), (-0.6127, 0, 0), (-0.57155, 0, 0), (0, 0.17415, 90), (0, 0.11985, -90), (0, 0.11655, 0),
        ].map { Row(twist: $0.2 * .pi / 180, length: $0.0, offset: 0, distance: $0.1) },
        base: Pose(rotation: Rotation(exponential: Vector3(0, 0, .pi))))

    /// The pose of the flange in the base.
    public func pose(at positions: [Double]) -> Pose {
        precondition(positions.count == rows.count, "DHTable: \(positions.count) positions for \(rows.count) rows")
        return zip(rows, positions).reduce(base) { pose, joint in
            let (row, q) = joint
            let x = Pose(
                rotation: Rotation(exponential: Vector3(row.twist, 0, 0)), translation: Vector3(row.length, 0, 0))
            let z = Pose(
                rotation: Rotation(exponential: Vector3(0, 0, q + row.offset)),
                translation: Vector3(0, 0, row.distance))
            return pose * x * z
        } * flange
    }

    /// How far a frame of a model is from the table.
    public struct Comparison: Sendable {
        /// At zero, or the nearest positions within the limits: metres and radians.
        public var atZero: (distance: Double, angle: Double)
        /// The largest of all sampled postures.
        public var largest: (distance: Double, angle: Double)
        /// The posture of the largest distance.
        public var worstPositions: [Double]
    }

    /// Compares a frame with the table over random postures of the first joints; the rest stay where they are preferred.
    ///
    /// Says which generation of an arm a description is, and whether its joints have the controller's zeros and signs.
    public func compare(
        _ frame: RobotModel.Frame, of model: RobotModel, sampleCount: Int = 1000,
        using generator: inout some RandomNumberGenerator
    ) -> Comparison {
        let state = model.makeState()
        precondition(model.coordinateCount >= rows.count, "DHTable: the model has fewer joints than the table")
        func difference(_ q: [Double]) -> (distance: Double, angle: Double) {
            state.update(q)
            return state.pose(of: frame).difference(to: pose(at: Array(q.prefix(rows.count))))
        }
        let zero = model.clipped([Double](repeating: 0, count: model.coordinateCount))
        var result = Comparison(atZero: difference(zero), largest: (0, 0), worstPositions: zero)
        for _ in 0..<sampleCount {
            let q = model.randomPositions(using: &generator)
            let found = difference(q)
            if found.distance > result.largest.distance { result.worstPositions = q }
            result.largest = (max(result.largest.distance, found.distance), max(result.largest.angle, found.angle))
        }
        return result
    }
}
