#if MuJoCo
    import Foundation
    import LiberoTasks
    import Testing

    @testable import LiberoSimulation

    /// Assets that are missing or damaged are named, with what to do.
    @Suite struct DamagedAssetTests {
        static let folders = [LiberoGolden.liberoFolder].compactMap { $0 }

        /// LIBERO's assets with some texts replaced; nil for a file that is gone.
        struct ChangedAssets: SceneAssets {
            let original: LiberoAssets
            let changes: [String: @Sendable (String) -> String?]

            var name: String { original.name }
            var robotFiles: RobotFiles { original.robotFiles }

            func sceneClass(_ problemName: String) throws(LiberoSimulationError) -> SceneClass {
                try original.sceneClass(problemName)
            }

            func category(_ name: String) throws(LiberoSimulationError) -> ObjectCategory {
                try original.category(name)
            }

            func document(_ path: String) throws(LiberoSimulationError) -> MJCFElement {
                let document = try original.document(path)
                guard let change = changes[path] else { return document }
                var text = ""
                document.write(to: &text)
                guard let changed = change(text) else { throw .missingAsset(path: path, neededBy: "the scene") }
                return try MJCFElement.parse(Data(changed.utf8), path: path)
            }
        }

        func error(
            _ folder: URL, _ path: String, _ change: @escaping @Sendable (String) -> String?
        ) throws -> String {
            let task = try LiberoSuite.named("libero_object").tasks[0]
            let problem = try LiberoFolder(at: folder).problem(of: task)
            let assets = ChangedAssets(original: try LiberoAssets(at: folder), changes: [path: change])
            do {
                _ = try LiberoSimulator(problem: problem, sceneAssets: assets)
                return "no error"
            } catch {
                return "\(error)"
            }
        }

        @Test(arguments: folders)
        func errorsNameTheFile(folder: URL) throws {
            let soup = "stable_hope_objects/alphabet_soup/alphabet_soup.xml"
            let cases: [(String, @Sendable (String) -> String?, [String])] = [
                (soup, { _ in nil }, [soup, "checkout"]),
                (soup, { String($0.prefix($0.count / 2)) }, [soup, "line", "ends within"]),
                (soup, { $0.replacing("bottom_site", with: "other_site") }, [soup, "bottom_site"]),
                (soup, { $0.replacing("\"object\"", with: "\"thing\"") }, [soup, "object"]),
                (soup, { $0.replacing("type=\"box\"", with: "type=\"cube\"") }, ["MuJoCo", "cube"]),
                (soup, { $0.replacing("_vis.msh", with: "_lost.msh") }, ["_lost.msh"]),
                ("robots/panda/robot.xml", { $0.replacing("joint7", with: "joint9") }, ["robot.xml", "joint7"]),
                ("scenes/libero_floor_base_style.xml", { $0.replacing("\"floor\"", with: "\"ground\"") }, ["floor"]),
            ]
            for (path, change, words) in cases {
                let message = try error(folder, path, change)
                for word in words { #expect(message.contains(word), "\(message)") }
            }
        }

        @Test func foldersWithoutAssetsAreRefused() throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("empty-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent("bddl_files"), withIntermediateDirectories: true)
            #expect {
                try LiberoAssets(at: folder)
            } throws: { "\($0)".contains("assets/scenes") }
        }

        /// Initial states of another task do not fit.
        @Test(arguments: folders)
        func statesOfAnotherTaskAreRefused(folder: URL) throws {
            let libero = try LiberoFolder(at: folder)
            let task = try LiberoSuite.named("libero_object").tasks[0]
            let other = try LiberoSuite.named("libero_goal").tasks[0]
            let simulator = try LiberoSimulator(problem: libero.problem(of: task), assets: LiberoAssets(at: folder))
            #expect(throws: InitialStatesError.self) {
                try simulator.apply(libero.initialStates(of: other), row: 0)
            }
        }

        @Test func deepXMLIsRefused() {
            let text = String(repeating: "<a>", count: 100) + String(repeating: "</a>", count: 100)
            #expect {
                try MJCFElement.parse(Data(text.utf8), path: "deep.xml")
            } throws: {
                "\($0)".contains("deep.xml")
            }
        }
    }
#endif
