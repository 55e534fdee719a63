// Weights rounded to numbers that a narrow frame holds, as floats again: what training sees of them. The codes
// themselves are written by PagefoldCore.

/// To the nearest whole number, ties to even; for values below 2^22.
PF_INLINE pf_v pf_nearest(pf_v value) {
    const float shift = 12582912.0f;  // 1.5 * 2^23: what is added to it loses its fraction
    return (value + shift) - shift;
}

PF_INLINE pf_v pf_clamp(pf_v value, float low, float high) {
    return pf_min(pf_max(value, pf_splat(low)), pf_splat(high));
}

/// To the nearest float16; what is too large becomes the largest.
PF_INLINE pf_v pf_nearest_half(pf_v value) {
    value = pf_clamp(value, -65504.0f, 65504.0f);
    pf_i bits = (pf_i)value;
    pf_i rounded = (bits + 0xFFF + ((bits >> 13) & 1)) & ~0x1FFF;
    // Below 2^-14 a float16 is a multiple of 2^-24.
    pf_v small = (value + 0.75f) - 0.75f;
    pf_v magnitude = pf_max(value, -value);
    return pf_select(magnitude < 0x1p-14f, small, (pf_v)rounded);
}

/// To the nearest float8; what is too large becomes the largest.
PF_INLINE pf_v pf_nearest_eighth(pf_v value) {
    value = pf_clamp(value, -448.0f, 448.0f);
    pf_i bits = (pf_i)value;
    pf_i rounded = (bits + 0x7FFFF + ((bits >> 20) & 1)) & ~0xFFFFF;
    // Below 2^-6 a float8 is a multiple of 2^-9.
    pf_v small = (value + 0x1.8p14f) - 0x1.8p14f;
    pf_v magnitude = pf_max(value, -value);
    return pf_select(magnitude < 0x1p-6f, small, (pf_v)rounded);
}

/// To a multiple of the quantum (half = 0), or to one and a half (half = 0.5), `numbers` on each side of 0.
PF_INLINE pf_v pf_nearest_code(pf_v value, float quantum, float inverse, float numbers, float half) {
    // Before it is shifted, so that it is never too large for that.
    pf_v place = pf_clamp(value * inverse, -numbers - 1, numbers + 1);
    return (pf_clamp(pf_nearest(place - half), -numbers, numbers - 1) + half) * quantum;
}

PF_INLINE pf_v pf_rounded(int32_t format, float quantum, float inverse, pf_v value) {
    if (format == PF_FLOAT32) return value;
    if (format == PF_FLOAT16) return pf_nearest_half(value);
    if (format == PF_FLOAT8) return pf_nearest_eighth(value);
    if (format == PF_FIXED16) return pf_nearest_code(value, 0x1p-8f, 0x1p8f, 32768, 0);
    return pf_nearest_code(value, quantum, inverse, (float)(1 << (pf_code_bits(format) - 1)), 0.5f);
}

static void pf_set_round_weights(size_t count, const float *w, int32_t format, float quantum, float *out) {
    float inverse = quantum > 0 ? 1 / quantum : 0;
    size_t i = 0;
    for (; i + PF_WIDTH <= count; i += PF_WIDTH) {
        pf_store_unaligned(out + i, pf_rounded(format, quantum, inverse, pf_load_unaligned(w + i)));
    }
    if (i < count) {
        pf_v value = pf_splat(0);
        memcpy(&value, w + i, (count - i) * sizeof(float));
        value = pf_rounded(format, quantum, inverse, value);
        memcpy(out + i, &value, (count - i) * sizeof(float));
    }
}
