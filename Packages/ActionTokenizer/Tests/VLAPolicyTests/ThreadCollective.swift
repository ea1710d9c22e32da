import Foundation
import TensorTraining

/// Threads of one process in the place of processes: every rank deposits its values and reads those of all.
struct ThreadCollective: Collective {
    let rank: Int
    let board: Board
    var size: Int { board.size }

    func sum(_ values: inout MutableSpan<Float>) throws {
        let all = board.exchange(values.indices.map { values[$0] }, rank: rank)
        for i in values.indices { values[i] = all.dropFirst().reduce(all[0][i]) { $0 + $1[i] } }
    }

    func add(_ contribution: Span<Float>, to total: inout MutableSpan<Float>) throws {
        let all = board.exchange(contribution.indices.map { contribution[$0] }, rank: rank)
        for i in total.indices { total[i] = all.reduce(total[i]) { $0 + $1[i] } }
    }

    func broadcast(_ bytes: inout [UInt8], from root: Int) throws {
        bytes = board.exchange(bytes.map { Float($0) }, rank: rank)[root].map { UInt8($0) }
    }

    func broadcast(_ values: inout MutableSpan<Float>, from root: Int) throws {
        let all = board.exchange(values.indices.map { values[$0] }, rank: rank)
        for i in values.indices { values[i] = all[root][i] }
    }

    func barrier() throws { _ = board.exchange([], rank: rank) }

    /// Where ranks meet. `@unchecked Sendable`: everything is read and written with the condition locked.
    final class Board: @unchecked Sendable {
        let size: Int
        private let condition = NSCondition()
        private var deposits: [Int: [Float]] = [:]
        private var complete: [[Float]] = []
        private var readerCount = 0

        init(size: Int) { self.size = size }

        /// The values of all ranks once all have come; the next exchange starts when all have them.
        func exchange(_ values: [Float], rank: Int) -> [[Float]] {
            condition.lock()
            defer { condition.unlock() }
            while readerCount > 0 { condition.wait() }
            deposits[rank] = values
            if deposits.count == size {
                complete = (0..<size).map { deposits[$0]! }
                (deposits, readerCount) = ([:], size)
                condition.broadcast()
            }
            while readerCount == 0 { condition.wait() }
            readerCount -= 1
            let result = complete
            if readerCount == 0 { condition.broadcast() }
            return result
        }
    }

    /// What rank 0 of `size` threads gives; all run `body`.
    static func run<Result: Sendable>(
        _ size: Int, _ body: @escaping @Sendable (inout ThreadCollective) throws -> Result
    ) throws -> Result {
        let board = Board(size: size)
        let (group, box) = (DispatchGroup(), Box<Result>())
        for rank in 0..<size {
            group.enter()
            Thread.detachNewThread {
                var collective = ThreadCollective(rank: rank, board: board)
                let result = Swift.Result { try body(&collective) }
                if rank == 0 { box.set(result) }
                group.leave()
            }
        }
        group.wait()
        return try box.value!.get()
    }

    private final class Box<Value>: @unchecked Sendable {
        private let lock = NSLock()
        private var stored: Swift.Result<Value, any Error>?
        var value: Swift.Result<Value, any Error>? { lock.withLock { stored } }
        func set(_ value: Swift.Result<Value, any Error>) { lock.withLock { stored = value } }
    }
}
