import Foundation
import LiberoTasks
import TensorTestSupport
import Testing

/// All BDDL files of `libero/`, and what LIBERO itself read from some (`golden/libero/*/meta.json`).
@Suite struct BDDLGoldenTests {
    private struct Meta: Decodable {
        struct Region: Decodable {
            let target: String
            let ranges: [[Double]]
            let yaw_rotation, rgba: [Double]
        }
        let suite, task, problem: String
        let goal, initial_state: [[String]]
        let obj_of_interest: [String]
        let fixtures, objects: [String: [String]]
        let regions: [String: Region]
    }

    /// LIBERO's own.
    static let folder = SharedFixtures.root.flatMap { try? LiberoFolder(at: $0.appendingPathComponent("libero")) }
    static let tasks = (try? folder?.suites().flatMap(\.tasks)) ?? []
    /// With those of the repository.
    static let folders = SharedFixtures.all("libero").compactMap { try? LiberoFolder(at: $0) }
    static let allTasks = folders.enumerated().flatMap { place, folder in
        ((try? folder.suites().flatMap(\.tasks)) ?? []).map { (place, $0) }
    }
    static let cases = SharedFixtures.folders(in: "golden/libero").filter {
        FileManager.default.fileExists(atPath: $0.appendingPathComponent("meta.json").path)
    }

    @Test(arguments: allTasks)
    func everyTaskIsRead(place: Int, task: LiberoTask) throws {
        let problem = try Self.folders[place].problem(of: task)
        #expect(!problem.goal.isEmpty)
        #expect(!problem.objects.isEmpty)
        #expect(problem.name.hasPrefix("libero_"))
        #expect(problem.domain == "robosuite")
        let instances = Set((problem.fixtures + problem.objects).flatMap(\.instances))
        // what lies somewhere is a thing; what is open may be a part of one
        let placed = problem.initialState.filter { $0.arguments.count == 2 }
        #expect(placed.allSatisfy { instances.contains($0.arguments[0]) })
        // a range is one rectangle, its lower corner first
        for region in problem.regions {
            #expect(region.ranges.count <= 1)
            #expect(region.ranges.allSatisfy { $0.lowerX <= $0.upperX && $0.lowerY <= $0.upperY })
        }
    }

    @Test(arguments: cases)
    func problemsMatchLIBEROsParser(folder: URL) throws {
        let golden = try JSONDecoder().decode(
            Meta.self, from: Data(contentsOf: folder.appendingPathComponent("meta.json")))
        let root = try #require(SharedFixtures.root(of: folder))
        let files = try LiberoFolder(at: root.appendingPathComponent("libero"))
        let problem = try files.problem(of: LiberoTask(suite: golden.suite, name: golden.task))

        #expect(problem.name == golden.problem)
        #expect(problem.goal.map { [$0.name] + $0.arguments } == golden.goal)
        #expect(problem.initialState.map { [$0.name] + $0.arguments } == golden.initial_state)
        #expect(problem.objectsOfInterest == golden.obj_of_interest)
        #expect(dictionary(problem.fixtures) == golden.fixtures)
        #expect(dictionary(problem.objects) == golden.objects)

        #expect(Set(problem.regions.map(\.key)) == Set(golden.regions.keys))
        for region in problem.regions {
            let expected = try #require(golden.regions[region.key])
            #expect(region.target == expected.target)
            #expect(region.ranges.map { [$0.lowerX, $0.lowerY, $0.upperX, $0.upperY] } == expected.ranges)
            #expect([region.yaw.lower, region.yaw.upper] == expected.yaw_rotation)
            #expect((0..<4).map { region.color[$0] } == expected.rgba)
        }
    }

    private func dictionary(_ categories: [BDDLCategory]) -> [String: [String]] {
        Dictionary(uniqueKeysWithValues: categories.map { ($0.category, $0.instances) })
    }
}
