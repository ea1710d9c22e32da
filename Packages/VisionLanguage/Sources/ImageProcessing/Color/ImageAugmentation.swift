/// Random changes of colour for training.
///
/// Too strong ones make a policy stand still: watch the entropy of its predicted bins.
public struct ImageAugmentation: Codable, Hashable, Sendable {
    /// Whose arithmetic, and in what.
    public enum Style: String, Codable, Sendable, CaseIterable {
        /// In float, to 8 bits at the end.
        case tensorFlow = "tensorflow"
        case torchvision
        /// In 8 bits throughout: torchvision on Pillow images.
        case pillow
    }

    public var style: Style
    /// The ranges amounts are drawn from, see ``ColorAdjustment/Kind``; nil leaves the step out.
    public var brightness, contrast, saturation, hue: ClosedRange<Float>?
    /// Whether the order is drawn for each image; else brightness, contrast, saturation, hue.
    public var shufflesOrder: Bool

    public init(
        style: Style, brightness: ClosedRange<Float>? = nil, contrast: ClosedRange<Float>? = nil,
        saturation: ClosedRange<Float>? = nil, hue: ClosedRange<Float>? = nil, shufflesOrder: Bool = false
    ) {
        self.style = style
        self.brightness = brightness
        self.contrast = contrast
        self.saturation = saturation
        self.hue = hue
        self.shufflesOrder = shufflesOrder
    }

    /// OpenVLA's and Octo's. Their random crop is a step of the ``ImageTransform``; here all draws are independent.
    public static let openVLA = ImageAugmentation(
        style: .tensorFlow, brightness: -0.2...0.2, contrast: 0.8...1.2, saturation: 0.8...1.2, hue: -0.05...0.05)

    /// torchvision's `ColorJitter` with these half widths, in random order on Pillow images.
    public static func colorJitter(
        brightness: Float, contrast: Float, saturation: Float, hue: Float
    ) -> ImageAugmentation {
        func around(_ width: Float) -> ClosedRange<Float>? { width > 0 ? max(0, 1 - width)...1 + width : nil }
        return ImageAugmentation(
            style: .pillow, brightness: around(brightness), contrast: around(contrast), saturation: around(saturation),
            hue: hue > 0 ? -hue...hue : nil, shufflesOrder: true)
    }

    /// Draws the changes of one image; cameras that are to change alike share them.
    public func draw(using generator: inout some RandomNumberGenerator) -> [ColorAdjustment] {
        let ranges: [(ColorAdjustment.Kind, ClosedRange<Float>?)] = [
            (.brightness, brightness), (.contrast, contrast), (.saturation, saturation), (.hue, hue),
        ]
        var adjustments = ranges.compactMap { kind, range in
            range.map { ColorAdjustment(kind, Float.random(in: $0, using: &generator)) }
        }
        if shufflesOrder { adjustments.shuffle(using: &generator) }
        return adjustments
    }

    /// The image after these changes.
    public func apply(_ adjustments: [ColorAdjustment], to image: RGBImage) -> RGBImage {
        if style == .pillow {
            var image = image
            for adjustment in adjustments { image.adjust(adjustment) }
            return image
        }
        var values = FloatImage(image)
        for adjustment in adjustments {
            values.adjust(adjustment, as: style == .tensorFlow ? .tensorFlow : .torchvision)
        }
        return values.rgbImage
    }

    /// The image with changes drawn for it.
    public func callAsFunction(_ image: RGBImage, using generator: inout some RandomNumberGenerator) -> RGBImage {
        apply(draw(using: &generator), to: image)
    }
}
