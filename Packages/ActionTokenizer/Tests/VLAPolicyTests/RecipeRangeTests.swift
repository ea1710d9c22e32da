import FileSupport
import Foundation
import Testing
import VLAPolicy

/// Every setting that has a range says so, with file, field, value and range.
@Suite struct RecipeRangeTests {
    static let edges = ["0", "-1", "1000000000000", "9223372036854775807", "-9223372036854775808", "1e300", "-1e300"]

    /// JSON with one setting at a path.
    static func json(_ path: String, _ value: String) -> Data {
        let keys = path.split(separator: ".")
        return Data((keys.map { "{\"\($0)\": " }.joined() + value + keys.map { _ in "}" }.joined()).utf8)
    }

    @Test(arguments: [
        "action.horizon", "data.frameStride", "data.demonstrationLimit", "prompt.maximumTokenCount",
        "training.batchSize", "training.stepCount", "training.epochCount", "training.shardCount",
        "training.accumulationCount", "training.stepsPerValidation", "training.stepsPerState", "training.patience",
        "training.validationLimit", "training.adapters.rank", "training.minutesPerState", "training.learningRate",
        "training.clipNorm",
    ])
    func positiveSettingsAreBounded(path: String) {
        var refused = 0
        for value in Self.edges {
            do { _ = try PolicyRecipe(json: Self.json(path, value), name: "recipe.json") } catch {
                refused += 1
                #expect("\(error)".contains("recipe.json") && "\(error)".contains(path), "\(path) = \(value): \(error)")
            }
        }
        // 0, the negative ones, and what is too large for a number of its kind
        #expect(refused >= 4, "\(path)")
    }

    @Test(arguments: [
        ("data.split.validationShare", "1.5"), ("data.split.validationShare", "-0.1"), ("training.averageDecay", "1"),
        ("training.averageDecay", "-1"), ("training.averageDecay", "1e30"), ("training.finalRateShare", "2"),
        ("training.weightDecay", "-1"), ("training.warmUpStepCount", "-1"), ("data.noOpThreshold", "-1"),
        ("training.jitter.shift", "-1"), ("training.jitter.shift", "1000000000"), ("training.adapters.scale", "1e30"),
    ])
    func sharesAreBounded(path: String, value: String) throws {
        let error = try #require(throws: SettingError.self, "\(path)") {
            try PolicyRecipe(json: Self.json(path, value), name: "recipe.json")
        }
        #expect(error.file == "recipe.json" && error.field == path && !error.allowed.isEmpty, "\(error)")
    }

    @Test func aBatchHasAnExampleForEachShard() throws {
        let json = Data(#"{"training": {"batchSize": 2, "shardCount": 3}}"#.utf8)
        #expect(throws: SettingError.self) { try PolicyRecipe(json: json, name: "recipe.json") }
    }

    @Test func defaultsOfEveryFamilyAreInRange() throws {
        for family in PolicyFamily.registered {
            #expect(throws: Never.self) {
                try SettingsCheck(file: "defaults").check(PolicyRecipe(name: "a", family: family))
            }
        }
    }
}
