import Foundation
import ImageProcessing
import LiberoTasks
import TensorCore
import TensorTestSupport
import Testing

@testable import LiberoSimulation

/// What LIBERO-Plus perturbs, against its own code (`golden/variants`).
@Suite struct VariantGoldenTests {
    static func file(_ name: String) -> URL? {
        SharedFixtures.entries(in: "golden/variants").first { $0.lastPathComponent == name }
    }

    static func cases<Case: Decodable>(_ name: String, as: Case.Type = Case.self) -> [Case] {
        file(name).flatMap { try? Golden.json($0) } ?? []
    }

    // MARK: - Camera

    struct View: Decodable, Sendable, CustomTestStringConvertible {
        let problem: String
        let view: [Int]
        let pos, quat_wxyz: [Double]
        var testDescription: String { "\(problem) \(view)" }
    }
    private struct Views: Decodable {
        let clean, tasks: [View]
    }
    static let views: [View] =
        file("camera_poses.json").flatMap { try? Golden.json($0, as: Views.self) }
        .map { $0.clean + $0.tasks } ?? []

    @Test(arguments: views)
    func camerasStandWhereTheOriginalPutsThem(expected: View) throws {
        let v = expected.view
        let pose = try CameraPose.agentView(
            problem: "libero_\(expected.problem)_manipulation",
            view: .init(horizontal: v[0], vertical: v[1], scale: v[2], turn: v[3], tilt: v[4]))
        #expect((0..<3).map { pose.position[$0] } == expected.pos)
        #expect((0..<4).map { pose.quaternion[$0] } == expected.quat_wxyz)
    }

    @Test func pythonsRoundingOfTies() {
        // the exact values of 0.00005 and 1.00005 are a little more than the tie: `round(x, n)` of Python 3.12
        #expect(0.00005.rounded(decimals: 4) == 0.0001)
        #expect(0.125.rounded(decimals: 2) == 0.12)
        #expect(0.375.rounded(decimals: 2) == 0.38)
        #expect((-1.00005).rounded(decimals: 4) == -1.0001)
    }

    // MARK: - Arm

    struct Postures: Decodable {
        let q0: [Double]
        let postures: [String: [Double]]
    }

