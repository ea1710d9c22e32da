public import Foundation

extension JSONEncoder {
    /// An encoder with sorted keys: the same value gives the same bytes.
    ///
    /// - Parameters:
    ///   - indented: A value on each line; one line otherwise.
    ///   - escapingSlashes: `\/` in place of `/`, as files of some kinds have always had them.
    ///   - infinities: Write infinities and NaN as the texts "inf", "-inf" and "nan"; an error otherwise.
    public static func sorted(
        indented: Bool = false, escapingSlashes: Bool = false, infinities: Bool = false
    ) -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        if indented { encoder.outputFormatting.insert(.prettyPrinted) }
        if !escapingSlashes { encoder.outputFormatting.insert(.withoutEscapingSlashes) }
        if infinities {
            encoder.nonConformingFloatEncodingStrategy = .convertToString(
                positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        }
        return encoder
    }
}
