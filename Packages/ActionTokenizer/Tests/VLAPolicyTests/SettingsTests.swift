import Foundation
import TensorCore
import Testing
import VisionLanguage

@testable import VLAPolicy

/// Files of older versions keep loading, and nothing in a file is without effect unnoticed.
@Suite struct SettingsTests {
    /// The JSON of a value with a setting removed or added.
    private static func json(_ value: some Encodable, _ change: (inout [String: Any]) -> Void) throws -> Data {
        var object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(value)) as! [String: Any]
        change(&object)
        return try JSONSerialization.data(withJSONObject: object)
    }

    private static func change(_ object: inout [String: Any], _ path: [String], to value: Any?) {
        guard path.count > 1 else {
            object[path[0]] = value
            return
        }
        var inner = object[path[0]] as? [String: Any] ?? [:]
        change(&inner, Array(path.dropFirst()), to: value)
        object[path[0]] = inner
    }

    @Test(arguments: [
        ["data", "frameStride"], ["training", "averageDecay"], ["action", "tokens", "kind"],
        ["token", "decoder", "hiddenSize"], ["token", "pointingWeight"], ["isHalfPrecision"],
        ["training", "adapters", "rank"],
    ])
    func absentSettingsHaveTheirDefaults(path: [String]) throws {
        var recipe = PolicyRecipe(family: .token)
        recipe.training.adapters = .init()
        let json = try Self.json(recipe) { Self.change(&$0, path, to: nil) }
        let read = try SettingsJSON.decode(PolicyRecipe.self, from: json, defaults: [recipe])
        #expect(read == recipe)
    }

    @Test(arguments: [["stepCont"], ["training", "stepcount"], ["cameras"], ["token", "decoder", "heads"]])
    func unknownSettingsAreErrors(path: [String]) throws {
        let file = try Self.json(["family": "token"]) {
            Self.change(&$0, path, to: path == ["cameras"] ? [["nam": 1]] : 3)
        }
        #expect { try PolicyRecipe(json: file, name: "recipe.json") } throws: { error in
            "\(error)".contains("recipe.json") && "\(error)".contains(path == ["cameras"] ? "name" : path.last!)
        }
    }

    private static func checkpoint() throws -> [String: [UInt8]] {
        let recipe = SmallWorld.recipe()
        let assembly = try SmallWorld.assembly(recipe, count: 3)
        let policy = try RegressionPolicy(
            model: PolicyTrainerTests.model(recipe, assembly), observationPipeline: assembly.observationPipeline,
            actionPipeline: assembly.actionPipeline, tokenizer: assembly.tokenizer)
        return try PolicyCheckpoint(policy, training: TrainingRecord(recipe: recipe, data: "", dataHash: "")).files()
    }

    private static func read(
        changing name: String, _ path: [String], to value: Any?
    ) throws -> PolicyCheckpoint {
        var files = try checkpoint()
        var object = try JSONSerialization.jsonObject(with: Data(files[name]!)) as! [String: Any]
        change(&object, path, to: value)
        files[name] = Array(try JSONSerialization.data(withJSONObject: object))
        files["checkpoint.json"] = try PolicyCheckpoint.manifest(of: files)
        return try PolicyCheckpoint(files: files)
    }

    @Test(arguments: [
        ("config.json", ["model", "settings", "pointingWeight"]),
        ("config.json", ["model", "settings", "encoder", "vision", "isShared"]),
        ("training.json", ["recipe", "training", "decaysEverything"]),
        ("training.json", ["pictures"]),
    ])
    func checkpointsOfOlderVersionsAct(name: String, path: [String]) throws {
        _ = try Self.read(changing: name, path, to: nil).policy()
    }

    @Test(arguments: [
        ("config.json", ["model", "settings", "wings"]), ("pipeline.json", ["observation", "wings"]),
        ("pipeline.json", ["action", "space", "wings"]), ("training.json", ["wings"]), ("statistics.json", ["wings"]),
    ])
    func whatACheckpointSaysAndNobodyKnowsIsAnError(name: String, path: [String]) throws {
        #expect { try Self.read(changing: name, path, to: 3).policy() } throws: { error in
            "\(error)".contains("wings") && "\(error)".contains(name)
        }
    }

    @Test(arguments: [
        ("config.json", ["model", "sizes", "horizon"]), ("pipeline.json", ["action", "horizon"]),
        ("training.json", ["dataHash"]),
    ])
    func whatDecidesTheModelMustBeThere(name: String, path: [String]) throws {
        #expect(throws: (any Error).self) { try Self.read(changing: name, path, to: nil).policy() }
    }

    /// A configuration of a model larger than the weights is refused before it is made.
    @Test func hugeModelIsNotMade() throws {
        #expect {
            try Self.read(changing: "config.json", ["model", "settings", "encoder", "width"], to: 65_536).policy()
        } throws: { "\($0)".contains("weights") }
    }

    /// The checkpoints that the repository ships keep loading. A layer that stands alone has none.
    @Test func shippedCheckpointsLoad() throws {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<5 { folder.deleteLastPathComponent() }
        folder.appendPathComponent("Checkpoints")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names.sorted() {
            let checkpoint = folder.appendingPathComponent(name)
            guard FileManager.default.fileExists(atPath: checkpoint.appendingPathComponent("checkpoint.json").path)
            else { continue }
            _ = try PolicyCheckpoint(at: checkpoint).policy()
        }
    }

    /// A value without a name stands under its case; files of older versions have it under `_0`, and mean the same.
    @Test func valuesOfCasesHaveNoMadeUpName() throws {
        for tower in TokenModel.Configuration.defaultSettings.map(\.vision) {
            var recipe = PolicyRecipe(family: .token)
            recipe.token?.vision = tower
            recipe.token?.decoder.experts = .init()
            let json = String(decoding: try JSONEncoder().encode(recipe), as: UTF8.self)
            #expect(!json.contains("_0"))

            let older = try Self.json(recipe) { object in
                var token = object["token"] as! [String: Any]
                let (kind, value) = (token["vision"] as! [String: Any]).first!
                token["vision"] = [kind: ["_0": value]]
                var decoder = token["decoder"] as! [String: Any]
                var experts = decoder["experts"] as! [String: Any]
                let (loss, weight) = (experts["auxiliaryLoss"] as! [String: Any]).first!
                experts["auxiliaryLoss"] = [loss: ["_0": weight]]
                decoder["experts"] = experts
                token["decoder"] = decoder
                object["token"] = token
            }
            #expect(try PolicyRecipe(json: older, name: "older.json") == recipe)
            #expect(try JSONDecoder().decode(PolicyRecipe.self, from: older) == recipe)
            // absent settings below it have their defaults, unknown ones are errors
            let short = Data(
                #"{"family": "token", "token": {"vision": {"keypoints": {"_0": {"keypointCount": 5}}}}}"#.utf8)
            var keypoints = KeypointVisionTower.Configuration()
            keypoints.keypointCount = 5
            #expect(try PolicyRecipe(json: short, name: "short").token?.vision == .keypoints(keypoints))
            let wrong = Data(#"{"family": "token", "token": {"vision": {"keypoints": {"_0": {"count": 5}}}}}"#.utf8)
            #expect { try PolicyRecipe(json: wrong, name: "wrong") } throws: { "\($0)".contains("keypoints.count") }
        }
    }

    /// And so do its recipes.
    @Test func shippedRecipesAreRead() throws {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<5 { folder.deleteLastPathComponent() }
        folder.appendPathComponent("Recipes")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names.sorted() where name.hasSuffix(".json") {
            _ = try PolicyRecipe(at: folder.appendingPathComponent(name))
        }
    }
}
