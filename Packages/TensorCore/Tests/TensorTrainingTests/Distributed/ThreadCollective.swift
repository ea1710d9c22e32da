import Foundation
import TensorTraining

/// Threads of one process in the place of processes: every rank deposits its values and reads those of all.
struct ThreadCollective: Collective {
    let rank: Int
    var size: Int { board.size }
    private let board: Board

    /// Runs `body` on `size` threads at once; results in the order of the ranks.
    static func run<Result: Sendable>(
        _ size: Int, _ body: @escaping @Sendable (inout ThreadCollective) throws -> Result
    ) throws -> [Result] {
        let (board, results) = (Board(size: size), Results<Result>())
        let group = DispatchGroup()
        for rank in 0..<size {
            group.enter()
            Thread.detachNewThread {
                var collective = ThreadCollective(rank: rank, board: board)
                results.set(Swift.Result { try body(&collective) }, of: rank)
                group.leave()
            }
        }
        group.wait()
        return try (0..<size).map { try results.value(of: $0).get() }
    }

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

    /// `@unchecked Sendable`: everything is read and written with the condition locked.
    private final class Results<Value>: @unchecked Sendable {
        private let lock = NSLock()
        private var values: [Int: Swift.Result<Value, any Error>] = [:]
        func set(_ value: Swift.Result<Value, any Error>, of rank: Int) { lock.withLock { values[rank] = value } }
        func value(of rank: Int) -> Swift.Result<Value, any Error> { lock.withLock { values[rank]! } }
    }

    /// Where ranks meet. `@unchecked Sendable`: everything is read and written with the condition locked.
    private final class Board: @unchecked Sendable {
        let size: Int
        private let condition = NSCondition()
        private var deposits: [Int: [Float]] = [:]
        private var complete: [[Float]] = []
        private var readerCount = 0

        init(size: Int) { self.size = size }

        /// Returns the values of all ranks once all have come; the next exchange starts when all have them.
        func exchange(_ values: [Float], rank: Int) -> [[Float]] {
            condition.lock()
            defer { condition.unlock() }
            while readerCount > 0 { condition.wait() }
            deposits[rank] = values
            if deposits.count == size {
                complete = (0..<size).map { deposits[$0]! }
                deposits = [:]
                readerCount = size
                condition.broadcast()
            }
            while readerCount == 0 { condition.wait() }
            readerCount -= 1
            let result = complete
            if readerCount == 0 { condition.broadcast() }
            return result
        }
    }
}
