import Kinematics
import LiberoTasks
import Testing

@testable import LiberoSimulation

/// Goals in a scene of a cabinet, a microwave, a stove and a bowl, without a simulator.
@Suite struct GoalPlannerTests {
    /// - Parameters:
    ///   - drawer: The position of the cabinet's drawer.
    ///   - door: The position of the microwave's door.
    func view(
        _ goal: [GoalPredicate], holds: [Bool]? = nil, drawer: Double = 0, door: Double = 0, knob: Double = 0
    ) -> SceneView {
        func joint(_ object: String, _ kind: SceneJoint.Kind, _ mechanism: Mechanism.Kind, body: Int) -> SceneJoint {
            SceneJoint(
                object: object, kind: kind, body: body, axis: kind == .slide ? Vector3(0, 1, 0) : Vector3(0, 0, 1),
                anchor: .zero, range: -2...2, mechanism: Mechanism(kind: mechanism))
        }
        func region(_ object: String?, body: Int) -> ShapeBox {
            ShapeBox(
                body: body, object: object, center: .zero, rotation: .identity, halfSize: Vector3(0.1, 0.1, 0.03))
        }
        let names = ["cabinet_1", "microwave_1", "stove_1", "bowl_1"]
        let geometry = SceneGeometry(
            boxes: [], rootBodies: Dictionary(uniqueKeysWithValues: zip(names, 0...)), movableObjects: ["bowl_1"],
            regions: [
                "cabinet_1_top_region": region("cabinet_1", body: 0),
                "microwave_1_heating_region": region("microwave_1", body: 1), "table_zone": region(nil, body: 0),
            ],
            categories: [:],
            joints: [
                "drawer": joint("cabinet_1", .slide, .drawer, body: 0),
                "door": joint("microwave_1", .hinge, .microwave, body: 1),
                "knob": joint("stove_1", .hinge, .stove, body: 2),
            ],
            jointNames: [
                "cabinet_1": ["drawer"], "cabinet_1_top_region": ["drawer"], "microwave_1": ["door"],
                "microwave_1_heating_region": [], "stove_1": ["knob"],
            ],
            robotBase: .zero, goal: goal)
        return SceneView(
            geometry: geometry, gripPosition: .zero, gripRotation: HandMotion.upright(yaw: 0), fingerPositions: .zero,
            goalHolds: holds ?? goal.map { _ in false },
            jointPositions: ["drawer": drawer, "door": door, "knob": knob], fingerContacts: [[], []],
            bodyPositions: [Double](repeating: 0, count: 12),
            bodyRotations: (0..<4).flatMap { _ in [1, 0, 0, 0, 1, 0, 0, 0, 1] })
    }

    @Test func knobComesBeforeThePot() {
        let goal: [GoalPredicate] = [.on("bowl_1", "table_zone"), .turnOn("stove_1")]
        #expect(GoalPlanner.next(view(goal)) == .turn(joint: "knob", on: true))
        #expect(
            GoalPlanner.next(view(goal, holds: [false, true]))
                == .carry(object: "bowl_1", destination: .named("table_zone")))
        #expect(GoalPlanner.next(view([.turnOff("stove_1")])) == .turn(joint: "knob", on: false))
    }

    @Test func drawerIsOpenedBeforeAndClosedAfter() {
        let region = "cabinet_1_top_region"
        let goal: [GoalPredicate] = [.close(region), .in("bowl_1", region)]
        #expect(GoalPlanner.next(view(goal, drawer: 0.002)) == .pullOpen(joint: "drawer"))
        #expect(
            GoalPlanner.next(view(goal, drawer: -0.15)) == .carry(object: "bowl_1", destination: .named(region)))
        #expect(GoalPlanner.next(view(goal, holds: [false, true], drawer: -0.15)) == .pushShut(joint: "drawer"))
        #expect(GoalPlanner.next(view(goal, holds: [true, true])) == nil)
    }

    @Test func drawerIsRakedWhereTheHandleHasFailed() {
        let goal: [GoalPredicate] = [.open("cabinet_1")]
        #expect(GoalPlanner.next(view(goal)) == .pullOpen(joint: "drawer"))
        let failures: [SkillRequest: Int] = [.pullOpen(joint: "drawer"): 1]
        #expect(GoalPlanner.next(view(goal), failures: failures) == .rakeOpen(joint: "drawer"))
        let both = failures.merging([.rakeOpen(joint: "drawer"): 1]) { old, _ in old }
        #expect(GoalPlanner.next(view(goal), failures: both) == .pullOpen(joint: "drawer"))
    }

    @Test func microwaveIsOpenedForWhatGoesIn() {
        let goal: [GoalPredicate] = [.in("bowl_1", "microwave_1_heating_region"), .close("microwave_1")]
        #expect(GoalPlanner.next(view(goal, door: -0.1)) == .pullOpen(joint: "door"))
        #expect(GoalPlanner.next(view(goal, holds: [true, false], door: -1.5)) == .pushShut(joint: "door"))
    }
}
