import CImageKernels

/// One change of an image's colours.
public struct ColorAdjustment: Hashable, Sendable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// TensorFlow adds the amount; torchvision and Pillow multiply by it.
        case brightness
        /// Multiplies the distance from a mean: each channel's own (TensorFlow), the grey image's (the others).
        case contrast
        /// Multiplies HSV's saturation (TensorFlow), or the distance from grey (the others).
        case saturation
        /// Turns the hue by the amount; 1 is once around.
        case hue

        var operation: cik_color_operation {
            switch self {
            case .brightness: cik_brightness
            case .contrast: cik_contrast
            case .saturation: cik_saturation
            case .hue: cik_hue
            }
        }
    }

    public var kind: Kind
    public var amount: Float

    public init(_ kind: Kind, _ amount: Float) {
        self.kind = kind
        self.amount = amount
    }
}

/// Whose colour arithmetic on floats.
public enum FloatColorStyle: String, Codable, Sendable, CaseIterable {
    case tensorFlow = "tensorflow"
    case torchvision
}

extension RGBImage {
    /// Changes the colours in 8 bits, as Pillow does (its `ImageEnhance`; the hue as torchvision on Pillow images).
    public mutating func adjust(_ adjustment: ColorAdjustment) {
        let count = width * height
        pixels.withUnsafeMutableBufferPointer {
            cik_color_pillow($0.baseAddress!, count, adjustment.kind.operation, adjustment.amount)
        }
    }
}
