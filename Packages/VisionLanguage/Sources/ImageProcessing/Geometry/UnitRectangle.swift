/// Part of an image, its sides as fractions: 0 the first, 1 the last row's or column's middle.
public struct UnitRectangle: Hashable, Sendable {
    public var top, left, bottom, right: Float

    public init(top: Float, left: Float, bottom: Float, right: Float) {
        (self.top, self.left, self.bottom, self.right) = (top, left, bottom, right)
    }

    /// A part of this area in the image's proportions; `down` and `across` in 0…1 place it from the top and left to the
    /// bottom and right.
    public init(area: Float, down: Float, across: Float) {
        let side = Double(area).squareRoot()
        let (top, left) = (Double(down) * (1 - side), Double(across) * (1 - side))
        self.init(top: Float(top), left: Float(left), bottom: Float(top + side), right: Float(left + side))
    }

    /// A part of this area in the image's proportions, in the middle.
    public init(centeredArea area: Float) { self.init(area: area, down: 0.5, across: 0.5) }
}
