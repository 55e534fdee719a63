#!/usr/bin/env python3
"""Writes the golden files beside this script: numpy, scipy and the standard library are the independent side.

Run it in its folder after changing a definition; the files are committed. Everything is synthetic.
"""
import gzip
import io
import struct
import tarfile
import wave
import zipfile

import numpy as np
import scipy.fft
import scipy.io.wavfile
import scipy.signal

rng = np.random.default_rng(20250101)


def put(name, data):
    with open(name, "wb") as file:
        file.write(data)


def npy(array, version=(1, 0), fortran=False):
    out = io.BytesIO()
    np.lib.format.write_array(out, np.asfortranarray(array) if fortran else array, version=version)
    return out.getvalue()


# ---- .npy: every element type counts up from -3 (or 0), so that the Swift side knows the values
def ramp(dtype):
    first = 0 if dtype[1] in "ub" else -3
    return (np.arange(6) + first).astype(dtype).reshape(2, 3)


for dtype in ["<f4", "<f8", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "|b1", ">f4", ">f8", ">i2"]:
    name = dtype.replace("<", "le-").replace(">", "be-").replace("|", "")
    put(f"ramp-{name}.npy", npy(ramp(dtype)))
put("version2.npy", npy(ramp("<f4"), version=(2, 0)))
put("version3.npy", npy(ramp("<f4"), version=(3, 0)))
put("fortran.npy", npy(np.arange(24, dtype="<f4").reshape(2, 3, 4), fortran=True))
put("scalar.npy", npy(np.array(2.5, dtype="<f4")))
put("wide.npy", npy(np.array([1, 2**40], dtype="<i8")))
put("half.npy", npy(ramp("<f4").astype("<f2")))

# ---- .npz: stored, deflated, several arrays, and one whose directory is zip64
def npz(names, method):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in names.items():
            archive.writestr(zipfile.ZipInfo(name + ".npy"), npy(data), compress_type=method)
    return out.getvalue()


put("stored.npz", npz({"x": ramp("<f4")}, zipfile.ZIP_STORED))
put("deflated.npz", npz({"x": ramp("<f4")}, zipfile.ZIP_DEFLATED))
put("two.npz", npz({"x": ramp("<f4"), "y": ramp("|u1")}, zipfile.ZIP_DEFLATED))


def zip64(data):
    """Rewrites the directory of a one-member archive with all sizes and offsets in zip64 fields."""
    end = data.rindex(b"PK\5\6")
    size, offset = struct.unpack("<II", data[end + 12 : end + 20])
    entry = bytearray(data[offset : offset + size])
    packed, plain = struct.unpack("<II", entry[20:28])
    (place,) = struct.unpack("<I", entry[42:46])
    entry[20:28] = b"\xff" * 8
    entry[42:46] = b"\xff" * 4
    extra = struct.pack("<HHQQQ", 1, 24, plain, packed, place)
    entry[30:32] = struct.pack("<H", len(extra))
    directory = bytes(entry) + extra
    record = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, 1, 1, len(directory), offset)
    locator = struct.pack("<IIQI", 0x07064B50, 0, offset + len(directory), 1)
    last = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return data[:offset] + directory + record + locator + last


put("zip64.npz", zip64(npz({"x": ramp("<f4")}, zipfile.ZIP_STORED)))

# ---- gzip: one member, two members, padding, and a bomb of a megabyte of zeros
put("one.gz", gzip.compress(b"pagefold " * 5, mtime=0))
put("two-members.gz", gzip.compress(b"page", mtime=0) + gzip.compress(b"fold", mtime=0))
put("padded.gz", gzip.compress(b"pagefold", mtime=0) + bytes(16))
put("bomb.gz", gzip.compress(bytes(1 << 20), mtime=0))
put("ramp.npy.gz", gzip.compress(npy(ramp("<f4")), mtime=0))

# ---- tar: ustar, GNU long name, pax long name
def tar(format, names):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(name)
            archive.addfile(info, io.BytesIO(name.encode()))
    return out.getvalue()[:8192]


put("ustar.tar", tar(tarfile.USTAR_FORMAT, ["folder/a.txt", "p" * 90 + "/" + "n" * 90]))
put("gnu.tar", tar(tarfile.GNU_FORMAT, ["l" * 150, "after"]))
put("pax.tar", tar(tarfile.PAX_FORMAT, ["l" * 150, "after"]))

# ---- WAV: the values -1, -0.5, 0, 0.5 in each encoding
quarters = np.array([-1, -0.5, 0, 0.5])


