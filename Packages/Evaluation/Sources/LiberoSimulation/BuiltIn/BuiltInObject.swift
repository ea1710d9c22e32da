/// A kind of object of the built-in world: a colored block or cylinder, a tray or a plate.
struct BuiltInObject: Sendable {
    /// The category in BDDL files, such as `red_block`.
    let name: String
    private let shape: Shape

    private enum Shape: Sendable {
        case block(color: String)
        case cylinder(color: String)
        case tray
        case plate
    }

    /// Every kind there is.
    static let all: [BuiltInObject] =
        colors.map { BuiltInObject(name: "\($0.name)_block", shape: .block(color: $0.rgba)) }
        + colors.map { BuiltInObject(name: "\($0.name)_cylinder", shape: .cylinder(color: $0.rgba)) }
        + [BuiltInObject(name: "tray", shape: .tray), BuiltInObject(name: "plate", shape: .plate)]

    static func named(_ name: String) -> BuiltInObject? { all.first { $0.name == name } }

    private static let colors = [
        (name: "red", rgba: "0.82 0.13 0.11 1"), (name: "green", rgba: "0.13 0.58 0.22 1"),
        (name: "blue", rgba: "0.10 0.29 0.78 1"), (name: "yellow", rgba: "0.95 0.74 0.08 1"),
    ]

    /// How it lies when it is put down: blocks turned by up to 0.3 rad, the rest straight.
    ///
    /// LIBERO's samplers write x, y, z, w where MuJoCo reads w, x, y, z: an angle about x becomes π minus it about z.
    var rotations: [(axis: ObjectCategory.Axis, lower: Double, upper: Double)] {
        if case .block = shape { return [(.x, .pi - 0.3, .pi + 0.3)] }
        return [(.x, .pi, .pi)]
    }

    /// Its model, in the form of LIBERO's: a body `object` in a body that tells its size by three sites.
    var xml: String {
        switch shape {
        case .block(let color):
            // 4 cm wide, 26 g
            return model(
                part("box", "0.02 0.02 0.02", "0 0 0", color, density: 400), bottom: -0.02, top: 0.02, radius: 0.05)
        case .cylinder(let color):
            // 4 cm wide, 6 cm high, 30 g
            return model(
                part("cylinder", "0.02 0.03", "0 0 0", color, density: 400), bottom: -0.03, top: 0.03, radius: 0.05)
        case .tray:
            // 18 cm wide, the wall 3 cm high; heavy enough to stay where it is when touched
            let color = "0.42 0.44 0.48 1"
            let walls = [("0.09 0.004 0.015", "0 0.086 0.019"), ("0.09 0.004 0.015", "0 -0.086 0.019")]
            let ends = [("0.004 0.082 0.015", "0.086 0 0.019"), ("0.004 0.082 0.015", "-0.086 0 0.019")]
            let floor = part("box", "0.09 0.09 0.004", "0 0 0", "0.50 0.52 0.56 1", density: 3000)
            return model(
                floor + (walls + ends).map { part("box", $0.0, $0.1, color, density: 3000) }.joined(),
                sites: """
                    <site name="contain_region" type="box" pos="0 0 0.03" size="0.078 0.078 0.028" rgba="0 0 1 0"
                      group="0"/>
                    """, bottom: -0.004, top: 0.034, radius: 0.1)
        case .plate:
            // 14 cm wide, 1 cm high
            return model(
                part("cylinder", "0.07 0.005", "0 0 0", "0.90 0.91 0.94 1", density: 3000)
                    + seen("cylinder", "0.055 0.0055", "0 0 0", "0.42 0.60 0.78 1")
                    + seen("cylinder", "0.05 0.006", "0 0 0", "0.95 0.96 0.98 1"), bottom: -0.005, top: 0.005,
                radius: 0.08)
        }
    }

    private func model(_ parts: String, sites: String = "", bottom: Double, top: Double, radius: Double) -> String {
        """
        <mujoco model="\(name)">
          <worldbody>
            <body>
              <body name="object">
                \(sites)
                \(parts)
              </body>
              <site name="bottom_site" pos="0 0 \(bottom)" size="0.005" rgba="0 0 0 0"/>
              <site name="top_site" pos="0 0 \(top)" size="0.005" rgba="0 0 0 0"/>
              <site name="horizontal_radius_site" pos="\(radius) 0 0" size="0.005" rgba="0 0 0 0"/>
            </body>
          </worldbody>
        </mujoco>
        """
    }

    /// A shape that is felt, and the same shape that is seen.
    private func part(_ type: String, _ size: String, _ place: String, _ color: String, density: Int) -> String {
        """
        <geom type="\(type)" size="\(size)" pos="\(place)" density="\(density)" friction="0.95 0.3 0.1" condim="4"
          rgba="0 0 0 0" group="0"/>
        """ + seen(type, size, place, color)
    }

    private func seen(_ type: String, _ size: String, _ place: String, _ color: String) -> String {
        """
        <geom type="\(type)" size="\(size)" pos="\(place)" rgba="\(color)" contype="0" conaffinity="0" group="1"/>
        """
    }
}
