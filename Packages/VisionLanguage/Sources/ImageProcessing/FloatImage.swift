import CImageKernels
public import TensorCore

/// An image of red, green and blue in 0…1 as `Float`, interleaved, row by row from the top: for arithmetic between
/// 8-bit images.
public struct FloatImage: Sendable, Hashable {
    public let width: Int
    public let height: Int
    /// `height · width · 3` values.
    public private(set) var values: [Float]

    /// Traps unless there are `width · height · 3` values.
    public init(width: Int, height: Int, values: [Float]) {
        precondition(
            width > 0 && height > 0 && values.count == width * height * 3,
            "FloatImage: \(values.count) values for \(width) × \(height)")
        self.width = width
        self.height = height
        self.values = values
    }

    /// Each value over 255.
    public init(_ image: RGBImage) {
        let values = [Float](unsafeUninitializedCapacity: image.pixels.count) { target, count in
            cik_unit_floats(image.pixels, image.pixels.count, target.baseAddress!)
            count = target.count
        }
        self.init(width: image.width, height: image.height, values: values)
    }

    /// In 8 bits: ⌊255.5 x⌋, limited to 0…255, as TensorFlow's `convert_image_dtype` does with saturation.
    public var rgbImage: RGBImage {
        let pixels = [UInt8](unsafeUninitializedCapacity: values.count) { target, count in
            cik_unit_bytes(values, values.count, target.baseAddress!)
            count = target.count
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    /// `[3, height, width]`.
    public var tensor: Tensor { Tensor(values, [height, width, 3]).permuted([2, 0, 1]) }

    /// A part at another size: bilinear without antialias, the corners of the box at the corners of the result.
    /// Source: TensorFlow's `crop_and_resize`.
    public func cropped(to box: UnitRectangle, resizedTo size: ImageSize) -> FloatImage {
        precondition(size.width > 0 && size.height > 0, "cropped: to \(size)")
        let values = [Float](unsafeUninitializedCapacity: size.width * size.height * 3) { target, count in
            cik_crop_and_resize(
                self.values, width, height, box.top, box.left, box.bottom, box.right, target.baseAddress!, size.width,
                size.height)
            count = target.count
        }
        return FloatImage(width: size.width, height: size.height, values: values)
    }

    /// Changes the colours.
    ///
    /// - Parameters:
    ///   - adjustment: What is changed and by how much.
    ///   - style: Whose arithmetic.
    ///   - limiting: Whether results outside of 0…1 are limited, as OpenVLA does after every step. torchvision's
    ///     always are.
    public mutating func adjust(_ adjustment: ColorAdjustment, as style: FloatColorStyle, limiting: Bool = true) {
        let count = width * height
        values.withUnsafeMutableBufferPointer { values in
            switch style {
            case .tensorFlow:
                cik_color_tensorflow(values.baseAddress!, count, adjustment.kind.operation, adjustment.amount)
                if limiting { cik_limit_to_unit(values.baseAddress!, values.count) }
            case .torchvision:
                cik_color_torch(values.baseAddress!, count, adjustment.kind.operation, adjustment.amount)
            }
        }
    }
}

extension FloatImage {
    /// The whole image at another size, in float throughout.
    public func resized(to size: ImageSize, using resampler: Resampler) -> FloatImage {
        precondition(size.width > 0 && size.height > 0, "resized: to \(size)")
        let values = [Float](unsafeUninitializedCapacity: size.width * size.height * 3) { target, count in
            let done = cik_resize_float(
                self.values, width, height, target.baseAddress!, size.width, size.height, resampler.filter)
            precondition(done != 0, "resized: no memory for \(width) × \(height) → \(size)")
            count = target.count
        }
        return FloatImage(width: size.width, height: size.height, values: values)
    }
}
