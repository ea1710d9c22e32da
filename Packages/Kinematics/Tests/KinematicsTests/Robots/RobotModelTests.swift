import Foundation
import Kinematics
import Testing

@Suite struct RobotModelTests {
    @Test func planarArmOnPaper() throws {
        let state = try TestRobots.planarModel().makeState()
        let tool = try state.model.frame("tool")
        state.update([.pi / 2, -.pi / 2])
        #expect(deviation(state.position(of: tool).array, [1.5, 1, 0]) < 1e-15)
        let jacobian = state.jacobian(of: tool)
        #expect(deviation(jacobian.elements, [-1, 0, 1.5, 1.5, 0, 0, 0, 0, 0, 0, 1, 1]) < 1e-15)

        // M = [m(l₁² ) + m(l₁² + l₂² + 2 l₁ l₂ cos q₂), …] with cos q₂ = 0
        #expect(deviation(state.massMatrix().elements, [6, 2, 2, 2]) < 1e-14)
        #expect(deviation(state.centerOfMass.array, [0.5, 1, 0]) < 1e-15)
        #expect(state.movingMass == 4)
    }

    @Test func unknownFrameNamesTheNearest() throws {
        let error = #expect(throws: RobotFileError.self) { try TestRobots.planarModel().frame("tooI") }
        #expect(error?.kind == .unknownName)
        #expect(error?.description.contains("tool") == true)
    }

    @Test func relationTellsRigidFromMoved() throws {
        let model = try TestRobots.planarModel()
        let (base, fore, tool) = (try model.frame("base"), try model.frame("fore"), try model.frame("tool"))
        #expect(model.relation(from: fore, to: tool).offset?.translation == Vector3(1.5, 0, 0))
        #expect(model.relation(from: base, to: tool).joints == ["shoulder", "elbow"])
        #expect(model.relation(from: tool, to: base).joints == ["elbow", "shoulder"])
        #expect(model.relation(from: base, to: tool).offset == nil)
        #expect("\(model.relation(from: fore, to: tool))".contains("1500.00 0.00 0.00 mm"))
    }

    @Test func lockedJointsFoldIntoTheirParents() throws {
        var configuration = RobotConfiguration()
        configuration.jointNames = ["elbow", "shoulder"]
        configuration.positionLimitClip = 0.25
        var model = try TestRobots.planarModel(configuration)
        #expect(model.coordinates.map(\.joint) == ["elbow", "shoulder"])
        #expect(model.coordinates.map(\.lower) == [-2.25, -2.75])

        configuration.lockedJoints = ["elbow": 1]
        model = try TestRobots.planarModel(configuration)
        #expect(model.coordinates.map(\.joint) == ["shoulder"])
        let (state, full) = (model.makeState(), try TestRobots.planarModel().makeState())
        state.update([0.3])
        full.update([0.3, 1])
        let tool = try model.frame("tool")
        #expect(deviation(state.matrix(of: tool), full.matrix(of: try full.model.frame("tool"))) < 1e-15)
        // the point masses joined: M₁₁ of the full arm
        #expect(abs(state.massMatrix()[0, 0] - full.massMatrix()[0, 0]) < 1e-14)
        #expect(model.fixedOffset(from: try model.frame("upper"), to: tool) != nil)
    }

    @Test func jointsLeftOutOfARobotFileAreHeld() throws {
        var configuration = RobotConfiguration()
        configuration.jointNames = ["elbow"]
        let model = try TestRobots.planarModel(configuration)
        #expect(model.coordinateCount == 1)
        #expect(model.warnings.contains { $0.element == "joint 'shoulder'" })
        configuration.jointNames = ["elbwo"]
        let error = #expect(throws: RobotFileError.self) { try TestRobots.planarModel(configuration) }
        #expect(error?.kind == .unknownName)
    }

    @Test func chainsOfMimicJointsFollow() throws {
        let limit = URDFParserTests.limit
        let text =
            URDFParserTests.links
            + URDFParserTests.joint("j", "a", "b", limit, type: "prismatic")
            + URDFParserTests.joint(
                "k", "b", "c", "<mimic joint='j' multiplier='2' offset='0.5'/>" + limit, type: "prismatic")
            + "<link name='d'/>"
            + URDFParserTests.joint(
                "l", "c", "d", "<mimic joint='k' multiplier='-3' offset='1'/>" + limit, type: "prismatic")
            + "</robot>"
        let model = try RobotModel(TestRobots.parse(text))
        #expect(model.coordinateCount == 1)
        let state = model.makeState()
        state.update([0.1])
        // 0.1 + (0.2 + 0.5) + (−3 · 0.7 + 1)
        #expect(abs(state.position(of: try model.frame("d")).x + 0.3) < 1e-15)
        #expect(abs(state.jacobian(of: try model.frame("d"))[0, 0] + 3) < 1e-15)
        #expect(try RobotModel(TestRobots.parse(text), mimic: .independent).coordinateCount == 3)
    }

