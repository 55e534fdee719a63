#!/usr/bin/env python3
"""Writes resampled.npz: signals at other rates by scipy.signal.resample_poly (SciPy, NumPy 2) with a long Kaiser window, and a
log-mel spectrogram by its formula in float64. Run in this folder, look at the difference, commit."""
import numpy as np
import scipy.signal

rng = np.random.default_rng(7)


def tone(rate):
    t = np.arange(rate // 2) / rate
    return (0.4 * np.sin(2 * np.pi * 440 * t) + 0.2 * np.sin(2 * np.pi * 1999 * t + 1)).astype("f4")


arrays = {}
for source, target in [(44100, 16000), (22050, 16000), (8000, 16000), (48000, 8000)]:
    arrays[f"{source}"] = tone(source)
    arrays[f"{source}-{target}"] = tone(target)


def logmel(signal, rate=16000, length=400, hop=160, fft=512, bands=40, frames=30, low=60, high=7600, floor=1e-10):
    span = (frames - 1) * hop + length
    start = (len(signal) - span) // 2
    padded = np.zeros(span)
    begin, end = max(start, 0), min(start + span, len(signal))
    padded[begin - start : end - start] = signal[begin:end]
    window = scipy.signal.get_window("hann", length, fftbins=True)
    power = np.abs(np.fft.rfft(np.stack([padded[t * hop : t * hop + length] * window for t in range(frames)]), fft)) ** 2 / fft
    mel = np.linspace(*(2595 * np.log10(1 + np.array([low, high]) / 700)), bands + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    bins = np.fft.rfftfreq(fft, 1 / rate)
    up = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    down = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    return 10 * np.log10(np.maximum(power @ np.maximum(0, np.minimum(up, down)).T, floor))


noise = (tone(16000) + 0.05 * rng.standard_normal(8000)).astype("f4")
arrays["noise"] = noise
arrays["logmel"] = logmel(noise.astype("f8")).astype("f4")
np.savez_compressed("resampled.npz", **arrays)
