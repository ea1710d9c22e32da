import CImageKernels

extension RGBImage {
    /// The whole image at another size.
    public func resized(to size: ImageSize, using resampler: Resampler) -> RGBImage {
        precondition(size.width > 0 && size.height > 0, "resized: to \(size)")
        let pixels = [UInt8](unsafeUninitializedCapacity: size.width * size.height * 3) { target, count in
            let done = cik_resize_u8(
                self.pixels, width, height, target.baseAddress!, size.width, size.height, resampler.filter)
            precondition(done != 0, "resized: no memory for \(self.size) → \(size)")
            count = target.count
        }
        return RGBImage(width: size.width, height: size.height, pixels: pixels)
    }

    /// The whole image with its shorter side as given; the longer one in proportion, rounded down.
    public func resized(shorterSide: Int, using resampler: Resampler) -> RGBImage {
        resized(to: size.scaled(shorterSide: shorterSide), using: resampler)
    }

    /// The whole image in proportion in the middle of a black one of the given size; an odd rest goes to the right and
    /// the bottom. Source: openpi's `resize_with_pad`.
    public func resizedWithPadding(to size: ImageSize, using resampler: Resampler) -> RGBImage {
        let inner = self.size.scaled(toFit: size)
        return resized(to: inner, using: resampler).padded(
            left: (size.width - inner.width) / 2, top: (size.height - inner.height) / 2, width: size.width,
            height: size.height)
    }
}

extension ImageSize {
    /// The size in proportion whose shorter side is as given.
    func scaled(shorterSide: Int) -> ImageSize {
        let (short, long) = (min(width, height), max(width, height))
        let other = shorterSide * long / short
        return width <= height
            ? ImageSize(width: shorterSide, height: other) : ImageSize(width: other, height: shorterSide)
    }

    /// The largest size in proportion that fits into `other`; at least one pixel.
    func scaled(toFit other: ImageSize) -> ImageSize {
        let ratio = max(Double(width) / Double(other.width), Double(height) / Double(other.height))
        return ImageSize(
            width: max(1, min(other.width, Int(Double(width) / ratio))),
            height: max(1, min(other.height, Int(Double(height) / ratio))))
    }
}
