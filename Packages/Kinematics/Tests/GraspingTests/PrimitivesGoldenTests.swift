import Foundation
import Grasping
import Kinematics
import TensorTestSupport
import Testing

/// Files like `primitives.json`, from graspnetAPI. Matrices were made in `float32`.
struct PrimitivesGolden: Decodable {
    struct View: Decodable {
        let towards: [Double]
        let angle: Double
        let R: [[Double]]
    }
    struct Closure: Decodable {
        let p1, n1, p2, n2: [Double]
        let closure: [String: Int]
    }
    struct Motion: Decodable {
        let grasp, out: [Double]
        let T: [[Double]]
    }
    struct Angle: Decodable {
        let binormal: [Double]
        let angle: Double

        init(from decoder: any Decoder) throws {
            var values = try decoder.unkeyedContainer()
            binormal = try values.decode([Double].self)
            angle = try values.decode(Double.self)
        }
    }
    let viewpoint_to_matrix: [View]
    let matrix_to_binormal_angle: [Angle]
    let force_closure: [Closure]
    let transform: [Motion]
    let views300: [[Double]]

    static let all = GraspFixtures.json(PrimitivesGolden.self)
}

@Suite struct PrimitivesGoldenTests {
    @Test(arguments: PrimitivesGolden.all.indices)
    func viewsMatch(index: Int) {
        let expected = PrimitivesGolden.all[index].value.views300
        let views = GraspViews.fibonacciSphere(expected.count)
        for (view, reference) in zip(views, expected) { #expect(deviation(view.array, reference) < 1e-6) }
    }

    @Test(arguments: PrimitivesGolden.all.indices)
    func framesMatch(index: Int) {
        let golden = PrimitivesGolden.all[index].value
        for (view, expected) in zip(golden.viewpoint_to_matrix, golden.matrix_to_binormal_angle) {
            let rotation = GraspViews.rotation(approach: Vector3(view.towards), angle: view.angle)
            #expect(deviation(rotation.array, Matrix3(view.R).array) < 1e-6)
            let (direction, angle) = GraspViews.closingDirectionAndAngle(of: Matrix3(view.R))
            #expect(deviation(direction.array, expected.binormal) < 1e-6)
            let turn = abs(angle - expected.angle)
            #expect(min(turn, 2 * .pi - turn) < 1e-5)
            #expect((0..<2 * .pi).contains(angle))
        }
    }

    @Test(arguments: PrimitivesGolden.all.indices)
    func closuresMatch(index: Int) throws {
        for pair in PrimitivesGolden.all[index].value.force_closure {
            let first = GraspContact(point: Vector3(pair.p1), normal: Vector3(pair.n1))
            let second = GraspContact(point: Vector3(pair.p2), normal: Vector3(pair.n2))
            for (friction, holds) in pair.closure {
                let friction = try #require(Double(friction))
                #expect(ForceClosure.isAntipodal(first, second, friction: friction) == (holds == 1))
            }
        }
    }

    @Test(arguments: PrimitivesGolden.all.indices)
    func transformsMatch(index: Int) throws {
        for motion in PrimitivesGolden.all[index].value.transform {
            let matrix = Matrix3(motion.T.prefix(3).map { Array($0.prefix(3)) })
            let grasp = Grasp(row: motion.grasp).transformed(
                rotation: matrix, translation: Vector3(motion.T[0][3], motion.T[1][3], motion.T[2][3]))
            #expect(deviation(grasp.row, motion.out) < 1e-6)
        }
    }
}
