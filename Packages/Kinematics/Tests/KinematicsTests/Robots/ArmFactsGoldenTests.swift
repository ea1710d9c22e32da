import Foundation
import Kinematics
import TensorTestSupport
import Testing

/// Facts of the arms in `shared/robots`, sections 3.1, 9 and 14 of the specification.
@Suite struct ArmFactsGoldenTests {
    private static func robot(_ path: String) -> URL? {
        guard let url = SharedFixtures.root?.appendingPathComponent("robots/\(path)"),
            FileManager.default.fileExists(atPath: url.path)
        else { return nil }
        return url
    }

    static let panda = robot("panda/panda.robot.json")
    static let piper = robot("piper/piper.robot.json")
    static let pipers = [("piper", true, 1.4e-4, 1.1e-4), ("piper_nooffset", false, 1.2e-4, 1.1e-4)]

    /// Offsets behind `panda_link7`: z in metres, the turn about z in degrees.
    @Test(
        .enabled(if: panda != nil),
        arguments: [
            ("panda_link8", 0.107, 0.0), ("panda_hand", 0.107, -45), ("panda_hand_tcp", 0.2104, -45),
            ("ee_link", 0.207, -45), ("right_gripper", 0.207, 135), ("robosuite_right_hand", 0.1065, -45),
            ("libero_grip_site", 0.2035, -135),
        ])
    func framesOfThePandaDiffer(name: String, z: Double, degrees: Double) throws {
        let model = try RobotModel(at: #require(Self.panda))
        let offset = try #require(model.fixedOffset(from: model.frame("panda_link7"), to: model.frame(name)))
        #expect((offset.translation - Vector3(0, 0, z)).length < 1e-9)
        let turn = Rotation(exponential: Vector3(0, 0, degrees * .pi / 180))
        #expect(offset.rotation.angle(to: turn) < 1e-3)
    }

    @Test(.enabled(if: robot("piper/piper.urdf") != nil), arguments: pipers)
    func piperAgreesWithItsController(name: String, hasOffset: Bool, distance: Double, angle: Double) throws {
        guard let url = Self.robot("piper/\(name).urdf") else { return }
        let model = try RobotModel(URDFParser.read(url))
        var generator = SeededGenerator(state: 1)
        let table = DHTable.piper(hasOffset: hasOffset)
        let found = try table.compare(model.frame("link6"), of: model, sampleCount: 300, using: &generator)
        #expect(found.largest.distance < distance && found.largest.angle < angle)
        // the other firmware's table is told apart
        let other = try DHTable.piper(hasOffset: !hasOffset).compare(
            model.frame("link6"), of: model, sampleCount: 300, using: &generator)
        #expect(other.largest.distance > 5e-3)
    }

    /// What holds without the vendors' files: the built-in arms have the postures that the vendors' tables give, by plain
    /// products of the tables' rows.
    @Test(arguments: ["panda", "piper"]) func builtInArmsAreTheirTables(name: String) throws {
        let model = try RobotModel(
            #require(RobotDescription.builtIn[name]), configuration: RobotConfiguration.builtIn[name])
        let table = name == "panda" ? DHTable.panda : DHTable.piper()
        let last = try model.frame(name == "panda" ? "panda_link7" : "link6")
        let state = model.makeState()
        var generator = SeededGenerator(state: 5)
        for _ in 0..<20 {
            let q = model.randomPositions(using: &generator)
            state.update(q)
            // Rx(α) Tx(a) Rz(θ) Tz(d), written out
            var product = (0..<4).map { row in (0..<4).map { row == $0 ? 1.0 : 0 } }
            for (i, row) in table.rows.enumerated() {
                let theta = q[i] + row.offset
                let (c, s, ca, sa) = (cos(theta), sin(theta), cos(row.twist), sin(row.twist))
                let link = [
                    [c, -s, 0, row.length], [s * ca, c * ca, -sa, -sa * row.distance],
                    [s * sa, c * sa, ca, ca * row.distance], [0, 0, 0, 1],
                ]
                product = product.map { left in
                    (0..<4).map { column in (0..<4).reduce(0) { $0 + left[$1] * link[$1][column] } }
                }
            }
            #expect(deviation(state.matrix(of: last), product.flatMap { $0 }) < 1e-12)
        }
    }

    @Test(.enabled(if: panda != nil)) func pandaAgreesWithItsTable() throws {
        let model = try RobotModel(at: #require(Self.panda))
        var generator = SeededGenerator(state: 1)
        let found = try DHTable.panda.compare(
            model.frame("panda_link8"), of: model, sampleCount: 100, using: &generator)
        #expect(found.largest.distance < 1e-9 && found.largest.angle < 1e-9)
    }

    /// Section 9: vertical moves of 0.1 to 0.3 m; fewer here than the hundred of the benchmark.
    @Test(.enabled(if: piper != nil)) func verticalMovesOfThePiperKeepTheirBounds() throws {
        let model = try RobotModel(at: #require(Self.piper))
        let tip = try model.frame("gripper_tip")
        let planner = LinearMovePlanner(model)
        let limits = MotionLimits(of: model)
        let state = model.makeState()
        var generator = SeededGenerator(state: 12)
        var found = 0
        for _ in 0..<60 where found < 8 {
            let start = model.randomPositions(using: &generator)
            let height = Double.random(in: 0.1...0.3, using: &generator)
            let move = planner.moveVertically(tip, from: start, by: height)
            guard move.outcome == .complete, let path = move.path else { continue }
            found += 1
            let motion = PathMotion(path, limits: limits).sampled(rate: 200)
            #expect(motion.usage(of: limits, model: model).isWithin())
            for sample in motion.states {
                state.update(sample.positions)
                let pose = state.pose(of: tip)
                let share = (pose.translation.z - move.start.translation.z) / height
                let error = pose.difference(to: move.pose(at: share))
                #expect(error.distance < 1e-4 && error.angle < 1e-3)
            }
        }
        #expect(found == 8)
    }
}
