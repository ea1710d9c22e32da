import Foundation
import Kinematics
import LiberoTasks
import TensorCore

/// Draws where the objects and fixtures of a problem stand, in the order and with the draws of LIBERO's reset.
struct PlacementSampler {
    /// Where an object was placed.
    struct Placement: Equatable {
        var position: Vector3
        /// w, x, y, z as MuJoCo takes them.
        var quaternion: SIMD4<Double>
    }

    let problem: BDDLProblem
    let scene: ComposedScene
    /// The world position of a region's site before anything is placed.
    let sitePosition: (String) -> Vector3?

    /// How often a place is drawn before giving up.
    static let tryCount = 5000

    /// Draws all placements.
    ///
    /// - Throws: ``LiberoSimulationError/placementFailed(problem:object:tries:)`` when something finds no free place.
    func sample(using generator: inout NumPyGenerator) throws(LiberoSimulationError) -> [String: Placement] {
        var placed: [(object: SceneObject, placement: Placement)] = []
        for task in tasks() {
            let placement = try place(task, among: placed, using: &generator)
            placed.append((task.object, placement))
        }
        return Dictionary(placed.map { ($0.object.name, $0.placement) }) { _, last in last }
    }

    // MARK: - Order

    private enum Place {
        case zone(BDDLRegion)
        /// On or in a part of another object.
        case part(SceneRegion, isInside: Bool)
        case object(String)
    }

    private struct Task {
        var object: SceneObject
        var place: Place
    }

    /// Things in zones of the workspace first, then on parts, then in parts, then on other things.
    private func tasks() -> [Task] {
        var (zones, on, inside, objects): ([Task], [Task], [Task], [Task]) = ([], [], [], [])
        for predicate in problem.initialState {
            let (name, target): (String, String)
            switch predicate {
            case .on(let a, let b), .in(let a, let b): (name, target) = (a, b)
            default: continue
            }
            guard let object = scene.objects.first(where: { $0.name == name }) else { continue }
            if let region = problem.regions.first(where: { $0.key == target }) {
                if region.target == scene.sceneClass.workspaceName {
                    zones.append(Task(object: object, place: .zone(region)))
                } else if let part = scene.regions[target] {
                    if case .in = predicate {
                        inside.append(Task(object: object, place: .part(part, isInside: true)))
                    } else {
                        on.append(Task(object: object, place: .part(part, isInside: false)))
                    }
                }
            } else {
                objects.append(Task(object: object, place: .object(target)))
            }
        }
        return zones + on + inside + objects
    }

    // MARK: - One thing

    private func place(
        _ task: Task, among placed: [(object: SceneObject, placement: Placement)], using generator: inout NumPyGenerator
    ) throws(LiberoSimulationError) -> Placement {
        let object = task.object
        var (base, height) = (scene.sceneClass.workspaceOffset, 0.01)
        var (x, y) = ((0.0, 0.0), (0.0, 0.0))
        var isChecked = !object.isFixture
        var yaw: (lower: Double, upper: Double)?
        var shrink = 0.0

        func placement(of name: String) -> Placement? { placed.last { $0.object.name == name }?.placement }
        func top(of name: String) -> Double { scene.objects.first { $0.name == name }?.topOffset.z ?? 0 }

        switch task.place {
        case .zone(let region):
            if let rectangle = region.ranges.first {
                x = (rectangle.lowerX, rectangle.upperX)
                y = (rectangle.lowerY, rectangle.upperY)
            }
            if object.isFixture {
                height = scene.sceneClass.fixtureHeight
                yaw = region.yaw
            } else if scene.sceneClass.shrinksRanges {
                shrink = object.horizontalRadius
            }
        case .part(let region, let isInside):
            height = 0
            if let target = region.parent, let under = placement(of: target), let site = sitePosition(region.key) {
                base = under.position + [0, 0, isInside ? 0 : top(of: target)] + rotated(site, by: under.quaternion)
            }
            if !isInside {
                x = (-region.halfSize.x / 2, region.halfSize.x / 2)
                y = (-region.halfSize.y / 2, region.halfSize.y / 2)
                shrink = object.horizontalRadius
            }
        case .object(let target):
            isChecked = false
            if let under = placement(of: target) { base = under.position + [0, 0, top(of: target)] }
        }
        x = (x.0 + shrink, x.1 - shrink)
        y = (y.0 + shrink, y.1 - shrink)

        for _ in 0..<Self.tryCount {
            let px = generator.uniform(x.0, x.1) + base.x
            let py = generator.uniform(y.0, y.1) + base.y
            let position = Vector3(px, py, height + base.z - object.bottomOffset.z)
            guard !isChecked || isFree(object, position, among: placed) else { continue }
            return Placement(
                position: position, quaternion: rotation(of: object, yaw: yaw, using: &generator))
        }
        throw .placementFailed(problem: problem.name, object: object.name, tries: Self.tryCount)
    }

    private func isFree(
        _ object: SceneObject, _ position: Vector3, among placed: [(object: SceneObject, placement: Placement)]
    ) -> Bool {
        placed.allSatisfy { other, placement in
            let d = position - placement.position
            let isNear = (d.x * d.x + d.y * d.y).squareRoot() <= other.horizontalRadius + object.horizontalRadius
            return !(isNear && d.z <= other.topOffset.z - object.bottomOffset.z)
        }
    }

    /// Fixtures turn about the vertical. Objects turn as their category says; the original writes x, y, z, w and MuJoCo
    /// reads w, x, y, z.
    private func rotation(
        of object: SceneObject, yaw: (lower: Double, upper: Double)?, using generator: inout NumPyGenerator
    ) -> SIMD4<Double> {
        if let yaw {
            let angle = generator.uniform(yaw.lower, yaw.upper)
            return [cos(angle / 2), 0, 0, sin(angle / 2)]
        }
        let rotations = object.category.rotations
        let turns = rotations.map { rotation in
            let half = generator.uniform(rotation.lower, rotation.upper) / 2
            return switch rotation.axis {
            case .x: SIMD4(sin(half), 0, 0, cos(half))
            case .y: SIMD4(0, sin(half), 0, cos(half))
            case .z: SIMD4(0, 0, sin(half), cos(half))
            }
        }
        guard turns.count > 1 else { return turns.first ?? [0, 0, 0, 1] }
        // products are rounded to Float one by one
        return turns.reduce(SIMD4(0, 0, 0, 1)) { total, turn in
            let product = multiplied(turn, total)
            return SIMD4(product.indices.map { Double(Float(product[$0])) })
        }
    }

    /// The product of two quaternions x, y, z, w.
    private func multiplied(_ a: SIMD4<Double>, _ b: SIMD4<Double>) -> SIMD4<Double> {
        [
            a.x * b.w + a.y * b.z - a.z * b.y + a.w * b.x,
            -a.x * b.z + a.y * b.w + a.z * b.x + a.w * b.y,
            a.x * b.y - a.y * b.x + a.z * b.w + a.w * b.z,
            -a.x * b.x - a.y * b.y - a.z * b.z + a.w * b.w,
        ]
    }

    private func rotated(_ v: Vector3, by q: SIMD4<Double>) -> Vector3 {
        OperationalSpaceController.roundedMatrix(of: Quaternion(q, order: .wxyz)) * v
    }
}
