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

/// To the nearest float of a format narrower than float32; what is too large becomes the largest.
PF_INLINE pf_v pf_nearest_float(pf_v value, const pf_number_traits traits) {
    value = pf_clamp(value, -traits.largest, traits.largest);
    const int32_t one = 1 << (23 - traits.fraction);
    pf_i bits = (pf_i)value;
    pf_i rounded = (bits + (one / 2 - 1) + ((bits >> (23 - traits.fraction)) & 1)) & -one;
    // Subnormal numbers are whole multiples of the smallest: what is added loses the rest, as in pf_nearest.
    const float shift = 1.5f * (float)one * traits.smallest_normal;
    pf_v small = (value + shift) - shift;
    pf_v magnitude = pf_max(value, -value);
    return pf_select(magnitude < traits.smallest_normal, small, (pf_v)rounded);
}

/// To a multiple of the quantum (half = 0), or to one and a half (half = 0.5), `numbers` on each side of 0.
PF_INLINE pf_v pf_nearest_code(pf_v value, float quantum, float inverse, float numbers, float half) {
    // Before it is shifted, so that it is never too large for that.
    pf_v place = pf_clamp(value * inverse, -numbers - 1, numbers + 1);
    return (pf_clamp(pf_nearest(place - half), -numbers, numbers - 1) + half) * quantum;
}

/// `format` is known when this is compiled.
PF_INLINE pf_v pf_rounded(pf_v value, float quantum, float inverse, const int32_t format) {
    const pf_number_traits traits = pf_number_table[format];
    const float numbers = 0.5f * (float)(1ll << traits.bits);
    switch (traits.kind) {
    case PF_KIND_FLOAT: return traits.bits == 32 ? value : pf_nearest_float(value, traits);
    case PF_KIND_FIXED:
        return pf_nearest_code(value, traits.smallest_normal, 1 / traits.smallest_normal, numbers, 0);
    case PF_KIND_WHOLE: return pf_nearest_code(value, quantum, inverse, numbers, 0.5f);
    }
}

static void pf_set_round_weights(size_t count, const float *w, int32_t format, float quantum, float *out) {
    const float inverse = quantum > 0 ? 1 / quantum : 0;
    size_t i = 0;
    pf_v last = pf_splat(0);
#define PF_ROUND(format)                                                                                     \
    for (; i + PF_WIDTH <= count; i += PF_WIDTH) {                                                           \
        pf_store_unaligned(out + i, pf_rounded(pf_load_unaligned(w + i), quantum, inverse, format));         \
    }                                                                                                        \
    if (i < count) {                                                                                         \
        memcpy(&last, w + i, (count - i) * sizeof(float));                                                   \
        last = pf_rounded(last, quantum, inverse, format);                                                   \
        memcpy(out + i, &last, (count - i) * sizeof(float));                                                 \
    }
    PF_FOR_FORMAT(format, PF_ROUND)
#undef PF_ROUND
}
