import Foundation
import TensorCore
import TensorTestSupport
import Testing

@testable import PeerPolicies

/// One small ACT in many states, `golden/peers/traps`: what the reader repairs, reports or refuses.
@Suite struct LeRobotFolderGoldenTests {
    struct Trap: CustomTestStringConvertible, Sendable {
        let folder: URL
        let expected: String
        var testDescription: String { folder.lastPathComponent }

        /// Cases of every folder whose `case.json` has `expected`.
        static let all: [Trap] = SharedFixtures.folders(in: "golden/peers").flatMap { folder -> [Trap] in
            guard let expected = try? PeerCase(url: folder).settings["expected"]?.object else { return [] }
            return expected.map {
                Trap(folder: folder.appendingPathComponent($0.key), expected: $0.value.string ?? "")
            }
        }

        /// Words of the expectation that an error has to name: files, keys and tensors.
        var names: [String] {
            expected.split(whereSeparator: { " ,;:()".contains($0) }).map(String.init)
                .filter { $0.contains(".") || $0.contains("_") }
                .filter { $0 != "out.chunk" && $0 != "_orig_mod." && $0 != "module." }
        }
    }

    @Test(arguments: Trap.all)
    func foldersAreReadRepairedOrRefused(trap: Trap) throws {
        let io = try Golden(trap.folder.deletingLastPathComponent().appendingPathComponent("io.safetensors"))
        let inputs = try PeerCase(url: trap.folder).inputs(io, "in.")
        let mayRefuse = trap.expected.hasPrefix("refused")
        let mayLoad = trap.expected.hasPrefix("loads") || trap.expected.contains("corrected")
        do {
            let policy = try ACTPolicy(LeRobotFolder(at: trap.folder))
            #expect(mayLoad, "was read, expected: \(trap.expected)")
            expectNear(try policy.chunks(inputs), try io("out.chunk"), absolute: 2e-5, trap.testDescription)
            let repairs = policy.findings.filter { $0.kind == .repaired }
            if trap.expected.contains("report") { #expect(!repairs.isEmpty) }
            if trap.expected.contains("listed") {
                let ignored = policy.findings.filter { $0.kind == .ignored }
                let known = try Set(
                    JSONFile("config.json", in: trap.folder.deletingLastPathComponent().appendingPathComponent("good"))
                        .root.object!.map(\.key))
                let added = try JSONFile("config.json", in: trap.folder).root.object!.map(\.key)
                    .filter { !known.contains($0) }
                for key in added { #expect(ignored.contains { $0.text.contains(key) }, "'\(key)' is not listed") }
            }
        } catch let error as PeerPolicyError {
            #expect(mayRefuse, "\(error)")
            for name in trap.names {
                #expect(error.description.contains(name), "'\(error)' does not name \(name)")
            }
            #expect(!error.remedy.isEmpty && !error.file.isEmpty)
        }
    }

    @Test(arguments: Trap.all.filter { $0.expected.contains(".buffer.") })
    func aDataSetsStatisticsAreTakenWhenNamed(trap: Trap) throws {
        let io = try Golden(trap.folder.deletingLastPathComponent().appendingPathComponent("io.safetensors"))
        let inputs = try PeerCase(url: trap.folder).inputs(io, "in.")
        let prefixes = trap.names.filter { $0.hasSuffix(".buffer.") }.map { String($0.dropLast(".buffer.".count)) }
        #expect(prefixes.count > 1)
        for prefix in prefixes {
            let policy = try ACTPolicy(LeRobotFolder(at: trap.folder, statisticsPrefix: prefix))
            #expect(try policy.chunks(inputs).isFinite)
        }
        #expect(throws: PeerPolicyError.self) {
            try LeRobotFolder(at: trap.folder, statisticsPrefix: "no such data set")
        }
    }
}
