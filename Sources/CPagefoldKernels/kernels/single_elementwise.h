// What is added to and multiplied with each channel of one sample. Numbers from behind a page table come a few
// channels at a time. Nothing is read or written behind a value.

/// y = x scale + shift over one channel.
PF_INLINE void pf_single_channel(long spatial, float scale, float shift, const float *x, float *y) {
    long i = 0;
    for (; i + PF_WIDTH <= spatial; i += PF_WIDTH) {
        pf_store_unaligned(y + i, pf_load_unaligned(x + i) * scale + shift);
    }
    for (; i < spatial; i++) y[i] = x[i] * scale + shift;
}

static void pf_set_single_bias(
    int32_t channels, int32_t spatial, const pf_paged_weights *w, int64_t bias, const float *x, float *y
) {
    pf_cursor cursor = pf_cursor_at(w, bias);
    for (long first = 0; first < channels; first += PF_LANES) {
        long count = pf_minimum(channels - first, PF_LANES);
        float shift[PF_LANES];
        pf_gather(&cursor, count, shift);
        for (long c = 0; c < count; c++, x += spatial, y += spatial) pf_single_channel(spatial, 1, shift[c], x, y);
    }
}

static void pf_set_single_batch_norm(
    int32_t channels, int32_t spatial, float epsilon, const pf_paged_weights *w, int64_t weights, const float *x,
    float *y
) {
    pf_cursor vectors[4];  // gamma, beta, mean, variance
    for (long k = 0; k < 4; k++) vectors[k] = pf_cursor_at(w, weights + k * channels);
    for (long first = 0; first < channels; first += PF_LANES) {
        long count = pf_minimum(channels - first, PF_LANES);
        float values[4][PF_LANES];
        for (long k = 0; k < 4; k++) pf_gather(&vectors[k], count, values[k]);
        for (long c = 0; c < count; c++, x += spatial, y += spatial) {
            float scale = values[0][c] / __builtin_elementwise_sqrt(values[3][c] + epsilon);
            pf_single_channel(spatial, scale, values[1][c] - values[2][c] * scale, x, y);
        }
    }
}
