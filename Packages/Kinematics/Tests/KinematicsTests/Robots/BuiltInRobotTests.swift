import Foundation
import Kinematics
import TensorTestSupport
import Testing

@Suite struct BuiltInRobotTests {
    @Test(arguments: RobotDescription.builtIn.keys.sorted()) func builtInArmsAreModels(name: String) throws {
        let description = try #require(RobotDescription.builtIn[name])
        let configuration = try #require(RobotConfiguration.builtIn[name])
        let model = try RobotModel(description, configuration: configuration)
        #expect(model.coordinateCount == (name == "panda" ? 7 : 6))
        #expect(model.isWithinLimits(model.preferredPositions))
        // no masses is what there is to find, and no line of a file to find it in
        #expect(!description.findings().isEmpty && description.findings().allSatisfy { $0.line == nil })
        let table = name == "panda" ? DHTable.panda : DHTable.piper()
        let flange = try model.frame(name == "panda" ? "panda_link8" : "link6")
        var generator = SeededGenerator(state: 3)
        let found = table.compare(flange, of: model, sampleCount: 20, using: &generator)
        #expect(found.largest.distance < 1e-12 && found.largest.angle < 1e-12)
    }

    static let files = RobotDescription.builtIn.keys.sorted().compactMap { name -> (String, URL)? in
        guard let url = SharedFixtures.root?.appendingPathComponent("robots/\(name)/\(name).robot.json"),
            FileManager.default.fileExists(atPath: url.path)
        else { return nil }
        return (name, url)
    }

    /// The vendor's URDF of the Piper is 0.14 mm from its controller's table, which the built-in arm has.
    @Test(arguments: files) func builtInArmsAgreeWithTheirFiles(name: String, url: URL) throws {
        let file = try RobotModel(at: url)
        let own = try RobotModel(
            RobotDescription.builtIn[name]!, configuration: RobotConfiguration.builtIn[name]!)
        #expect(own.coordinates.map(\.joint) == file.coordinates.map(\.joint))
        #expect(deviation(own.preferredPositions, file.preferredPositions) == 0)
        let (a, b) = (own.makeState(), file.makeState())
        var generator = SeededGenerator(state: 4)
        for _ in 0..<20 {
            let q = own.randomPositions(using: &generator)
            a.update(q)
            b.update(q)
            for frame in own.frameNames
            where frame.contains("tip") || frame.contains("hand") || frame.contains("finger") {
                let error = try a.pose(of: own.frame(frame)).difference(to: b.pose(of: file.frame(frame)))
                #expect(error.distance < (name == "piper" ? 3e-4 : 1e-6) && error.angle < 2e-3, "\(frame)")
            }
        }
    }
}
