import Kinematics
import LiberoTasks
import Testing

@testable import LiberoSimulation

/// The microwave's door as LIBERO's file has it: a panel, an upright bar, two struts between them.
@Suite struct JointFactsTests {
    let facts: JointFacts?

    init() {
        func box(_ center: Vector3, _ halfSize: Vector3) -> ShapeBox {
            ShapeBox(body: 0, object: "microwave_1", center: center, rotation: .identity, halfSize: halfSize)
        }
        let geometry = SceneGeometry(
            boxes: [
                box(Vector3(0.1295, -0.013, 0), Vector3(0.1295, 0.012, 0.0925)),
                box(Vector3(0.2375, -0.0375, 0.065), Vector3(0.01, 0.025, 0.01)),
                box(Vector3(0.2375, -0.0375, -0.065), Vector3(0.01, 0.025, 0.01)),
                box(Vector3(0.2375, -0.054, 0), Vector3(0.01, 0.01, 0.075)),
            ],
            rootBodies: ["microwave_1": 0], movableObjects: [], regions: [:], categories: [:],
            joints: [
                "door": SceneJoint(
                    object: "microwave_1", kind: .hinge, body: 0, axis: Vector3(0, 0, 1), anchor: .zero,
                    range: -2.094...0, mechanism: Mechanism(kind: .microwave))
            ], jointNames: [:], robotBase: .zero, goal: [])
        let view = SceneView(
            geometry: geometry, gripPosition: .zero, gripRotation: .identity, fingerPositions: .zero, goalHolds: [],
            jointPositions: ["door": 0], fingerContacts: [[], []], bodyPositions: [0, 0, 0],
            bodyRotations: [1, 0, 0, 0, 1, 0, 0, 0, 1])
        facts = JointFacts(view, joint: "door")
    }

    @Test func handleOfADoorIsItsUprightBar() throws {
        let handle = try #require(facts?.handle)
        #expect(handle.center == Vector3(0.2375, -0.054, 0))
        #expect(handle.isUpright && handle.halfLength == 0.075 && handle.rise == 0.075)
        #expect(abs(handle.reach - 0.01) < 1e-9)
    }

    /// A falling joint position moves the bar away from the front, which faces −y.
    @Test func doorOpensTowardsItsFront() throws {
        let direction = try #require(facts?.openingDirection(at: Vector3(0.2375, 0, 0)))
        #expect((direction - Vector3(0, -1, 0)).length < 1e-12)
    }
}
