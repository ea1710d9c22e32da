import FileSupport
import TensorCore
import Testing

@Suite struct SHA256Tests {
    /// FIPS 180-4's examples, and one at which the padding needs a block of its own (`sha256sum`).
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (String(repeating: "a", count: 63), "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"),
    ])
    func hashesMatchTheStandard(text: String, expected: String) {
        #expect(SHA256.hexadecimal(Array(text.utf8)) == expected)
    }
}
