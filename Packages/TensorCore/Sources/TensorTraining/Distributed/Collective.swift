import CTensorKernels
import TensorCore

/// Processes that train one model together, each with a part of every batch.
///
/// Sums are taken in the order of the ranks, whatever the number of processes and the size of a buffer: adding the
/// shards of a batch gives the same bits in one process and in many (see ``DataParallel``). Every rank makes the same
/// calls in the same order with buffers of the same size.
public protocol Collective {
    /// This process among ``size``; rank 0 writes and logs.
    var rank: Int { get }
    /// Number of processes.
    var size: Int { get }

    /// Replaces the values of all ranks by their sum, added in the order of the ranks.
    mutating func sum(_ values: inout MutableSpan<Float>) throws

    /// Adds the contributions of all ranks to a total that is the same on all of them, in the order of the ranks:
    /// `((total + c₀) + c₁) + …`.
    mutating func add(_ contribution: Span<Float>, to total: inout MutableSpan<Float>) throws

    /// Replaces the bytes of all ranks by those of one.
    mutating func broadcast(_ bytes: inout [UInt8], from root: Int) throws

    /// Replaces the values of all ranks by those of one.
    mutating func broadcast(_ values: inout MutableSpan<Float>, from root: Int) throws

    /// Returns when every rank has called it.
    mutating func barrier() throws
}

/// One process on its own.
public struct SingleProcess: Collective, Sendable {
    // stored, since the thread sanitizer cannot follow an `inout` value without size
    public let rank = 0
    public let size = 1

    public init() {}

    public func sum(_ values: inout MutableSpan<Float>) {}

    public func add(_ contribution: Span<Float>, to total: inout MutableSpan<Float>) {
        require(contribution.count == total.count, "\(contribution.count) values added to \(total.count)")
        contribution.withUnsafeBufferPointer { contribution in
            total.withUnsafeMutableBufferPointer { total in
                guard let x = contribution.baseAddress, let y = total.baseAddress else { return }
                forEachPiece(total.count) { start, count in ctk_add_scaled(x + start, 1, y + start, count) }
            }
        }
    }

    public func broadcast(_ bytes: inout [UInt8], from root: Int) {}
    public func broadcast(_ values: inout MutableSpan<Float>, from root: Int) {}
    public func barrier() {}
}
