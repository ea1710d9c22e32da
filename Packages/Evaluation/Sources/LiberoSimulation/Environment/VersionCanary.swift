import Evaluation
public import Foundation
import ImageProcessing
import Kinematics
import LiberoTasks

/// Two cheap checks that reveal another MuJoCo or another renderer before an evaluation is believed.
///
/// Physics: a bowl on a ramekin of `libero_spatial` task 5 comes to rest tilted by 16° up to MuJoCo 3.3.7 and upright from
/// 3.4. Light: the floor of a `libero_object` scene is dark from 3.3.3 on and bright before, as in LIBERO's demonstrations.
/// Together they tell 3.3.3 … 3.3.7 from all others.
public struct VersionCanary: Hashable, Codable, Sendable {
    /// The bowl's height above the ramekin, metres.
    public var bowlHeight: Double
    /// The bowl's horizontal distance from the ramekin, metres.
    public var bowlDistance: Double
    /// The bowl's tilt, degrees.
    public var bowlTilt: Double
    /// The mean grey level of a part of the floor, 0…255; `nil` where nothing can be drawn.
    public var floorLevel: Double?

    /// Whether the physics is that of MuJoCo up to 3.3.7.
    public var physicsHolds: Bool { abs(bowlHeight - 0.0351) <= 0.0005 && (15...17).contains(bowlTilt) }

    /// Whether the light is that of MuJoCo from 3.3.3 on; `nil` where nothing can be drawn.
    public var lightHolds: Bool? { floorLevel.map { abs($0 - 117.5) <= 1 } }

    /// Such as `physics as expected (35.1 mm, 15.95°), light as expected (117.5)`.
    public var description: String {
        func verdict(_ holds: Bool) -> String { holds ? "as expected" : "of another version" }
        let millimetres = String(format: "%.2f mm, %.2f°", 1000 * bowlHeight, bowlTilt)
        let physics = "physics \(verdict(physicsHolds)) (\(millimetres))"
        guard let floorLevel, let lightHolds else { return physics + ", light not checked: nothing can be drawn" }
        return physics + ", light \(verdict(lightHolds)) (\(String(format: "%.1f", floorLevel)))"
    }
}

extension VersionCanary {
    /// Runs both checks on LIBERO's files; some seconds.
    ///
    /// - Parameters:
    ///   - folder: A LIBERO checkout, with robosuite 1.4's assets in it or beside it.
    ///   - robosuite: Where those are otherwise.
    ///   - draws: Whether the light is checked as well.
    /// - Throws: As ``LiberoEnvironment/init(suite:folder:robosuite:options:)``.
    public static func run(at folder: URL, robosuite: URL? = nil, draws: Bool = true) throws -> VersionCanary {
        #if MuJoCo
            // the bowl on the ramekin, 50 steps without motion
            let physics = try LiberoEnvironment(
                suite: .spatial, folder: folder, robosuite: robosuite, options: .init(cameras: []))
            _ = try physics.reset(to: EpisodeStart(task: 5, placement: .stored(index: 0)))
            for _ in 0..<50 { _ = try physics.step([0, 0, 0, 0, 0, 0, -1]) }
            let view = physics.view
            guard let bowl = view.geometry.rootBodies["akita_black_bowl_1"],
                let ramekin = view.position(of: "glazed_rim_porcelain_ramekin_1")
            else {
                throw LiberoSimulationError.unknownName(
                    "akita_black_bowl_1", kind: "object of libero_spatial task 5",
                    known: view.geometry.movableObjects)
            }
            let apart = view.position(ofBody: bowl) - ramekin
            let up = view.rotation(ofBody: bowl)
            let tilt = acos(min(max(up[2, 2], -1), 1)) * 180 / .pi

            var level: Double?
            if draws {
                let light = try LiberoEnvironment(
                    suite: .object, folder: folder, robosuite: robosuite,
                    options: .init(imageSize: 256, cameras: [.agentView]))
                let observation = try light.reset(to: EpisodeStart(task: 0, placement: .stored(index: 0)))
                level = try observation.cameras[.agentView]?.image().meanLevel(rows: 4..<24, columns: 20..<60)
            }
            return VersionCanary(
                bowlHeight: apart.z, bowlDistance: hypot(apart.x, apart.y), bowlTilt: tilt, floorLevel: level)
        #else
            throw LiberoSimulationError.builtWithoutMuJoCo
        #endif
    }
}

extension RGBImage {
    /// The mean over a rectangle and the three channels, 0…255; rows as they lie in the image.
    func meanLevel(rows: Range<Int>, columns: Range<Int>) -> Double {
        var sum = 0
        for y in rows {
            for x in columns {
                let pixel = self[x, y]
                sum += Int(pixel.x) + Int(pixel.y) + Int(pixel.z)
            }
        }
        return Double(sum) / Double(3 * rows.count * columns.count)
    }
}
