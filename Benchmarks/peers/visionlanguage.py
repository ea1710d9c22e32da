"""The peers of VisionLanguage: Hugging Face's tokenizers, Pillow and PyTorch, on the files the Swift side reads."""

import io
import os
import pathlib

os.environ["TOKENIZERS_PARALLELISM"] = "false"

from PIL import Image
from tokenizers import Tokenizer

from worker import seconds_to_run, serve

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("VLA_SHARED", ROOT.parent / "shared"))
IMAGE = SHARED / "data/samples/image_pipeline/input_main.png"


def texts():
    files = [f for folder in ("Docs", "Packages") for f in (ROOT / folder).rglob("*")]
    files = [f for f in files if f.suffix in (".md", ".swift") and not any(p.startswith(".") for p in f.relative_to(ROOT).parts)]
    return [f.read_text(encoding="utf-8") for f in sorted(files, key=str)]


def tokenizer():
    peer = Tokenizer.from_file(str(SHARED / "data/minimind/2025-07/tokenizer.json"))
    documents = texts()
    count = sum(len(t.encode()) for t in documents)

    def tokens():
        return sum(len(peer.encode(t, add_special_tokens=False).ids) for t in documents)

    tokens()

    def measure():
        total = 0

        def run():
            nonlocal total
            total = tokens()

        seconds = seconds_to_run(run)
        return [("tokenizer", count / seconds / 1e6, "MB/s"), ("tokenizer/tokens", total, "tokens")]

    return measure


def tokenizer_lines():
    peer = Tokenizer.from_file(str(SHARED / "data/minimind/2025-07/tokenizer.json"))
    lines = [line for t in texts() for line in t.split("\n") if line]
    count = sum(len(line.encode()) for line in lines)

    def run():
        for line in lines:
            peer.encode(line, add_special_tokens=False).ids

    return lambda: [("tokenizer_lines", count / seconds_to_run(run) / 1e6, "MB/s")]


def image(name, times, prepare):
    def case():
        call = prepare(Image.open(IMAGE).convert("RGB"))
        call()

        def run():
            for _ in range(times):
                call()

        return lambda: [(name, seconds_to_run(run) / times * 1e6, "µs")]

    return name, case


def written(image, kind, **settings):
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


def reader(data):
    return lambda: Image.open(io.BytesIO(data)).convert("RGB")


def reading_jpeg(image):
    return reader(written(image, "JPEG", quality=95, subsampling="4:2:0"))


def model(name):
    def prepare():
        # PyTorch is imported by the cases that need it alone
        import minimind

        return getattr(minimind, name)()

    return name, prepare


serve(
    dict(
        [
            model("clip_forward"),
            model("prefill_431"),
            model("decode_step"),
            ("tokenizer", tokenizer),
            ("tokenizer_lines", tokenizer_lines),
            image("resize_bilinear_256_224", 200, lambda i: lambda: i.resize((224, 224), Image.BILINEAR)),
            image("resize_bicubic_256_224", 200, lambda i: lambda: i.resize((224, 224), Image.BICUBIC)),
            image("png_decode", 50, lambda i: reader(IMAGE.read_bytes())),
            image("png_encode", 10, lambda i: lambda: written(i, "PNG")),
            image("jpeg_decode", 100, reading_jpeg),
            image("jpeg_encode", 100, lambda i: lambda: written(i, "JPEG", quality=95, subsampling="4:2:0")),
        ]
    )
)
