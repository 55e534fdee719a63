#!/usr/bin/env python3
"""Writes pictures.npz: small PNG and JPEG files of every kind with what Pillow 13.0.0 (NumPy 2) decodes.

Members NAME.file (bytes), NAME.rgb and NAME.l (convert("RGB"), convert("L")). Run in this folder, look at the difference, commit.
"""
import io
import struct
import zlib

import numpy as np
from PIL import Image

rng = np.random.default_rng(20261201)
files = {}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, kind, rows, palette=None, transparency=None):
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    if palette is not None:
        out += chunk(b"PLTE", bytes(palette))
    if transparency is not None:
        out += chunk(b"tRNS", bytes(transparency))
    return out + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))) + chunk(b"IEND", b"")


def packed(values, depth):
    bits = "".join(format(v, f"0{depth}b") for v in values)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


H, W = 5, 7
channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
for kind, depths in {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}.items():
    for depth in depths:
        top = 6 if kind == 3 and depth == 8 else 2**depth
        values = rng.integers(0, top, (H, W * channels[kind]))
        if kind == 0 and depth == 16:
            values[0, :4] = [0, 200, 255, 256]
        rows = [row.astype(">u2").tobytes() if depth == 16 else packed(row, depth) for row in values]
        palette = rng.integers(0, 256, 3 * min(2**depth, 8 if depth == 8 else 16)) if kind == 3 else None
        files[f"png-{kind}-{depth}"] = png(W, H, depth, kind, rows, palette)
photo = Image.fromarray(rng.integers(0, 256, (6, 8, 3)).astype("u1")).resize((37, 29), Image.BICUBIC)


def adam7(image):
    """Pillow writes no interlaced files: the seven passes by hand, 8-bit RGB."""
    a = np.array(image)
    data = b""
    for y, x, dy, dx in [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]:
        part = a[y::dy, x::dx]
        if part.size:
            data += b"".join(b"\0" + row.tobytes() for row in part)
    head = struct.pack(">IIBBBBB", a.shape[1], a.shape[0], 8, 2, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


files["png-interlaced"] = adam7(photo)
files["png-transparent-palette"] = png(W, H, 2, 3, [packed(r, 2) for r in rng.integers(0, 4, (H, W))], rng.integers(0, 256, 12), [0, 128])
files["png-transparent-rgb"] = png(
    2, 1, 8, 2, [bytes([1, 2, 3, 4, 5, 6])], None, [0, 1, 0, 2, 0, 3])


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90, **options)
    return out.getvalue()


files["jpeg-420"] = jpeg(photo)
files["jpeg-444"] = jpeg(photo, subsampling=0)
files["jpeg-422"] = jpeg(photo, subsampling=1)
files["jpeg-progressive"] = jpeg(photo, progressive=True)
files["jpeg-grey"] = jpeg(photo.convert("L"))
arrays = {}
for name, data in files.items():
    picture = Image.open(io.BytesIO(data))
    arrays[name + ".file"] = np.frombuffer(data, "u1")
    arrays[name + ".rgb"] = np.array(picture.convert("RGB"))
    arrays[name + ".l"] = np.array(picture.convert("L"))
arrays["cmyk.file"] = np.frombuffer(jpeg(photo.convert("CMYK")), "u1")
arrays["resized"] = np.array(photo.resize((12, 16), Image.BILINEAR))
arrays["enlarged"] = np.array(photo.resize((50, 40), Image.BILINEAR))
arrays["photo"] = np.array(photo)
np.savez_compressed("pictures.npz", **arrays)
print(len(files), "files")
