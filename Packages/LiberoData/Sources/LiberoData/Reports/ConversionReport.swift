public import FileSupport

/// What a conversion wrote, and how it compares with its source.
public struct ConversionReport: Encodable, TextReport, Sendable {
    public var target: String
    public var losesImageQuality: Bool
    /// What the source holds and the form has no place for.
    public var leftOut: [String]
    /// `nil` where nothing was compared.
    public var episodeCount: Int?
    public var frameCount: Int?
    public var differences: [String]?

    /// Whether nothing is known to differ.
    public var isEqual: Bool { differences?.isEmpty ?? true }

    /// Compares a conversion's target with its source, number by number and image by image, and writes the manifest of
    /// SHA-256 where they are equal.
    ///
    /// - Parameters:
    ///   - conversion: One that was run.
    ///   - target: The target's name in the report.
    ///   - isCompared: Whether the two are compared.
    ///   - progress: Called after each episode with how many of how many are compared; throwing ends the comparison.
    public init(
        _ conversion: DatasetConversion, target: String, comparing isCompared: Bool = true,
        progress: (Int, Int) throws -> Void = { _, _ in }
    ) throws {
        self.target = target
        losesImageQuality = conversion.format == .rlds
        leftOut = try conversion.leftOut()
        guard isCompared else { return }
        let verification = try conversion.verify(progress: progress)
        (episodeCount, frameCount) = (verification.episodeCount, verification.frameCount)
        differences = verification.differences.map { "\($0)" }
        if verification.isEqual { try conversion.writeManifest() }
    }

    public var text: String {
        let loss =
            leftOut.map { "left out: \($0)" }
            + (losesImageQuality ? ["RLDS stores JPEG: the images have lost what quality 95 loses."] : [])
        guard let differences, let episodeCount, let frameCount else { return loss.joined(separator: "\n") }
        let equality = leftOut.isEmpty ? "equal to the source" : "equal to the source but for what is left out"
        let result =
            differences.isEmpty
            ? ["\(target): \(episodeCount) episodes, \(frameCount) frames, \(equality)"]
            : differences.map { "differs: \($0)" }
        return (loss + result).joined(separator: "\n")
    }
}
