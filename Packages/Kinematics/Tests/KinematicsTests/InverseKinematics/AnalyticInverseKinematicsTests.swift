import Foundation
import Kinematics
import Testing

@Suite struct AnalyticInverseKinematicsTests {
    /// A chain of revolute joints about their own z, given as rows of `xyz` and `rpy`.
    private static func arm(_ rows: [(xyz: String, rpy: String)]) throws -> RobotModel {
        var text = "<robot name='arm'><link name='l0'/>"
        for (i, row) in rows.enumerated() {
            text += """
                <link name='l\(i + 1)'/><joint name='j\(i + 1)' type='revolute'><parent link='l\(i)'/>
                <child link='l\(i + 1)'/><origin xyz='\(row.xyz)' rpy='\(row.rpy)'/><axis xyz='0 0 1'/>
                <limit lower='-3.1' upper='3.1'/></joint>
                """
        }
        text += """
            <link name='tool'/><joint name='t' type='fixed'><parent link='l\(rows.count)'/><child link='tool'/>
            <origin xyz='0.01 0.02 0.1' rpy='0.3 -0.2 0.5'/></joint></robot>
            """
        return try RobotModel(TestRobots.parse(text))
    }

    private static let half = "1.5707963267948966"
    /// A wrist behind two parallel axes; behind two that meet; three parallel axes; and the first from tool to base.
    static let arms: [[(xyz: String, rpy: String)]] = [
        [
            ("0 0 0.4", "0 0 0"), ("0.05 0.03 0", "-\(half) 0 0.2"), ("0.4 0 0", "0 0 0.4"),
            ("0.02 -0.35 0.01", "\(half) 0 0"), ("0 0 0", "-\(half) 0 0"), ("0 0 0", "\(half) 0.3 0"),
        ],
        [
            ("0 0 0.4", "0 0 0"), ("0 0 0", "-\(half) 0 0.2"), ("0.1 -0.4 0.02", "0.7 0.1 0.4"),
            ("0.02 -0.35 0.01", "\(half) 0 0"), ("0 0 0", "-\(half) 0 0"), ("0 0 0", "\(half) 0.3 0"),
        ],
        [
            ("0 0 0.18", "0 0 0"), ("0 0 0", "\(half) 0 0"), ("-0.6 0 0.02", "0 0 0"), ("-0.55 0 0.17", "0 0 0"),
            ("0 -0.12 0", "\(half) 0 0"), ("0 0.11 0", "-\(half) 0 0"),
        ],
        [
            ("0 0 0.3", "0 0 0"), ("0 0 0", "-\(half) 0 0"), ("0 0 0", "\(half) 0 0"),
            ("0.02 0 0.35", "\(half) 0 0"), ("0.4 0 0", "0 0 0.3"), ("0.05 0.1 0.02", "-\(half) 0 0.2"),
        ],
    ]

    private func check(_ model: RobotModel, _ frame: RobotModel.Frame, postures: Int, seed: UInt64) throws -> [Int] {
        let solver = try #require(AnalyticInverseKinematics(model, frame: frame))
        let state = model.makeState()
        var generator = SeededGenerator(state: seed)
        var counts: [Int] = []
        for _ in 0..<postures {
            let q = model.randomPositions(using: &generator)
            state.update(q)
            let pose = state.pose(of: frame)
            let held = solver.heldCoordinate.map { [q[$0]] }
            let solutions = solver.solutions(for: pose, holding: held, near: q)
            let nearest = solutions.first ?? []
            #expect(deviation(nearest, q) < 1e-6, "\(q)")
            for solution in solutions {
                #expect(model.isWithinLimits(solution))
                state.update(solution)
                let error = state.pose(of: frame).difference(to: pose)
                #expect(error.distance < 1e-8 && error.angle < 1e-8)
            }
            counts.append(solver.solutions(for: pose, holding: held, respectsLimits: false).count)
        }
        return counts
    }

    @Test(arguments: arms.indices) func everyPostureIsAmongTheSolutions(index: Int) throws {
        let model = try Self.arm(Self.arms[index])
        let counts = try check(model, model.frame("tool"), postures: 60, seed: UInt64(index))
        // real roots come in pairs; near singular postures some are found more than once
        #expect(counts.count { $0 % 2 == 0 && 2...8 ~= $0 } >= 55)
        #expect(counts.contains { $0 >= 4 })
    }

    @Test(arguments: [("panda", "panda_hand"), ("piper", "gripper_base")])
    func builtInArmsHaveClosedForms(name: String, frame: String) throws {
        let description = try #require(RobotDescription.builtIn[name])
        let model = try RobotModel(description, configuration: RobotConfiguration.builtIn[name])
        let counts = try check(model, model.frame(frame), postures: 60, seed: 9)
        #expect(counts.max() == 8)
    }

    @Test func pandaIsTriedAtManyValuesOfItsLastJoint() throws {
        let model = try RobotModel(.panda, configuration: RobotConfiguration.builtIn["panda"])
        let frame = try model.frame("panda_hand")
        let solver = try #require(AnalyticInverseKinematics(model, frame: frame))
        #expect(solver.heldCoordinate == 6)
        let state = model.makeState()
        let solutions = solver.solutions(for: state.pose(of: frame))
        #expect(Set(solutions.map { $0[6] }).count > 5)
        for solution in solutions { #expect(model.isWithinLimits(solution)) }
    }

    @Test func outOfReachThereIsNoPosture() throws {
        let model = try Self.arm(Self.arms[0])
        let solver = try #require(AnalyticInverseKinematics(model, frame: model.frame("tool")))
        #expect(solver.solutions(for: Pose(translation: Vector3(3, 0, 0))).isEmpty)
    }

    /// The wrist is stretched: its first and last axis are one, and any share of the turn is a solution.
    @Test func singularPosturesHaveSolutions() throws {
        let model = try Self.arm(Self.arms[0])
        let frame = try model.frame("tool")
        let solver = try #require(AnalyticInverseKinematics(model, frame: frame))
        let state = model.makeState()
        state.update([0.3, -0.4, 0.8, 0.5, 0, -0.7])
        let solutions = solver.solutions(for: state.pose(of: frame))
        #expect(!solutions.isEmpty)
    }

    @Test func otherArmsHaveNone() throws {
        let model = try TestRobots.random(seed: 11, jointCount: 7)
        #expect(AnalyticInverseKinematics(model, frame: try model.frame("l6")) == nil)
        let planar = try TestRobots.planarModel()
        #expect(AnalyticInverseKinematics(planar, frame: try planar.frame("tool")) == nil)
    }
}
