import Foundation
import TensorTestSupport
import Testing

@testable import LiberoSimulation

/// The table of categories against the registry of LIBERO, where that is at hand.
@Suite struct ObjectCategoryTests {
    static let registries = [LiberoGolden.liberoFolder?.appendingPathComponent("object_registry.json")]
        .compactMap { $0 }.filter { FileManager.default.fileExists(atPath: $0.path) }

    @Test(arguments: registries)
    func tableIsTheRegistry(file: URL) throws {
        let registry = try JSON(at: file)
        #expect(Set(ObjectCategory.libero.keys) == Set(registry.object.keys))
        for (name, entry) in registry.object {
            let category = try #require(ObjectCategory.libero[name])
            #expect(category.path == entry["xml"].string, "\(name)")

            // one range about one axis, or several by axis
            let axes: [ObjectCategory.Axis: String] = [.x: "x", .y: "y", .z: "z"]
            for rotation in category.rotations {
                let axis = try #require(axes[rotation.axis])
                let range = entry["rotation"].array.isEmpty ? entry["rotation"][axis] : entry["rotation"]
                #expect(range.doubles == [rotation.lower, rotation.upper], "\(name)")
                if category.rotations.count == 1 { #expect(entry["rotation_axis"].string == axis, "\(name)") }
            }
            #expect(category.rotations.count == max(entry["rotation"].object.count, 1), "\(name)")

            for (key, range) in entry["articulation"].object {
                let word = try #require(
                    ["open", "close", "turnon", "turnoff"].first { key == "default_\($0)_ranges" }, "\(key)")
                let found = try #require(category.mechanism?.startRange(word), "\(name) \(word)")
                #expect(range.doubles == [found.lower, found.upper], "\(name) \(word)")
            }
            #expect((category.mechanism == nil) == entry["articulation"].object.isEmpty, "\(name)")
        }
    }
}
