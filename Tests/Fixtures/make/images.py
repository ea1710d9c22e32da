"""Images: Pillow, torchvision and transformers' arithmetic on synthetic scenes; TensorFlow's colour operations in NumPy."""

import colorsys
import hashlib
import io

import numpy as np
import torch
import torchvision
from PIL import Image

from common import folder, write_json, write_tensors


def scene(width, height, seed, rectangles=6, noise=6):
    """A smooth background with hard-edged rectangles and some noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack([
        120 + 90 * np.sin(x / 9 + seed), 120 + 90 * np.cos(y / 7), 120 + 90 * np.sin((x + y) / 11)], -1)
    for _ in range(rectangles):
        top, left = rng.integers(0, height - 4), rng.integers(0, width - 4)
        pixels[top:top + rng.integers(3, height // 2), left:left + rng.integers(3, width // 2)] = rng.integers(0, 256, 3)
    return np.clip(pixels + rng.normal(0, noise, pixels.shape), 0, 255).astype(np.uint8)


FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}


def resize():
    source = scene(50, 38, 1)
    tensors = {"source": source}
    picture = torch.from_numpy(source).permute(2, 0, 1)
    for width, height in ((24, 24), (29, 41), (64, 47)):
        for name, kernel in FILTERS.items():
            tensors[f"pil_{name}_{width}x{height}"] = np.asarray(
                Image.fromarray(source).resize((width, height), kernel))
        for name, mode, antialias in (
            ("bilinear_aa", "BILINEAR", True), ("bicubic_aa", "BICUBIC", True), ("bilinear_noaa", "BILINEAR", False)):
            # in float and rounded, as where the processor has no AVX2
            result = torchvision.transforms.functional.resize(
                picture.float(), [height, width], torchvision.transforms.InterpolationMode[mode], antialias=antialias)
            tensors[f"torchvision_{name}_{width}x{height}"] = (
                result.round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy())
    place = folder("golden/models/resize_small")
    write_json(place / "case.json", {"layout": "HWC uint8", "names": "<peer>_<filter>_<width>x<height>"})
    write_tensors(place / "scene.safetensors", tensors)


def processors():
    """CLIP's and SigLIP's preparation by Pillow: the steps of their preprocessor_config.json."""
    mean, std = (np.array(v, np.float64) for v in (
        (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)))
    size, tensors, measured = 30, {}, {}
    for name, source in (("tall", scene(44, 70, 2)), ("low", scene(90, 36, 3))):
        image = Image.fromarray(source)
        short = min(image.size)
        width, height = (size if n == short else int(size * n / short) for n in image.size)
        left, top = (width - size) // 2, (height - size) // 2
        clip = image.resize((width, height), Image.BICUBIC).crop((left, top, left + size, top + size))
        siglip = image.resize((size, size), Image.BILINEAR)
        tensors[f"{name}.source"] = source
        measured[name] = {}
        for kind, result, m, s in (("clip", clip, mean, std), ("siglip", siglip, 0.5, 0.5)):
            values = ((np.asarray(result, np.float64) / 255 - m) / s).transpose(2, 0, 1).astype(np.float32)
            tensors[f"{name}.{kind}_pillow"] = tensors[f"{name}.{kind}_library"] = values
            measured[name][f"{kind}_max_difference_library_pillow"] = 0.0
    place = folder("golden/models/processors_small")
    write_json(place / "case.json", {
        "clip": {"shortest_edge": size, "crop": size, "resample": "bicubic", "mean": mean.tolist(), "std": std.tolist()},
        "siglip": {"size": size, "resample": "bilinear", "mean": 0.5, "std": 0.5}, "measured": measured})
    write_tensors(place / "io.safetensors", tensors)


def color():
    source = torch.from_numpy(scene(36, 28, 4)).permute(2, 0, 1).float() / 255
    f = torchvision.transforms.functional
    tensors = {"source": source}
    for name, change, amounts in (
        ("brightness", f.adjust_brightness, (0.7, 1.3)), ("contrast", f.adjust_contrast, (0.6, 1.25)),
        ("saturation", f.adjust_saturation, (0.5, 1.4)), ("hue", f.adjust_hue, (-0.1, 0.07))):
        tensors |= {f"tv_{name}_{amount}": change(source, amount) for amount in amounts}
    write_tensors(folder("golden/models/colour_small") / "torchvision.safetensors", tensors)


def hsv(image, change):
    rows = [change(*colorsys.rgb_to_hsv(*pixel)) for pixel in image.reshape(-1, 3).tolist()]
    return np.array([colorsys.hsv_to_rgb(*row) for row in rows]).reshape(image.shape)


def crop_and_resize(image, top, left, bottom, right):
    """tf.image.crop_and_resize: bilinear without antialias, the corners of the box are corners of the result."""
    height, width = image.shape[:2]
    f = np.float32
    places = lambda low, high, n: f(low) * f(n - 1) + np.arange(n, dtype=f) * ((f(high) - f(low)) * f(n - 1) / f(n - 1))
    ys, xs = places(top, bottom, height), places(left, right, width)
    image = image.astype(f)
    y0, x0 = np.floor(ys).astype(int), np.floor(xs).astype(int)
    y1, x1 = np.minimum(np.ceil(ys).astype(int), height - 1), np.minimum(np.ceil(xs).astype(int), width - 1)
    fy, fx = (ys - y0)[:, None, None], (xs - x0)[None, :, None]
    upper = image[y0][:, x0] * (1 - fx) + image[y0][:, x1] * fx
    lower = image[y1][:, x0] * (1 - fx) + image[y1][:, x1] * fx
    return upper * (1 - fy) + lower * fy


def augment():
    """TensorFlow's colour operations in float64 and its crop in float32, clipped to 0…1 after each."""
    # without edges, at which the last bit of a place would count
    source = scene(36, 28, 5, rectangles=0, noise=1)
    unit, area, place_of_crop = source / 255, 0.85, 0.4
    side = np.sqrt(np.float32(area))
    random = ((1 - side) * np.float32(place_of_crop),) * 2
    middle = ((1 - side) / 2,) * 2
    clip = lambda x: np.clip(x, 0, 1)
    crop = lambda x, corner: clip(crop_and_resize(x, *corner, corner[0] + side, corner[1] + side))
    changes = {
        "brightness": lambda x, v: clip(x + v),
        "contrast": lambda x, v: clip((x - x.mean((0, 1))) * v + x.mean((0, 1))),
        "saturation": lambda x, v: clip(hsv(x, lambda h, s, b: (h, min(s * v, 1), b))),
        "hue": lambda x, v: clip(hsv(x, lambda h, s, b: ((h + v) % 1, s, b))),
    }
    tensors = {"source_small": source}
    for name, amounts in (
        ("brightness", ("+0.12", "-0.2")), ("contrast", ("0.7", "1.2")), ("saturation", ("0.6", "1.3")),
        ("hue", ("+0.06", "-0.09"))):
        tensors |= {f"{name}_{a}": changes[name](unit, float(a)).astype(np.float32) for a in amounts}
    tensors["crop_centre"] = crop(unit, middle).astype(np.float32)
    tensors["crop_random"] = crop(unit, random).astype(np.float32)
    chain = ["crop_random", "brightness 0.08", "contrast 0.9", "saturation 1.1", "hue 0.02"]
    image = unit
    for step in chain:
        words = step.split()
        image = crop(image, random) if words[0] == "crop_random" else changes[words[0]](image, float(words[1]))
    # tf.image.convert_image_dtype
    tensors["chain_uint8"] = np.clip(np.floor(image * 255.5), 0, 255).astype(np.uint8)
    place = folder("golden/models/augment_small")
    write_json(place / "case.json", {"crop_fraction_u": place_of_crop, "crop_scale_area": area, "chain": chain})
    write_tensors(place / "tensorflow.safetensors", tensors)


