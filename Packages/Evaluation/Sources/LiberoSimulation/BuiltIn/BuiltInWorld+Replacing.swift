import Foundation
import LiberoTasks

extension BuiltInWorld {
    /// The files that scenes are made of, by the paths that ``composedScene(of:replacing:by:)`` takes.
    package static func files(of problem: BDDLProblem) throws -> [(path: String, text: String)] {
        let sceneClass = try assets.sceneClass(problem.name)
        let categories = try problem.objects.map { try assets.category($0.category).path }
        let files = assets.robotFiles
        return try ([files.base, files.robot, files.gripper, sceneClass.mount, sceneClass.arena] + categories).map {
            var text = ""
            try assets.document($0).write(to: &text)
            return ($0, text)
        }
    }

    /// The MJCF of a problem's scene with one file's text in place of the world's own: what comes of damaged assets.
    ///
    /// - Throws: ``LiberoSimulationError`` that names what is wrong.
    package static func composedScene(
        of problem: BDDLProblem, replacing path: String, by text: Data
    ) throws -> String {
        try SceneComposer.compose(problem, assets: ReplacedFile(path: path, text: text)).xml
    }

    private struct ReplacedFile: SceneAssets {
        let path: String
        let text: Data

        var name: String { BuiltInWorld.assets.name }
        var robotFiles: RobotFiles { BuiltInWorld.assets.robotFiles }

        func sceneClass(_ problemName: String) throws(LiberoSimulationError) -> SceneClass {
            try BuiltInWorld.assets.sceneClass(problemName)
        }

        func category(_ name: String) throws(LiberoSimulationError) -> ObjectCategory {
            try BuiltInWorld.assets.category(name)
        }

        func document(_ path: String) throws(LiberoSimulationError) -> MJCFElement {
            guard path == self.path else { return try BuiltInWorld.assets.document(path) }
            return try MJCFElement.parse(text, path: path)
        }
    }
}
