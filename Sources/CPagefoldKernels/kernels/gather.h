// Weights from behind a page table, copied to where they lie together: for kernels of blocks, which read whole rows of
// plain weights. Nothing is multiplied but rows by their scales.

static void pf_set_gather_weights(const pf_paged_weights *w, int64_t offset, int64_t count, float *out) {
    pf_cursor cursor = pf_cursor_at(w, offset);
    pf_gather(&cursor, count, out);
}

static void pf_set_gather_rows(
    const pf_paged_weights *w, int64_t offset, int64_t scale, int64_t rows, int64_t length, float *out
) {
    if (scale < 0) {
        pf_set_gather_weights(w, offset, rows * length, out);
        return;
    }
    pf_cursor cursor = pf_cursor_at(w, offset), scales = pf_cursor_at(w, scale);
    for (int64_t row = 0; row < rows; row++) {
        float factor;
        pf_gather(&scales, 1, &factor);
        pf_gather(&cursor, length, out);
        for (int64_t i = 0; i < length; i++) out[i] *= factor;
        out += length;
    }
}
