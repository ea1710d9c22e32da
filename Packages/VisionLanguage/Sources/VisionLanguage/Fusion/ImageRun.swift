/// The positions of an image's rows in a batch of sequences: stated, not searched for.
///
/// The reference searches for windows of placeholder ids, which puts the second of two adjacent images one row after the
/// first one's start. Here places are indices.
public struct ImageRun: Sendable, Hashable, Codable {
    /// Sequence of the batch.
    public var sequence: Int
    /// Tokens of the sequence that become the image's rows; as many as the image has.
    public var tokens: Range<Int>
    /// Image of the batch.
    public var image: Int

    public init(sequence: Int, tokens: Range<Int>, image: Int) {
        self.sequence = sequence
        self.tokens = tokens
        self.image = image
    }

    /// The images of sequences in which each stands as a run of placeholder ids, in the order they are met.
    ///
    /// A run may hold several images that follow each other directly.
    ///
    /// - Parameters:
    ///   - sequences: Ids of each sequence.
    ///   - placeholder: The placeholder id of an image row.
    ///   - tokensPerImage: Rows of an image.
    /// - Throws: ``ImageRunError`` when a run does not hold whole images.
    public static func find(
        in sequences: [[Int]], placeholder: Int, tokensPerImage: Int
    ) throws -> [ImageRun] {
        precondition(tokensPerImage > 0, "images of \(tokensPerImage) rows")
        var runs: [ImageRun] = []
        for (sequence, ids) in sequences.enumerated() {
            var start = 0
            while start < ids.count {
                guard ids[start] == placeholder else {
                    start += 1
                    continue
                }
                let end = ids[start...].firstIndex { $0 != placeholder } ?? ids.count
                guard (end - start) % tokensPerImage == 0 else {
                    throw ImageRunError(
                        sequence: sequence, start: start, count: end - start, tokensPerImage: tokensPerImage)
                }
                for first in stride(from: start, to: end, by: tokensPerImage) {
                    runs.append(
                        ImageRun(sequence: sequence, tokens: first..<first + tokensPerImage, image: runs.count))
                }
                start = end
            }
        }
        return runs
    }
}

/// A run of placeholder ids that does not hold whole images.
public struct ImageRunError: Error, Equatable, Sendable, CustomStringConvertible {
    public let sequence: Int
    public let start: Int
    public let count: Int
    public let tokensPerImage: Int

    public init(sequence: Int, start: Int, count: Int, tokensPerImage: Int) {
        self.sequence = sequence
        self.start = start
        self.count = count
        self.tokensPerImage = tokensPerImage
    }

    public var description: String {
        """
        Sequence \(sequence) has \(count) image placeholders from token \(start) on; an image takes \(tokensPerImage). \
        Write \(tokensPerImage) placeholders for each image, and no more tokens than the sequence may have.
        """
    }
}