    @Test func dynamicsWithMimicJointsAgree() throws {
        let inertial =
            "<inertial><origin xyz='0.1 0.2 0'/><mass value='2'/><inertia ixx='1' iyy='1' izz='1'/></inertial>"
        let text = """
            <robot name='r'><link name='a'/><link name='b'>\(inertial)</link><link name='c'>\(inertial)</link>
            """ + URDFParserTests.joint("j", "a", "b", URDFParserTests.limit, type: "revolute")
            + URDFParserTests.joint(
                "k", "b", "c", "<mimic joint='j' multiplier='-2'/>" + URDFParserTests.limit, type: "revolute")
            + "</robot>"
        let state = try RobotModel(TestRobots.parse(text)).makeState()
        state.update([0.4])
        let torques = state.inverseDynamics(velocities: [0.7], accelerations: [1.3])
        #expect(abs(torques[0] - state.massMatrix()[0, 0] * 1.3 - state.biasTorques(velocities: [0.7])[0]) < 1e-12)
        #expect(abs(state.forwardDynamics(velocities: [0.7], torques: torques)[0] - 1.3) < 1e-12)
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func dynamicsIdentitiesHold(seed: UInt64) throws {
        let state = try TestRobots.random(seed: seed).makeState()
        let n = state.model.coordinateCount
        var generator = SeededGenerator(state: seed)
        func numbers(_ range: ClosedRange<Double>) -> [Double] {
            (0..<n).map { _ in Double.random(in: range, using: &generator) }
        }
        let (q, v, a) = (numbers(-1...1), numbers(-2...2), numbers(-3...3))
        state.update(q)

        // M q̈ + bias = τ, and back
        let torques = state.inverseDynamics(velocities: v, accelerations: a)
        let bias = state.biasTorques(velocities: v)
        let product = state.massMatrix() * a
        #expect(deviation(torques, (0..<n).map { product[$0] + bias[$0] }) < 1e-11)
        #expect(deviation(state.forwardDynamics(velocities: v, torques: torques), a) < 1e-10)
        #expect(state.massMatrix() == state.massMatrix().transposed)
        #expect(state.massMatrix().cholesky != nil)

        // the energy grows at the rate of the joints' power
        func energy(_ t: Double) -> Double {
            state.update((0..<n).map { q[$0] + v[$0] * t + a[$0] * t * t / 2 })
            return state.kineticEnergy(velocities: (0..<n).map { v[$0] + a[$0] * t }) + state.potentialEnergy
        }
        let rate = (energy(1e-5) - energy(-1e-5)) / 2e-5
        #expect(abs(rate - zip(torques, v).reduce(0) { $0 + $1.0 * $1.1 }) < 1e-6)

        // a force on a frame is felt through its Jacobian
        state.update(q)
        let frame = try state.model.frame("l\(n)")
        let (force, moment) = (generator.vector(-1...1), generator.vector(-1...1))
        let pushed = state.inverseDynamics(
            velocities: v, accelerations: a, externalForces: [.init(on: frame, force: force, moment: moment)])
        let share = state.jacobian(of: frame).transposed * (force.array + moment.array)
        #expect(deviation((0..<n).map { torques[$0] - pushed[$0] }, share) < 1e-12)
    }

    @Test(arguments: [4, 5] as [UInt64]) func jacobiansAreDerivatives(seed: UInt64) throws {
        let state = try TestRobots.random(seed: seed).makeState()
        let n = state.model.coordinateCount
        var generator = SeededGenerator(state: seed)
        let q = (0..<n).map { _ in Double.random(in: -1...1, using: &generator) }
        for name in state.model.frameNames {
            let frame = try state.model.frame(name)
            state.update(q)
            let jacobian = state.jacobian(of: frame, .local)
            let (middle, h) = (state.pose(of: frame), 1e-6)
            for i in 0..<n {
                func pose(_ step: Double) -> Pose {
                    var moved = q
                    moved[i] += step
                    state.update(moved)
                    return middle.inverse * state.pose(of: frame)
                }
                let column = (1 / (2 * h)) * (pose(h).logarithm - pose(-h).logarithm)
                #expect(deviation(column.array, (0..<6).map { jacobian[$0, i] }) < 1e-7)
            }
        }
    }
}
