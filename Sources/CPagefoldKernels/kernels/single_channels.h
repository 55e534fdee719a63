// Parametric ReLU of one sample: slopes come from behind the page table a few channels at a time.

static void pf_set_single_parametric_relu(
    int32_t channels, int32_t spatial, const pf_paged_weights *w, int64_t slope, const float *x, float *y
) {
    pf_cursor cursor = pf_cursor_at(w, slope);
    for (long first = 0; first < channels; first += PF_LANES) {
        long count = pf_minimum(channels - first, PF_LANES);
        float slopes[PF_LANES];
        pf_gather(&cursor, count, slopes);
        for (long c = 0; c < count; c++, x += spatial, y += spatial) {
            long i = 0;
            for (; i + PF_WIDTH <= spatial; i += PF_WIDTH) {
                pf_v v = pf_load_unaligned(x + i);
                pf_store_unaligned(y + i, pf_select(v > pf_splat(0), v, v * slopes[c]));
            }
            for (; i < spatial; i++) y[i] = x[i] > 0 ? x[i] : slopes[c] * x[i];
        }
    }
}
