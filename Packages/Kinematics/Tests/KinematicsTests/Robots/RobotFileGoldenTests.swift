import Foundation
import Kinematics
import TensorTestSupport
import Testing

/// Every robot file of `shared/robots`.
@Suite struct RobotFileGoldenTests {
    static let folders = SharedFixtures.folders(in: "robots")
    static let files = folders.flatMap { folder in
        SharedFixtures.entries(in: "robots/\(folder.lastPathComponent)")
    }
    static let robots = files.filter { $0.path.hasSuffix(".robot.json") }.map(\.path)
    static let descriptions = files.filter { $0.pathExtension == "urdf" }.map(\.path)
    /// cuRobo's file of a robot beside our own.
    static let pairs = files.filter { $0.path.hasSuffix(".curobo.yml") }.compactMap { url -> (String, String)? in
        let own = files.first {
            $0.path.hasSuffix(".robot.json") && $0.deletingLastPathComponent() == url.deletingLastPathComponent()
        }
        return own.map { (url.path, $0.path) }
    }

    @Test(arguments: descriptions) func everyDescriptionIsUsable(path: String) throws {
        let description = try URDFParser.read(URL(fileURLWithPath: path))
        #expect(!description.findings().contains { $0.severity == .error })
        _ = try RobotModel(description)
    }

    @Test(arguments: robots) func everyRobotFileIsUsable(path: String) throws {
        let model = try RobotModel(at: URL(fileURLWithPath: path))
        let configuration = try #require(model.configuration)
        #expect(model.isWithinLimits(model.preferredPositions))
        for frame in configuration.toolFrames { _ = try model.frame(frame) }
        for name in configuration.lockedJoints.keys { #expect(model.coordinate(ofJoint: name) == nil) }
    }

    @Test(arguments: pairs) func curoboFileSaysTheSame(yaml: String, json: String) throws {
        let (a, b) = (
            try RobotConfiguration.read(URL(fileURLWithPath: yaml)),
            try RobotConfiguration.read(URL(fileURLWithPath: json))
        )
        #expect(a.jointNames == b.jointNames)
        #expect(a.lockedJoints == b.lockedJoints)
        #expect(a.toolFrames == b.toolFrames)
        #expect(a.maximumJerk == b.maximumJerk && a.positionLimitClip == b.positionLimitClip)
        for link in b.collisionLinks { #expect(a.collisionSpheres[link] == b.collisionSpheres[link]) }
        #expect(a.selfCollisionIgnore == b.selfCollisionIgnore)
    }
}