def jpeg():
    """Synthetic images, written and read by Pillow."""
    images, tensors = {}, {}
    where = folder("data/minimind/eval_images")
    for name, width, height, quality, sampling in (("made-rectangles", 93, 70, 92, 2), ("made-waves", 64, 81, 75, 0)):
        path = where / f"{name}.jpg"
        Image.fromarray(scene(width, height, 6 + quality)).save(path, quality=quality, subsampling=sampling)
        pixels = np.asarray(Image.open(path).convert("RGB"))
        images[name] = {"width": width, "height": height, "channel_mean": pixels.reshape(-1, 3).mean(0).tolist()}
        tensors |= {
            f"{name}.top_left": pixels[:24, :24], f"{name}.bottom_right": pixels[-24:, -24:],
            f"{name}.middle": pixels[height // 2:height // 2 + 24, width // 2:width // 2 + 24],
            f"{name}.resized_32_bicubic": np.asarray(Image.fromarray(pixels).resize((32, 32), Image.BICUBIC)),
        }
    place = folder("golden/models/jpeg_small")
    write_json(place / "case.json", {"images": images})
    write_tensors(place / "io.safetensors", tensors)


def files():
    """PNG and JPEG files of several kinds, and the hash of the pixels that Pillow reads."""
    where = folder("data/samples/images_small")
    source = scene(61, 43, 9)
    base = Image.fromarray(source)
    golden = {"png": {}, "jpeg": {}, "resize": {}}
    digest = lambda pixels: hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()
    alpha = base.copy()
    alpha.putalpha(Image.fromarray(source[..., 0]))
    for name, image, options in (
        ("plain.png", base, {}), ("best.png", base, {"compress_level": 9}), ("stored.png", base, {"compress_level": 0}),
        ("grey.png", base.convert("L"), {}), ("alpha.png", alpha, {}), ("palette.png", base.quantize(37), {}),
        ("few.png", base.quantize(4), {"bits": 2}), ("line.png", base.crop((0, 0, 61, 1)), {})):
        image.save(where / name, **options)
        pixels = np.asarray(Image.open(where / name).convert("RGB"))
        golden["png"][name] = {"shape": list(pixels.shape), "sha256_rgb": digest(pixels)}
    for name, options in (
        ("fine.jpg", {"quality": 95, "subsampling": 0}), ("halved.jpg", {"quality": 85, "subsampling": 1}),
        ("quartered.jpg", {"quality": 70, "subsampling": 2}), ("progressive.jpg", {"quality": 80, "progressive": True})):
        base.save(where / name, **options)
        pixels = np.asarray(Image.open(where / name).convert("RGB"))
        golden["jpeg"][name] = {"shape": list(pixels.shape), "sha256_rgb_islow": digest(pixels)}
    for name, kernel in FILTERS.items():
        for height, width in ((30, 30), (80, 19)):
            golden["resize"][f"plain/pil_{name}/{height}x{width}"] = digest(
                np.asarray(base.resize((width, height), kernel)))
    write_json(where / "golden.json", golden)
    damaged = folder("data/samples/corrupt/images")
    for name in ("plain.png", "fine.jpg"):
        content = (where / name).read_bytes()
        (damaged / f"cut-{name}").write_bytes(content[: len(content) * 2 // 3])


def make():
    for maker in (resize, processors, color, augment, jpeg, files):
        maker()