    @Test(arguments: [file("robot_postures.json")].compactMap { $0 })
    func posturesAreThePublishedOnes(file: URL) throws {
        let golden = try Golden.json(file, as: Postures.self)
        let tolerance = Tolerance(relative: 0, absolute: 1e-8)
        expectClose(RobotPosture.joints(0), golden.q0, within: tolerance)
        for (number, joints) in golden.postures {
            expectClose(RobotPosture.joints(try #require(Int(number))), joints, within: tolerance, number)
        }
    }

    // MARK: - Noise

    struct Noise: Decodable, Sendable, CustomTestStringConvertible {
        let noise, level: Int
        let kind, input, output: String
        let seed: UInt32
        let next_double_after: Double
        var testDescription: String { "\(noise) \(input)" }
    }
    static let noises: [Noise] = cases("noise.json")

    @Test(arguments: noises)
    func noisyImagesAreThoseOfTheOriginal(expected: Noise) throws {
        let archive = try NumPyArchive(at: #require(Self.file("noise.npz")))
        func image(_ name: String) throws -> RGBImage {
            let tensor = try archive.tensor(name)
            return RGBImage(
                width: tensor.shape[1], height: tensor.shape[0], pixels: tensor.elements(of: UInt8.self))
        }
        let noise = SensorNoise(expected.noise)
        #expect(noise.level == expected.level)
        #expect(expected.kind.hasPrefix(noise.kind.rawValue))

        var generator = NumPyGenerator(seed: expected.seed)
        let found = try noise.apply(to: image(expected.input), using: &generator)
        let output = try image(expected.output)
        #expect(generator.uniform() == expected.next_double_after)
        var skipped = NumPyGenerator(seed: expected.seed)
        noise.skipDraws(width: found.width, height: found.height, using: &skipped)
        #expect(skipped.uniform() == expected.next_double_after)
        // one grey level in at most one value of twenty
        let differences = zip(found.pixels, output.pixels).map { abs(Int($0) - Int($1)) }
        #expect(differences.max() ?? 0 <= 1)
        #expect(differences.count { $0 > 0 } * 20 <= differences.count)
    }

    @Test func imagesOfOtherSizesAreRefused() {
        var generator = NumPyGenerator(seed: 0)
        let wide = RGBImage(width: 300, height: 20)
        for number in [21, 31] {
            #expect(throws: SensorNoiseError.self) {
                try SensorNoise(number).apply(to: wide, using: &generator)
            }
        }
        let small = RGBImage(width: 4, height: 4)
        #expect(throws: SensorNoiseError.self) { try SensorNoise(50).apply(to: small, using: &generator) }
    }

    // MARK: - Categories

    private struct Entry: Decodable {
        enum Rotation: Decodable {
            case range([Double])
            case axes([String: [Double]])
            init(from decoder: any Decoder) throws {
                let value = try decoder.singleValueContainer()
                if let range = try? value.decode([Double].self) {
                    self = .range(range)
                } else {
                    self = .axes(try value.decode([String: [Double]].self))
                }
            }
        }
        let xml: String
        let rotation: Rotation
        let rotation_axis: String?
        let articulation: [String: [Double]]
    }

    @Test(arguments: [file("pro_registry.json")].compactMap { $0 })
    func categoriesAreThoseOfTheRegistry(file: URL) throws {
        for (name, entry) in try Golden.json(file, as: [String: Entry].self) {
            let category = try #require(ObjectCategory.liberoPro[name], "\(name)")
            #expect(category.path == entry.xml)
            let expected: [(String, [Double])] =
                switch entry.rotation {
                case .range(let range): [(try #require(entry.rotation_axis), range)]
                case .axes(let axes): axes.sorted { $0.key < $1.key }.map { ($0, $1) }
                }
            #expect(category.rotations.map { "\($0.axis)" } == expected.map(\.0))
            #expect(category.rotations.map { [$0.lower, $0.upper] } == expected.map(\.1))
            for (key, range) in entry.articulation {
                let word = key.replacingOccurrences(of: "default_", with: "").replacingOccurrences(
                    of: "_ranges", with: "")
                let found = try #require(category.mechanism?.startRange(word), "\(name) \(word)")
                #expect([found.lower, found.upper] == range)
            }
        }
    }
}

#if MuJoCo
    /// The arm after steps of doing nothing (`golden/variants/robot_rollouts.json`).
    @Suite struct RobotPostureGoldenTests {
        struct Case: Decodable, Sendable, CustomTestStringConvertible {
            struct Moment: Decodable, Sendable {
                let arm, eef_pos, eef_mat: [Double]
            }
            let golden: String
            let posture: Int
            let result: [String: [String: Moment]]
            var testDescription: String { "\(golden) \(posture)" }
        }
        static let cases: [Case] = VariantGoldenTests.cases("robot_rollouts.json")

        @Test(arguments: cases)
        func theArmMovesAsInTheOriginal(expected: Case) throws {
            let golden = try #require(LiberoGolden.all.first { $0.folder.lastPathComponent == expected.golden })
            let tolerance = Tolerance(relative: 0, absolute: 1e-6)
            let simulator = try golden.simulator()
            for (mode, moments) in expected.result {
                simulator.resetPosture = RobotPosture.joints(expected.posture)
                try simulator.reset(series: 0, number: 1)
                try simulator.apply(golden.initialStates(), row: 0)
                if mode == "as_intended" {
                    simulator.moveArm(to: RobotPosture.joints(expected.posture))
                }
                let last = moments.keys.compactMap(Int.init).max() ?? 0
                for step in 0...last {
                    if step > 0 { try simulator.step([0, 0, 0, 0, 0, 0, -1]) }
                    guard let moment = moments["\(step)"] else { continue }
                    let label = "\(mode) \(step)"
                    let qpos = simulator.qpos
                    expectClose(simulator.ids.armPositions.map { qpos[$0] }, moment.arm, within: tolerance, label)
                    simulator.forward()
                    let (d, site) = (simulator.data.pointer.pointee, simulator.ids.gripSite)
                    let position = (0..<3).map { d.site_xpos[3 * site + $0] }
                    let rotation = (0..<9).map { d.site_xmat[9 * site + $0] }
                    expectClose(position, moment.eef_pos, within: tolerance, label)
                    expectClose(rotation, moment.eef_mat, within: tolerance, label)
                }
            }
        }
    }
#endif