def wav(array):
    out = io.BytesIO()
    scipy.io.wavfile.write(out, 8000, array)
    return out.getvalue()


put("pcm8.wav", wav((quarters * 128 + 128).astype("u1")))
put("pcm16.wav", wav((quarters * 2**15).astype("i2")))
put("pcm32.wav", wav((quarters * 2**31).astype("i4")))
put("float32.wav", wav(quarters.astype("f4")))
put("stereo.wav", wav(np.stack([quarters * 2**15, -quarters * 2**14], 1).astype("i2")))
out = io.BytesIO()
with wave.open(out, "wb") as file:
    file.setparams((1, 3, 8000, 0, "NONE", ""))
    file.writeframes(b"".join(int(v * 2**23).to_bytes(3, "little", signed=True) for v in quarters))
put("pcm24.wav", out.getvalue())
body = (quarters * 2**15).astype("<i2").tobytes()
form = struct.pack("<HHIIHHHHI", 0xFFFE, 1, 8000, 16000, 2, 16, 22, 16, 4) + struct.pack("<H", 1) + bytes(14)
chunks = b"LIST" + struct.pack("<I", 3) + b"odd\0" + b"fmt " + struct.pack("<I", len(form)) + form
chunks += b"data" + struct.pack("<I", len(body)) + body
put("extensible.wav", b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)

# ---- Fourier transform: rows real in, imaginary in, real out, imaginary out
for size in [1, 2, 10, 16, 64]:
    x = rng.standard_normal((2, size)).astype("<f4")
    y = np.fft.fft(x[0] + 1j * x[1].astype("f8"))
    put(f"fourier-{size}.npy", npy(np.stack([x[0], x[1], y.real, y.imag]).astype("<f4")))


# ---- MFCC, by the formula in MFCC.swift, in float64
def mfcc(signal, rate=8000, length=256, hop=128, fft=256, bands=40, frames=61, first=1, count=13):
    span = (frames - 1) * hop + length
    start = (len(signal) - span) // 2
    padded = np.zeros(span)
    low, high = max(start, 0), min(start + span, len(signal))
    padded[low - start : high - start] = signal[low:high]
    window = scipy.signal.get_window("hann", length, fftbins=True)
    rows = np.stack([padded[t * hop : t * hop + length] * window for t in range(frames)])
    power = np.abs(np.fft.rfft(rows, fft)) ** 2 / fft
    mel = np.linspace(0, 2595 * np.log10(1 + rate / 2 / 700), bands + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    bins = np.fft.rfftfreq(fft, 1 / rate)
    up = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    down = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    energies = np.log(np.maximum(power @ np.maximum(0, np.minimum(up, down)).T, 1e-10))
    return scipy.fft.dct(energies, type=2, norm="ortho", axis=1)[:, first : first + count]


time = np.arange(11000) / 8000
sweep = 0.4 * np.sin(2 * np.pi * (200 + 900 * time) * time) + 0.02 * rng.standard_normal(len(time))
long, short = sweep.astype("<f4"), sweep[:3001].astype("<f4")
put("signal-long.npy", npy(long))
put("mfcc-long.npy", npy(mfcc(long.astype("f8")).astype("<f4")))
put("mfcc-short.npy", npy(mfcc(short.astype("f8")).astype("<f4")))
put("mfcc-other.npy", npy(mfcc(short.astype("f8"), length=200, hop=80, bands=20, frames=9, first=0, count=20).astype("<f4")))

# ---- log-mel segments and their delta
clip = rng.integers(60, 200, (5, 100)).astype("u1")
clip[:, 60:] = 0
segments = []
for start in range(0, 100 - 41 + 1, 20):
    part = clip[:, start : start + 41] * 0.5 - 80
    delta = scipy.signal.savgol_filter(part, 9, polyorder=1, deriv=1, axis=1, mode="interp")
    segments.append(np.stack([part, delta]))
put("clip.npy", npy(clip))
put("segments.npy", npy(np.stack(segments).astype("<f4")))

# ---- windows of readings: numpy's interpolation and transform
readings = rng.standard_normal((250, 6)).astype("<f4")
rows = []
for interval in range(20):
    places = interval * 12.5 + np.arange(10) * 1.25
    row = []
    for channel in range(6):
        spectrum = np.fft.fft(np.interp(places, np.arange(250), readings[:, channel].astype("f8")))
        row += [spectrum.real, spectrum.imag]
    rows.append(np.concatenate(row))
put("readings.npy", npy(readings))
put("windows.npy", npy(np.stack(rows).astype("<f4")))
