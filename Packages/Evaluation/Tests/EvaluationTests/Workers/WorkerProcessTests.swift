import Evaluation
import Foundation
import Testing

/// Children are shell scripts that speak the lines of `WorkerService`.
@Suite struct WorkerProcessTests {
    func child(_ script: String) throws -> WorkerProcess<Int, Int> {
        try WorkerProcess(URL(fileURLWithPath: "/bin/sh"), arguments: ["-c", script], setting: ["a": 1])
    }

    let ready = #"read setting; echo '{"done":true}'; "#

    @Test func jobsAndResultsAlternate() throws {
        let doubling = ready + #"while read job; do echo "{\"done\":$((job * 2))}"; done"#
        let (first, second) = (try child(doubling), try child(doubling))
        #expect(try [1, 5, 21].map { try first.run($0) } == [2, 10, 42])
        // the first child ends though the second one is alive
        first.close()
        #expect(try second.run(4) == 8)
    }

    @Test func theChildsErrorIsTheParents() throws {
        #expect(throws: WorkerError.failed("no assets")) {
            try child(#"read setting; echo '{"failed":"no assets"}'"#)
        }
        let worker = try child(
            ready + #"read job; echo '{"failed":"it fell"}'; read job; echo '{"done":3}'"#)
        #expect(throws: WorkerError.failed("it fell")) { try worker.run(1) }
        #expect(try worker.run(1) == 3)
    }

    @Test func aChildThatDiesIsNoticed() throws {
        let worker = try child(ready + "read job; kill -9 $$")
        #expect(throws: WorkerError.ended("by signal 9")) { try worker.run(1) }
        #expect(throws: WorkerError.ended("with exit status 3")) { try child("exit 3") }
        #expect(throws: WorkerError.self) {
            try WorkerProcess<Int, Int>(URL(fileURLWithPath: "/nowhere/vla"), arguments: [], setting: 1)
        }
    }
}
