import Evaluation
import Foundation
import LiberoEvaluation
import Testing
import RobotInterface

@Suite struct WorldSettingTests {
    /// Plans on disk name the image size `imageSize`.
    @Test func settingsOfEarlierPlansAreRead() throws {
        let json = """
            {"suite": "libero_goal", "folder": "/libero", "pictureSize": 96, "renderProfile": "fast", "placementSeed": 3}
            """
        let setting = try JSONDecoder().decode(WorldSetting.self, from: Data(json.utf8))
        #expect(
            setting
                == WorldSetting(
                    suite: "libero_goal", libero: "/libero", imageSize: 96, renderProfile: "fast", placementSeed: 3))
        let written = try JSONSerialization.jsonObject(with: JSONEncoder().encode(setting)) as? [String: Any]
        #expect(
            Set(written?.keys ?? [:].keys) == ["suite", "folder", "pictureSize", "renderProfile", "placementSeed"])
    }

    @Test func whatIsLeftOpenFollowsThePolicy() {
        let camera = CameraDescription(width: 128, height: 64, orientation: .rotated180, renderProfile: "light")
        let requirements = PolicyRequirements(actionSpace: .libero, cameras: [.agentView: camera])
        var request = WorldRequest()
        let fitted = request.setting(for: requirements)
        #expect(
            fitted.imageSize == 128 && fitted.renderProfile == "light" && fitted.orientation == .rotated180
                && fitted.folder == nil)
        #expect(request.setting().imageSize == 256 && request.setting().renderProfile == "faithful")
        (request.imageSize, request.renderProfile, request.orientation) = (32, "fast", .raw)
        let asked = request.setting(for: requirements)
        #expect(asked.imageSize == 32 && asked.renderProfile == "fast" && asked.orientation == nil)
    }

    @Test func tasksThatAreNotThereAreNamed() throws {
        let description = EnvironmentDescription(
            suite: "builtin", tasks: ["a", "b"], actionSpace: .libero, cameras: [:], stateParts: [],
            initialStateCounts: [0, 0], provenance: [:])
        let setting = WorldRequest().setting()
        #expect(try setting.tasks(nil, of: description) == [0, 1])
        #expect(try setting.tasks([1], of: description) == [1])
        #expect(throws: LiberoRequestError.noSuchTask(2, suite: "builtin", taskCount: 2)) {
            try setting.tasks([0, 2], of: description)
        }
    }

    /// The other task's goal is another, and everything it names is in the scene.
    @Test func otherTasksCanBeReachedInTheScene() throws {
        let setting = WorldRequest().setting()
        let suite = try setting.liberoSuite()
        var found = 0
        for task in suite.tasks.indices {
            let problem = try setting.problem(of: suite.tasks[task])
            guard let other = try? setting.otherTasks(of: [task])[task] else { continue }
            let goal = try setting.problem(of: suite.tasks[other]).goal
            #expect(other != task && goal != problem.goal && problem.missingNames(of: goal).isEmpty)
            found += 1
        }
        #expect(found > 0)
    }
}
