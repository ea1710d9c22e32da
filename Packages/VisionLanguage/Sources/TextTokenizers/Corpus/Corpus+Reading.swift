import FileSupport
import Foundation

extension Corpus {
    /// Calls `body` with each text, in order.
    ///
    /// - Throws: ``CorpusError`` with the byte, and where there is no text at all; what `body` throws.
    public func forEachText(_ body: (String) throws -> Void) throws {
        var count = 0
        for (file, size) in try sizes().enumerated() {
            var byte = 0
            while byte < size {
                let block = try block(of: file, from: byte, byteCount: 1 << 20)
                var texts: [String] = []
                try block.withUnsafeBufferPointer { bytes throws(CorpusError) in
                    try forEachText(of: bytes, 0..<bytes.count, file: file, at: byte) {
                        texts.append(String(decoding: $0, as: UTF8.self))
                    }
                }
                for text in texts { try body(text) }
                count += texts.count
                byte += block.count
            }
        }
        if count == 0 { throw noText() }
    }

    /// The error for files that hold no text; names the keys of their first line.
    func noText() -> CorpusError {
        var found: [String] = []
        if case .jsonLines = format {
            for index in files.indices where found.isEmpty {
                let start = (try? block(of: index, from: 0, byteCount: 1 << 16)) ?? []
                let line = start.split(separator: UInt8(ascii: "\n")).first ?? []
                let value = try? StrictJSON(parsing: line, file: files[index].path)
                found = (value?.object ?? value?.array?.first?.object ?? []).map(\.key)
            }
        }
        let keys: [String] = if case .jsonLines(let keys) = format { keys } else { [] }
        return .noText(files: files.map(\.path), keys: keys, found: found)
    }

    /// The system's reason without its full stop.
    private static func reason(_ error: any Error) -> String {
        let text = error.localizedDescription
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }

    /// Bytes of each file.
    func sizes() throws -> [Int] {
        try files.map { file in
            do {
                return try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
            } catch {
                throw CorpusError.unreadable(file: file.path, reason: Self.reason(error))
            }
        }
    }

    /// Whole lines from a byte on: `byteCount` bytes or more, less at the end of the file.
    func block(of index: Int, from start: Int, byteCount: Int) throws -> [UInt8] {
        let file = files[index]
        do {
            let handle = try FileContent.handle(at: file)
            defer { try? handle.close() }
            try handle.seek(toOffset: UInt64(start))
            var block = Data()
            while true {
                let more = try handle.read(upToCount: byteCount) ?? Data()
                let searched = block.count
                block += more
                if more.count < byteCount {
                    guard !block.isEmpty else { throw CorpusError.unreadable(file: file.path, reason: "it was cut") }
                    return [UInt8](block)
                }
                if let last = block[searched...].lastIndex(of: UInt8(ascii: "\n")) { return [UInt8](block[...last]) }
                if block.count > Self.lineLimit {
                    throw CorpusError.lineTooLong(file: file.path, byte: start, limit: Self.lineLimit)
                }
            }
        } catch let error as CorpusError {
            throw error
        } catch {
            throw CorpusError.unreadable(file: file.path, reason: Self.reason(error))
        }
    }

    /// Calls `body` with each text of whole lines in memory; `byte` is where the block starts in its file.
    func forEachText(
        of block: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, file: Int, at byte: Int,
        _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) throws(CorpusError) {
        var start = range.lowerBound
        // a byte order mark at the beginning of the file is no text
        if byte + start == 0, block[range].starts(with: ByteOrderMark.bytes) { start += ByteOrderMark.bytes.count }
        while start < range.upperBound {
            var end = start
            while end < range.upperBound, block[end] != UInt8(ascii: "\n") { end += 1 }
            let next = min(end + 1, range.upperBound)
            if let bad = UTF8Check.firstInvalid(in: UnsafeBufferPointer(rebasing: block[start..<end])) {
                let found = block[start + bad..<min(start + bad + 4, end)]
                throw .notUTF8(
                    file: files[file].path, line: line(of: byte + start, in: file), byte: byte + start + bad,
                    found: Array(found))
            }
            switch format {
            case .plainText: body(UnsafeBufferPointer(rebasing: block[start..<next]))
            case .jsonLines(let keys):
                do throws(JSONLine.Failure) {
                    try JSONLine.forEachString(UnsafeBufferPointer(rebasing: block[start..<end]), under: keys, body)
                } catch {
                    throw .wrongLine(
                        file: files[file].path, byte: byte + start + error.byte, reason: error.reason)
                }
            }
            start = next
        }
    }

    /// The number of the line that begins at a byte, from 1.
    private func line(of byte: Int, in index: Int) -> Int {
        guard let file = try? MappedFile(at: files[index]) else { return 1 }
        return file.withBytes { bytes in 1 + bytes.prefix(byte).count { $0 == UInt8(ascii: "\n") } }
    }
}
