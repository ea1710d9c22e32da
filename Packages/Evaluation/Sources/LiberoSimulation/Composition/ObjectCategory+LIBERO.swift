extension ObjectCategory {
    /// The categories that LIBERO's suites use, by name.
    static let libero: [String: ObjectCategory] = Dictionary(
        uniqueKeysWithValues: [
            scanned("akita_black_bowl"), scanned("basket"), scanned("chefmate_8_frypan"),
            scanned("glazed_rim_porcelain_ramekin"), scanned("plate"), scanned("white_bowl"),
            hope("alphabet_soup", [(.z, quarter, quarter)]), hope("bbq_sauce", upright), hope("butter", flat),
            hope("chocolate_pudding", flat), hope("cookies", upright), hope("cream_cheese", flat),
            hope("ketchup", bottle), hope("milk", bottle), hope("new_salad_dressing", bottle),
            hope("orange_juice", bottle), hope("salad_dressing", bottle),
            hope("tomato_sauce", [(.z, quarter, quarter)]),
            bought("black_book", [(.x, -quarter, -quarter / 2)]), bought("desk_caddy", flat), bought("moka_pot", flat),
            bought("porcelain_mug", [(.x, -quarter, -quarter)]), bought("red_coffee_mug", [(.x, -quarter, -quarter)]),
            bought("white_yellow_mug", [(.x, -quarter, -quarter)]), bought("wine_bottle", flat),
            bought("wine_rack", flat), bought("wooden_tray", flat), bought("wooden_two_layer_shelf", flat),
            bought("yellow_book", [(.x, -quarter, -quarter / 2)]),
            articulated("flat_stove", [(.y, 0, 0)], .stove),
            articulated("microwave", [(.x, quarter / 2, quarter)], .microwave),
            articulated("white_cabinet", [(.x, quarter / 2, quarter)], .drawer),
            articulated("wooden_cabinet", [(.x, quarter / 2, quarter)], .drawer),
        ])

    private typealias Rotations = [(axis: Axis, lower: Double, upper: Double)]

    private static let quarter = Double.pi / 2
    private static let upright: Rotations = [(.x, quarter, quarter)]
    private static let flat: Rotations = [(.x, 0, 0)]
    private static let bottle: Rotations = [(.x, quarter, quarter), (.z, quarter, quarter)]

    private static func scanned(_ name: String) -> (String, ObjectCategory) {
        (name, ObjectCategory(path: "stable_scanned_objects/\(name)/\(name).xml", rotations: upright))
    }

    private static func hope(_ name: String, _ rotations: Rotations) -> (String, ObjectCategory) {
        (name, ObjectCategory(path: "stable_hope_objects/\(name)/\(name).xml", rotations: rotations))
    }

    private static func bought(_ name: String, _ rotations: Rotations) -> (String, ObjectCategory) {
        (name, ObjectCategory(path: "turbosquid_objects/\(name)/\(name).xml", rotations: rotations))
    }

    private static func articulated(
        _ name: String, _ rotations: Rotations, _ kind: Mechanism.Kind
    ) -> (String, ObjectCategory) {
        (
            name,
            ObjectCategory(
                path: "articulated_objects/\(name).xml", rotations: rotations, mechanism: Mechanism(kind: kind))
        )
    }
}
