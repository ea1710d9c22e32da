#if MPI
    import CMPI
    import TensorCore

    /// The processes of an MPI run, `mpirun -n 2 program`.
    ///
    /// A sum works through buckets of ``bucketSize`` values: every rank gets its part of the bucket from all others,
    /// adds the contributions in the order of the ranks, and sends the sums to all. That moves as much as a ring
    /// all-reduce and, unlike MPI_Allreduce, fixes the order.
    ///
    /// An MPI run has one collective, used from one thread. It is made by ``run(bucketSize:_:)``.
    public struct MPICollective: Collective {
        public let rank: Int
        public let size: Int
        /// Values exchanged at a time. Open MPI is fastest from a quarter of a million to a million.
        public let bucketSize: Int
        private var incoming: [Float] = []
        private var sums: [Float] = []

        private init(bucketSize: Int) throws {
            require(bucketSize > 0, "bucket of \(bucketSize) values")
            var (rank, size) = (Int32(0), Int32(0))
            try check(MPI_Comm_rank(tensorcore_mpi_world(), &rank), "MPI_Comm_rank")
            try check(MPI_Comm_size(tensorcore_mpi_world(), &size), "MPI_Comm_size")
            (self.rank, self.size, self.bucketSize) = (Int(rank), Int(size), bucketSize)
        }

        /// Starts MPI, runs `body` with the collective, and ends MPI. Once per process.
        ///
        /// An error on one rank ends all of them: it is printed, and the others are not left waiting.
        ///
        /// - Throws: ``MPIError`` when MPI does not start or end.
        public static func run(bucketSize: Int = 1 << 19, _ body: (inout MPICollective) throws -> Void) throws {
            try check(MPI_Init(nil, nil), "MPI_Init")
            // calls return their errors instead of ending the process
            try check(tensorcore_mpi_return_errors(), "MPI_Comm_set_errhandler")
            do {
                var collective = try MPICollective(bucketSize: bucketSize)
                try body(&collective)
            } catch {
                tensorcore_mpi_print_error("\(error)\n")
                MPI_Abort(tensorcore_mpi_world(), 1)
                throw error
            }
            try check(MPI_Finalize(), "MPI_Finalize")
        }

        public mutating func sum(_ values: inout MutableSpan<Float>) throws {
            try values.withUnsafeMutableBufferPointer { values in
                guard let base = values.baseAddress else { return }
                try add(base, to: base, count: values.count, startsFromTotal: false)
            }
        }

        public mutating func add(_ contribution: Span<Float>, to total: inout MutableSpan<Float>) throws {
            require(contribution.count == total.count, "\(contribution.count) values added to \(total.count)")
            try contribution.withUnsafeBufferPointer { contribution in
                try total.withUnsafeMutableBufferPointer { total in
                    guard let source = contribution.baseAddress, let base = total.baseAddress else { return }
                    try add(source, to: base, count: total.count, startsFromTotal: true)
                }
            }
        }

        public mutating func broadcast(_ bytes: inout [UInt8], from root: Int) throws {
            var count = UInt64(bytes.count)
            try check(
                MPI_Bcast(&count, Int32(MemoryLayout<UInt64>.size), tensorcore_mpi_byte(), Int32(root), world),
                "MPI_Bcast")
            if rank != root { bytes = [UInt8](repeating: 0, count: Int(count)) }
            let piece = 1 << 28
            try bytes.withUnsafeMutableBytes { bytes in
                for start in stride(from: 0, to: bytes.count, by: piece) {
                    let length = Int32(min(piece, bytes.count - start))
                    try check(
                        MPI_Bcast(bytes.baseAddress! + start, length, tensorcore_mpi_byte(), Int32(root), world),
                        "MPI_Bcast")
                }
            }
        }

        public mutating func broadcast(_ values: inout MutableSpan<Float>, from root: Int) throws {
            try values.withUnsafeMutableBufferPointer { values in
                for start in stride(from: 0, to: values.count, by: bucketSize) {
                    let length = Int32(min(bucketSize, values.count - start))
                    try check(
                        MPI_Bcast(values.baseAddress! + start, length, tensorcore_mpi_float(), Int32(root), world),
                        "MPI_Bcast")
                }
            }
        }

        public mutating func barrier() throws { try check(MPI_Barrier(world), "MPI_Barrier") }

        private var world: MPI_Comm { tensorcore_mpi_world() }

        /// total = (start + c₀) + c₁ + …, bucket by bucket; start is the total, or nothing.
        private mutating func add(
            _ contribution: UnsafePointer<Float>, to total: UnsafeMutablePointer<Float>, count: Int,
            startsFromTotal: Bool
        ) throws {
            // buckets that the ranks divide are exchanged where they lie
            let whole = count - count % size
            let step = max(bucketSize - bucketSize % size, size)
            for start in stride(from: 0, to: whole, by: step) {
                let part = min(step, whole - start) / size
                try addBucket(contribution + start, to: total + start, part: part, startsFromTotal: startsFromTotal)
            }

            // fewer values than ranks are left: padded with zeros
            let rest = count - whole
            guard rest > 0 else { return }
            var padded = [Float](repeating: 0, count: size)
            var sums = padded
            for i in 0..<rest { (padded[i], sums[i]) = (contribution[whole + i], total[whole + i]) }
            try addBucket(padded, to: &sums, part: 1, startsFromTotal: startsFromTotal)
            for i in 0..<rest { total[whole + i] = sums[i] }
        }

        /// One bucket of `part · size` values.
        private mutating func addBucket(
            _ contribution: UnsafePointer<Float>, to total: UnsafeMutablePointer<Float>, part: Int,
            startsFromTotal: Bool
        ) throws {
            let float = tensorcore_mpi_float()
            if incoming.count < part * size { incoming = [Float](repeating: 0, count: part * size) }
            if sums.count < part { sums = [Float](repeating: 0, count: part) }

            // part r of every rank's bucket goes to rank r, which gets them in the order of the ranks
            try check(
                MPI_Alltoall(contribution, Int32(part), float, &incoming, Int32(part), float, world), "MPI_Alltoall")
            let (rank, size) = (rank, size)
            incoming.withUnsafeBufferPointer { incoming in
                sums.withUnsafeMutableBufferPointer { sums in
                    let start = startsFromTotal ? UnsafePointer(total) + rank * part : incoming.baseAddress!
                    sums.baseAddress!.update(from: start, count: part)
                    for other in (startsFromTotal ? 0 : 1)..<size {
                        for i in 0..<part { sums[i] += incoming[other * part + i] }
                    }
                }
            }

            // this rank's sums go to all
            try check(MPI_Allgather(sums, Int32(part), float, total, Int32(part), float, world), "MPI_Allgather")
        }
    }

    private func check(_ code: Int32, _ call: String) throws {
        guard code != tensorcore_mpi_success() else { return }
        var text = [CChar](repeating: 0, count: Int(tensorcore_mpi_error_text_size()))
        var length: Int32 = 0
        MPI_Error_string(code, &text, &length)
        throw MPIError(
            call: call, code: Int(code),
            reason: String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
#endif

/// A call of MPI failed.
public struct MPIError: Error, Equatable, CustomStringConvertible {
    public let call: String
    /// MPI's error code.
    public let code: Int
    public let reason: String

    public var description: String { "\(call) failed with code \(code): \(reason)" }
}
