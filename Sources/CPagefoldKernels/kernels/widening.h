// What the codes of weights mean: numbers of a fold file widened to float32, a register at a time (docs/format.md,
// "Frames"). Where they lie is in paged_weights.h. A `const int32_t format` is known when its function is compiled.

/// Numbers of one format that follow each other, from the one called `first`.
typedef struct {
    const void *codes;
    long first;
    int32_t format;  // pf_number_format
    float quantum;   // of formats that have one
} pf_numbers;

/// What turns the pattern of a float, its fraction moved to that of float32, into the number: the exponents differ by a
/// constant, those of subnormal numbers too.
PF_INLINE float pf_float_factor(const int32_t format) { return pf_number_table[format].smallest_normal * 0x1p126f; }

/// The number that a code means.
PF_INLINE float pf_decode(uint32_t code, float quantum, const int32_t format) {
    const pf_number_traits traits = pf_number_table[format];
    const uint32_t sign = 1u << (traits.bits - 1);
    switch (traits.kind) {
    case PF_KIND_FLOAT: {
        uint32_t pattern = (code & (sign - 1)) << (23 - traits.fraction);
        float magnitude;
        memcpy(&magnitude, &pattern, sizeof magnitude);
        magnitude *= pf_float_factor(format);
        return code & sign ? -magnitude : magnitude;
    }
    case PF_KIND_FIXED: return (float)((int32_t)(code ^ sign) - (int32_t)sign) * traits.smallest_normal;
    case PF_KIND_WHOLE: return (float)(2 * (int32_t)code - (1 << traits.bits) + 1) * (0.5f * quantum);
    }
}

PF_INLINE float pf_quantum(const pf_frames *frames, long frame) {
    return pf_number_table[frames->format].kind == PF_KIND_WHOLE
        ? pf_decode(((const uint16_t *)frames->quanta)[frame], 1, PF_FLOAT16) : 1;
}

/// PF_WIDTH codes of 1 to 4 bits from code `index` on. Reads up to eight bytes behind the first.
PF_INLINE pf_i pf_load_narrow(const uint8_t *p, long index, const int bits) {
    // So many codes come out of the low half of eight bytes, wherever in the first byte they begin.
    const int many = 32 / bits;
    pf_i codes;
    PF_UNROLL for (int part = 0; part * many < PF_WIDTH; part++) {
        long bit = (index + part * many) * bits;
        uint64_t chunk;
        memcpy(&chunk, p + (bit >> 3), sizeof chunk);
        pf_i word = (pf_i)(int32_t)(uint32_t)(chunk >> (bit & 7));
        pf_i shifts, here;
        PF_UNROLL for (int lane = 0; lane < PF_WIDTH; lane++) {
            int place = lane - part * many;
            int mine = place >= 0 && place < many;
            shifts[lane] = mine ? place * bits : 0;
            here[lane] = mine ? -1 : 0;
        }
        word = (word >> shifts) & here;
        codes = part == 0 ? word : codes | word;
    }
    return codes & ((1 << bits) - 1);
}

/// PF_WIDTH codes from code `index` on, not below zero.
PF_INLINE pf_i pf_load_codes(const void *codes, long index, const int bits) {
    if (bits == 16) {
        pf_h halves;
        memcpy(&halves, (const uint16_t *)codes + index, sizeof halves);
        return __builtin_convertvector(halves, pf_i);
    }
    if (bits == 8) {
        pf_b bytes;
        memcpy(&bytes, (const uint8_t *)codes + index, sizeof bytes);
        return __builtin_convertvector(bytes, pf_i);
    }
    return pf_load_narrow(codes, index, bits);
}

/// PF_WIDTH numbers from number i of the run on.
PF_INLINE pf_v pf_load_numbers(const pf_numbers *run, long i, const int32_t format) {
    const pf_number_traits traits = pf_number_table[format];
    const long index = run->first + i;
    if (traits.bits == 32) return pf_load_unaligned((const float *)run->codes + index);
    const pf_i codes = pf_load_codes(run->codes, index, traits.bits);
    const int32_t sign = 1 << (traits.bits - 1);
    switch (traits.kind) {
    case PF_KIND_FLOAT: {
        pf_v magnitude = (pf_v)((codes & (sign - 1)) << (23 - traits.fraction)) * pf_float_factor(format);
        return (pf_v)((pf_i)magnitude | ((codes & sign) << (32 - traits.bits)));
    }
    case PF_KIND_FIXED: return __builtin_convertvector((codes ^ sign) - sign, pf_v) * traits.smallest_normal;
    case PF_KIND_WHOLE:
        // Exact in whatever order: 20 bits at most.
        return __builtin_convertvector(codes, pf_v) * run->quantum - traits.largest * run->quantum;
    }
}

/// The number i of the run.
PF_INLINE float pf_number_at(const pf_numbers *run, long i, const int32_t format) {
    const int bits = pf_number_table[format].bits;
    const long index = run->first + i;
    if (bits == 32) return ((const float *)run->codes)[index];
    if (bits == 16) return pf_decode(((const uint16_t *)run->codes)[index], 1, format);
    if (bits == 8) return pf_decode(((const uint8_t *)run->codes)[index], run->quantum, format);
    // A narrower code may lie in two bytes.
    const long bit = index * bits;
    uint16_t pair;
    memcpy(&pair, (const char *)run->codes + (bit >> 3), sizeof pair);
    return pf_decode((pair >> (bit & 7)) & ((1 << bits) - 1), run->quantum, format);
}

/// Writes `count` numbers as float32. A last vector that is not full is taken one by one.
PF_OUTLINE void pf_widen(const pf_numbers *run, long count, float *to) {
    long i = 0;
#define PF_WIDEN(format)                                                                                     \
    for (; i + PF_WIDTH <= count; i += PF_WIDTH) pf_store_unaligned(to + i, pf_load_numbers(run, i, format)); \
    for (; i < count; i++) to[i] = pf_number_at(run, i, format)
    PF_FOR_FORMAT(run->format, PF_WIDEN)
#undef PF_WIDEN
}
