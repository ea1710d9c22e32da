import Parallel
import CTensorKernels
import Foundation
import TensorCore
import Testing

/// The number of threads is global, so these run one after another.
@Suite(.serialized) struct ThreadPoolTests {
    /// How often each index ran. Tasks write their own element only.
    private func runs(_ count: Int, _ body: @escaping (Int) -> Void = { _ in }) -> [Int] {
        var runs = [Int](repeating: 0, count: count)
        runs.withUnsafeMutableBufferPointer { runs in
            nonisolated(unsafe) let start = runs.baseAddress
            parallelFor(count) { index in
                start![index] += 1
                body(index)
            }
        }
        return runs
    }

    @Test(arguments: [0, 1, 2, 3, 100, 12_345])
    func everyIndexRunsOnce(count: Int) {
        for _ in 0..<5 { #expect(runs(count).allSatisfy { $0 == 1 }) }
    }

    @Test func everyIndexRunsOnceForAnyNumberOfThreads() {
        let before = KernelThreads.count
        defer { KernelThreads.count = before }
        for threads in [1, 2, 5, 3, 1, 8, 2] {
            KernelThreads.count = threads
            for count in [2, 7, 1000] { #expect(runs(count).allSatisfy { $0 == 1 }, "\(threads) threads") }
        }
    }

    @Test func nestedCallsRunEveryIndex() {
        let outer = 37
        var sums = [Int](repeating: 0, count: outer)
        sums.withUnsafeMutableBufferPointer { sums in
            nonisolated(unsafe) let start = sums.baseAddress!
            parallelFor(outer) { index in
                start[index] = runs(50).reduce(0, +)
            }
        }
        #expect(sums == [Int](repeating: 50, count: outer))
    }

    /// A nested call stays on its caller's thread.
    @Test func nestedCallsStayOnTheirThread() {
        var strayed = [Bool](repeating: true, count: 20)
        strayed.withUnsafeMutableBufferPointer { strayed in
            nonisolated(unsafe) let start = strayed.baseAddress!
            parallelFor(20) { index in
                let thread = pthread_self()
                start[index] = false
                parallelFor(10) { _ in
                    if pthread_equal(thread, pthread_self()) == 0 { start[index] = true }
                }
            }
        }
        #expect(!strayed.contains(true))
    }

    @Test func severalThreadsMayCallAtTheSameTime() {
        let failures = Failures()
        let threads = (0..<4).map { number in
            let thread = Thread {
                for round in 0..<200 {
                    let count = 2 + (round * 31 + number * 7) % 300
                    if !runs(count).allSatisfy({ $0 == 1 }) { failures.add() }
                }
                failures.finish()
            }
            thread.start()
            return thread
        }
        failures.wait(for: threads.count)
        #expect(failures.count == 0)
    }

    /// A count that threads share.
    private final class Failures: @unchecked Sendable {
        // guarded by `condition`
        private var failed = 0
        private var finished = 0
        private let condition = NSCondition()

        func add() { condition.withLock { failed += 1 } }

        func finish() {
            condition.withLock { finished += 1 }
            condition.signal()
        }

        func wait(for threads: Int) {
            condition.withLock { while finished < threads { condition.wait() } }
        }

        var count: Int { condition.withLock { failed } }
    }

    /// Tasks of very different length: the caller goes to sleep while the last one runs.
    @Test func slowTasksAreAwaited() {
        let done = runs(6) { index in if index == 5 { Thread.sleep(forTimeInterval: 0.02) } }
        #expect(done == [1, 1, 1, 1, 1, 1])
    }
}

@Suite struct KernelVariantTests {
    @Test func selectedVariantIsAvailable() {
        #expect(KernelVariants.names.contains(KernelVariant.current))
        #expect(KernelVariants.names.contains("base"))
        for name in KernelVariants.names { #expect(String(cString: KernelVariants.table(name).variant) == name) }
    }

    @Test func unknownVariantIsRefused() {
        let before = KernelVariant.current
        #expect(!ctk_select_variant("none of these"))
        #expect(ctk_variant_table("none of these") == nil)
        #expect(KernelVariant.current == before)
    }
}
