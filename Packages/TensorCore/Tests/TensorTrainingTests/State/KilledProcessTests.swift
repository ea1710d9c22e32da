import Foundation
import TensorCore
import Testing

@testable import TensorTraining

/// A process that saves states without pause is killed at random moments; the newest complete state stays readable.
@Suite struct KilledProcessTests {
    static let childFolder = ProcessInfo.processInfo.environment["TENSOR_TRAINING_CHILD"]

    /// The child: saves until it is killed or its parent is gone. Every element of a state is its step.
    @Test(.enabled(if: childFolder != nil)) func child() throws {
        let folder = URL(fileURLWithPath: try #require(Self.childFolder))
        let parent = getppid()
        var state = TrainingState()
        while getppid() == parent {
            state.step += 1
            state.parameters = ["a": .full([50_000], Float(state.step))]
            try state.save(in: folder)
        }
    }

    @Test(.enabled(if: childFolder == nil)) func killedProcessLeavesACompleteState() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("killed-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var newest = 0
        for round in 0..<6 {
            let child = Process()
            child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            child.arguments = Self.childArguments
            child.environment = ProcessInfo.processInfo.environment.merging(["TENSOR_TRAINING_CHILD": folder.path]) {
                $1
            }
            (child.standardOutput, child.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
            try child.run()
            // once it has begun to save, let it run for a random time
            while child.isRunning, try TrainingState.latestComplete(in: folder) == nil {
                try await Task.sleep(for: .milliseconds(5))
            }
            try await Task.sleep(for: .microseconds(Int.random(in: 0...60_000)))
            #expect(child.isRunning, "the child ended by itself")
            kill(child.processIdentifier, SIGKILL)
            child.waitUntilExit()

            let state = try #require(try TrainingState.latestComplete(in: folder), "round \(round)")
            let elements = try #require(state.parameters["a"]).elements()
            #expect(elements.allSatisfy { $0 == Float(state.step) })
            newest = max(newest, state.step)
            try FileManager.default.removeItem(at: folder)
        }
        #expect(newest > 0)
    }

    /// This process's own arguments with the child as the only test.
    private static var childArguments: [String] {
        var arguments = Array(CommandLine.arguments.dropFirst())
        while let index = arguments.firstIndex(where: { ["--filter", "--skip"].contains($0) }) {
            arguments.removeSubrange(index..<min(index + 2, arguments.count))
        }
        return arguments + ["--filter", "KilledProcessTests/child"]
    }
}
