import RobotInterface
import ImageProcessing

extension ImageOrientation {
    /// Whether rows and columns are reversed against the simulator's own order.
    private var reversed: (rows: Bool, columns: Bool) {
        switch self {
        case .raw: (false, false)
        case .upright: (true, false)
        case .rotated180: (true, true)
        }
    }

    /// The image as it lies in another orientation.
    func turned(_ image: RGBImage, to other: ImageOrientation) -> RGBImage {
        switch (reversed.rows != other.reversed.rows, reversed.columns != other.reversed.columns) {
        case (false, false): image
        case (true, false): image.flippedVertically()
        case (false, true): image.flippedHorizontally()
        case (true, true): image.rotated180()
        }
    }
}
