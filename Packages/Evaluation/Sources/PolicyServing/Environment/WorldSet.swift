import Evaluation
import Foundation
import Synchronization

/// Worlds that are used beside each other, each by one thread at a time.
///
/// `@unchecked Sendable`: ``forEach(_:_:)`` is called by one thread at a time and gives each of its own a world.
final class WorldSet<State>: @unchecked Sendable {
    struct Member {
        var world: any Environment
        var state: State
    }

    private(set) var members: [Member] = []

    init() {}

    func append(_ world: any Environment, _ state: State) { members.append(Member(world: world, state: state)) }

    var count: Int { members.count }

    /// Does something with each of the worlds; the first error by the worlds' order is thrown after all have finished.
    ///
    /// - Parameter body: Called with the place in `numbers` and the world.
    func forEach(_ numbers: [Int], _ body: (Int, inout Member) throws -> Void) throws {
        guard numbers.count > 1 else {
            for (index, number) in numbers.enumerated() { try body(index, &members[number]) }
            return
        }
        let failures = Mutex([(any Error)?](repeating: nil, count: numbers.count))
        members.withUnsafeMutableBufferPointer { buffer in
            // `numbers` are different, so no two threads have the same world
            nonisolated(unsafe) let buffer = buffer
            withoutActuallyEscaping(body) { body in
                nonisolated(unsafe) let body = body
                DispatchQueue.concurrentPerform(iterations: numbers.count) { index in
                    do { try body(index, &buffer[numbers[index]]) } catch {
                        failures.withLock { $0[index] = error }
                    }
                }
            }
        }
        if let failure = failures.withLock({ $0.lazy.compactMap { $0 }.first }) { throw failure }
    }
}
