import FileSupport
import Foundation

/// Files that libhdf5 1.10.8 wrote through its C interface, as zlib streams in base64: what ``HDF5Writer`` never writes.
///
/// - `links`: external links `out` (to `other.hdf5:/`) and `secret`; soft links `group` and `soft` over the first, `relative`
///   and `twice` over the second, `loop`, `dangling`; `/own/x` with `/own/y` and `/good` leading to it.
/// - `other`: `/secret`, two numbers.
/// - `shared`: groups `g0` to `g45`, each with the next one as `a` and as `b`.
/// - `extents`: `chunked` [2⁴⁰, 7], `empty` [2⁴⁰, 0], `unwritten` [2³³], nothing of them stored; `small` [3].
enum HDF5Samples {
    static let links = bytes(
        """
        eNrr9HBx4+WS4mIAAQ4OBhYGAQZk8B8KevhQ+TD5BCjNCKU7oPQKJpg4C1hOAiouADVfgRnCV4BqDAlydUU2H92eUTCygYerYwCIjoDyOaD0CS\
        ZUdbB0GEAle5ngKZeBHUJNYkeW5wK6hBFFx4sRFS+MYIjI34LQ/J3BAi0P2JDzNyPO/C3FDSsfRsFo/gbWC7B6hA1VXQWUrkTjw/KgBYn2ugV5\
        BIBzNhNy0oOlTi2osTvY4cUBKg0vBYgDLEg6GaH+ZGTo4YGJNR2JjHYK8XBhYAWpA2WJFA0uDpgdMFtUdPSb3YKBqhhg7mNECwWEfQHAEFKAyx\
        RBbZJiQKXXXQzNcArxcWNgvf1ZRYdBB+yw3K9r3RiOgfPktTPnAxgKgEwRhpzU1CSGHUAmH4NfUXAuQzSQKcpw8c/bSQyLgEwxBvaApfMYpoAV\
        nOufvA8oycAgzuCponGJwQfI5Geo+GX7gKEFbO755uOmo2l/sJTkrJBUAk9TkDKdkZERa9JnBsqDZAQV7KG1sQODCTeDyX9oy44VWjMyMTExQm\
        psiHnMjEk82Mv6jkEVHsF+/i6MQN/CWhpcBDK5AFrZAQsnidGkBYp9B2goObgFB7vCC1RGYAl2DcQQDfqT7ubh4gRvZoFAjvP/eYwcDsz5pSXA\
        7kd+SUZqkV5GSpopgz4DUJitODW5KLVEBFUGIgiUZ2RNL8ovLWBh0AdqB3JZivPTSrjBPKgioCBHUWpOYklmWSobA1yMtaQ8MzmVFWgUUANIY0\
        5+PtAYEAnSkZKYl56TmZfOwaCfl18OtDiVkYE5vzzPAdriAelIz89PYQNaVZ6nXzka98QCAJzYvC0=
        """)
    static let other = bytes(
        """
        eNrr9HBx4+WS4mIAAQ4OBhYGAQZk8B8KBDhQ+TD5BCjNCKU7oPQKJpg4I1hOAiouCDUfXV1IkKsrSPV/NACzx4AFQnMwjIKRCDxcHQNAdASUD0\
        ulJ5hQ1RWnJhelliDSoweF9jIysELMYoTxISmZkREiALMeRjMD5UEyggr20LTqwGDCzWDynxkizwoUBckzMTExQtIzxDxmRljSFkBzQcegiodg\
        P38XUI6G5UMF5tG0OQpGwdAGH+yhDAcAE7IxWg==
        """)
    static let shared = bytes(
        """
        eNrtmn9MVVUcwL/v8QDl9w9RRFECBOf88X7xy0w3fL6ehaBA5oKBmksJf6PzNcUshgVppFLIPxCkZSnBUmy6JTPRzR8prEKRULRQRE1WQ8Sh9O\
        73vS/dc11bno5rK8/G7vdzOPeez+Gee+/hnFNgMZk93YLc1IMGAaV+R+qNsLPWka/pz8hIspiS1SGZk7yy5T9WNzWoANR+UrH1Lvbinq6O8+bB\
        E0vNxYGX/0LJLtOvSHZRFw+wHVQL5qrsl3HwQmKI5Vc68emaUA6loc6gAac/XRbcULgRw6THVnKPPP+KCKUNalaJmEPppU2dX4tQ8nZilYg5lK\
        pL03NFKFUqlCr5le5/3rlMhNIiDatEzKHUv3NLuzklZQYYHI+3yh2gW+qbqjkqqJZ6RPO55DvyU0S0IMKZbQExRwvernn93mOeIqIFHYoWdPC3\
        oCu+4Nq/0IL8wWwLiDlacGDjkFRzsmU2SJ1IDT7wyMdH7/jzUDcD+j5p2OPEv1mjRqrHkexv0hDbsT6Cclpbv+uJT7WYwFkq527LWTS2fhT9lm\
        ppc005aE6xlYJ0x+uYLqp+pL7ZYLXVQbVFOXzDgD1+8V5yQXxqghmcj28brQZXW2kvOHHtIycIU0uh08ZPXGAW5m5WXfSFagw/fHBoFJSAFLqf\
        nBwG32Du7UBTGOzA09aZreFwHXON+6rCYT+WTX3HbwxUYIGTpyZMhHUYZlaXGGGm9MUGTfeaaJiFuW8URsTAbjztp7fSzJCPuT/frTaDDsPjH/\
        xqhlfxtFveqxMhF8PIcbYwDCsOuNCeCCsxd0r39nSowNyLv1xNh2l4hXtjJmfDUazCZFW1wv81iXg4A93Yh5OY4+Gsmpf3uwilvQqlvfxK2qJB\
        a0UoTXVnlYg5lJ7znLJAhFKjQqmRX8l365zNQoYLHorhgge3kr6k6qwIpR6FUg+/Uv+mpGEilAo9WSViDqWshvC5IpSCvVglYg6lFXt2ZotQql\
        Eo1fArJWmhUoTSdG9WiZhDSdNUlSdCqUmh1MSvtH67n4sIpSwfVomYQ2lpft0EEUp9CqU+fqWuCXUmEUpFvqwSMYeSU0PXmyKUQv1YJWIOpaJn\
        F04XoVSrUKrlV7qVoK0SoWTxZ5WIOZSSt00MF6HUolBq4VfKexgjpC8tH8IqEXMoXfLv9RWhpApglYg5lBpH1q8RoVSsUCrmV7pyZOp9EUqRQ1\
        klYg6lqH0drSKUDiuUDvMrvdx2d4cIpVnDWCViDqUXsgsOiVBqUyi18SvFfuUTJEIpJ5BVIuZQSogI9heh5DKcVSLmUNpzpEHIq7JUoVTKr3T+\
        wmdpIpTGB7FKxBxKZ789/7EIpTqFUh2/UoXWVYhS8ghWiZhDabdPWoIIpXaFUju/Uqj56mURStaRrBIxh1JGX/MVEUruwawSMYdS2PIxFSKUyh\
        RKZfxKkYs6R4hQ0o1ilYg5lFae2vD9P1GCJOFTp0UrvIPiU2cmgnPn0d6l0IuTyfmONYNh9SH2YOjYy9G74Gn6byb78smuIcNXw2lcYvhy2TM5\
        MAUXHo7sz8iBuRgmPjidB6EYPm/1LIR1WHbt/Nr3IQvD0TlnSqHZvgCzZXwZ6DBc9a6qHAIwzC1/UA75GGacs1RCAK5i/Hb7ym7IwvD6jK3VsA\
        MLeP2YfwhuYne8My7zGARgxS5d98/ANCzQV76qAVqxwMm8A41QiAUevna8EdLwYj/cDG6Bc1jA3zrnEj6vnnB7Q0I3pOEVSuYH5z69+wBmiyl+\
        YNeJtBD3YmbKQRU4LTZE0VAVKZpGiUgxpXKKpbERUlydjIxaGhEg6drlpKfvIJKBPkFIxjI5RQ28eJ+mJ3n/pSF9zeAlKlAv1h4bWPBVL9bR5h\
        4J9DdkYKB9LBIYaQeJBFGVMoimXRMSxNAGBAliO2QQR8vi0l3XaWkdDkm3V056Wn1CMjTKyUhrLkhRPXKKppUGpBia5EeKrZFTHE1tS6TXNslJ\
        RxO6SPo+ORloGhPJSDOISFG1coqmeTOkmBY5xdJsEVIcTdTgE6YtlpOOpieQ9IflZKB/ypGMA/8Py+//TPb+14c7jqHsngJKS1pPe/wB46PEsg\
        ==
        """)
    static let extents = bytes(
        """
        eNrr9HBx4+WS4mIAAQ4OBhYGAQZk8B8KVnCg8mHyCVCaEUp3QOkVTDBxRrCcBFRcEGo+urqQIFdXkOr/aABmjwELhJZgGAUjEXi4OgaA6AhYeo\
        DSJ5hQ1SVnlOZlp6YwpOYWlFQC+aV55UWZJSWpeVD54tzEnByk9KpBwF5GBlaIWkYYH6KDkYkRWREDO1p+gfGZgSkWpFJQwZ4BkoUcGEy4GUz+\
        M0PkWYGiIHkmZoiBHNAUzszEDDMKJM4OlgKDigGNh2A/fxdGYCkBdQyDAjN+9bDSpIIVvzpYPMxgx68Olv872IZ2eiY2XaFpggOi0xUTWrpiRC\
        9ZYaBikIUHxL2MjAhPMyHRzMCUxQhNXxAVHCT4G7nQmDBE0gdqeDDD0wGMJjc80DPw4AwPAL5FaHk=
        """)

    private static func bytes(_ text: String) -> [UInt8] {
        let packed = Data(base64Encoded: text)!
        return packed.withUnsafeBytes { Zlib.decompress($0, maximumByteCount: 1 << 16) }!
    }
}
