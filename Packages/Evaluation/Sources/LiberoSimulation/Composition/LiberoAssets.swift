import FileSupport
public import Foundation
import LiberoTasks

/// LIBERO's scenes and objects and robosuite's Panda, on disk.
public struct LiberoAssets: SceneAssets {
    /// The folder with `scenes`, `stable_hope_objects` and so on.
    public let liberoFolder: URL
    /// The folder with `base.xml`, `robots` and so on.
    public let robosuiteFolder: URL

    /// Finds the assets below a folder: `assets` beside `bddl_files`, and `robosuite/models/assets` in the folder, beside
    /// it, or where `robosuite` says.
    ///
    /// - Throws: `LiberoTasksError` when there is no `bddl_files`, ``LiberoSimulationError/missingAsset(path:neededBy:)``
    ///   when the assets are not there.
    public init(at folder: URL, robosuite: URL? = nil) throws {
        let libero = try LiberoFolder(at: folder)
        liberoFolder = libero.root.appendingPathComponent("assets")
        try Self.require(liberoFolder.appendingPathComponent("scenes"), for: "LIBERO")

        let parents = [folder, folder.deletingLastPathComponent(), folder.appendingPathComponent("..")]
        let places = (robosuite.map { [$0] } ?? []) + parents.map { $0.appendingPathComponent("robosuite") }
        let candidates = places.flatMap {
            [$0.appendingPathComponent("models/assets"), $0.appendingPathComponent("robosuite/models/assets"), $0]
        }
        let base = "base.xml"
        guard let found = candidates.first(where: { Self.exists($0.appendingPathComponent(base)) }) else {
            throw LiberoSimulationError.missingAsset(
                path: candidates[0].appendingPathComponent(base).path, neededBy: "the Panda of robosuite 1.4")
        }
        robosuiteFolder = found
    }

    var name: String { liberoFolder.path }

    let robotFiles = RobotFiles(
        base: "base.xml", robot: "robots/panda/robot.xml", gripper: "grippers/panda_gripper.xml")

    func sceneClass(_ problemName: String) throws(LiberoSimulationError) -> SceneClass {
        guard let found = SceneClass.libero.first(where: { $0.problemName == problemName }) else {
            throw .unknownName(problemName, kind: "problem class", known: SceneClass.libero.map(\.problemName))
        }
        return found
    }

    func category(_ name: String) throws(LiberoSimulationError) -> ObjectCategory {
        guard let found = ObjectCategory.libero[name] ?? ObjectCategory.liberoPro[name] else {
            throw .unknownName(name, kind: "category of objects", known: ObjectCategory.libero.keys.sorted())
        }
        return found
    }

    func document(_ path: String) throws(LiberoSimulationError) -> MJCFElement {
        let isRobot = ["base.xml", "robots/", "grippers/", "mounts/"].contains { path.hasPrefix($0) }
        let file = (isRobot ? robosuiteFolder : liberoFolder).appendingPathComponent(path)
        guard let text = try? FileContent.data(at: file) else {
            throw .missingAsset(path: file.path, neededBy: "the scene")
        }
        let root = try MJCFElement.parse(text, path: file.path)

        // files are named relative to the one that names them
        let folder = file.deletingLastPathComponent().path
        for element in root.first("asset")?.descendants ?? [] {
            guard let name = element["file"], !name.hasPrefix("/") else { continue }
            element["file"] = "\(folder)/\(name)"
        }
        return root
    }

    private static func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }

    private static func require(_ url: URL, for user: String) throws(LiberoSimulationError) {
        guard exists(url) else { throw .missingAsset(path: url.path, neededBy: user) }
    }
}
