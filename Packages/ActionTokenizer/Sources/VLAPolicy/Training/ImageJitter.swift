import TensorCore

/// Small random changes of prepared images while a policy is trained: a shift, brightness and contrast.
///
/// A shift has to stay well below what must be learnt: one pixel of a 96 × 96 image of the table is almost a
/// centimetre, and three are as much as the precision of a grasp.
public struct ImageJitter: Hashable, Codable, Sendable {
    /// Largest shift in pixels, along each axis; the border is repeated.
    public var shift: Int
    /// Largest change of brightness, as a share of white.
    public var brightness: Float
    /// Largest change of contrast about the middle gray, as a share.
    public var contrast: Float

    public init(shift: Int = 0, brightness: Float = 0, contrast: Float = 0) {
        (self.shift, self.brightness, self.contrast) = (shift, brightness, contrast)
    }

    /// What is done to one image.
    struct Change {
        var (x, y) = (0, 0)
        var brightness: Float = 0
        var contrast: Float = 1

        /// A table of scaled values changed: v ↦ (v − gray)·contrast + gray + brightness, in 8-bit values, cut to 0…255.
        func applied(to table: [Float]) -> [Float] {
            guard brightness != 0 || contrast != 1 else { return table }
            // the table is affine: two of its values give the scale
            let slope = (table[255] - table[0]) / 255
            return (0..<256).map { v in
                let changed = (Float(v) - 127.5) * contrast + 127.5 + 255 * brightness
                return table[0] + slope * min(max(changed, 0), 255)
            }
        }
    }

    func draw(using generator: inout PhiloxGenerator) -> Change {
        var change = Change()
        if shift > 0 {
            change.x = Int.random(in: -shift...shift, using: &generator)
            change.y = Int.random(in: -shift...shift, using: &generator)
        }
        if brightness > 0 { change.brightness = .random(in: -brightness...brightness, using: &generator) }
        if contrast > 0 { change.contrast = 1 + .random(in: -contrast...contrast, using: &generator) }
        return change
    }
}
