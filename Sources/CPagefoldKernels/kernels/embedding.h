// Rows of a table by their numbers, forward beside backward, and one sample with the table in its pages.

/// The row that a number names; the nearest one where it names none.
PF_INLINE long pf_embedded_row(const pf_embedding *e, float number) {
    const float last = (float)(e->rows - 1);
    return number > 0 ? (long)(number < last ? number : last) : 0;
}

static void pf_set_embedding_forward(const pf_embedding *e, const float *x, const float *w, float *y) {
    const long length = e->length;
    for (long i = 0; i < e->count; i++, x += PF_LANES, y += length * PF_LANES) {
        const float *rows[PF_LANES];
        for (long lane = 0; lane < PF_LANES; lane++) rows[lane] = w + pf_embedded_row(e, x[lane]) * length;
        pf_set_transpose_block(PF_LANES, (size_t)length, rows, y);
    }
}

static size_t pf_set_embedding_scratch(const pf_embedding *e) {
    return sizeof(int32_t) * ((size_t)e->rows + (size_t)e->count);
}

static void pf_set_embedding_backward(
    const pf_embedding *e, const float *x, const float *dy, float *dw, int32_t squared, void *scratch
) {
    const long length = e->length;
    // The uses of a row in one sample as a list: the first of each row, and of each use the next.
    int32_t *first = scratch, *next = first + e->rows;
    for (long lane = 0; lane < PF_LANES; lane++) {
        for (long i = 0; i < e->count; i++) first[pf_embedded_row(e, x[i * PF_LANES + lane])] = -1;
        for (long i = e->count - 1; i >= 0; i--) {
            long row = pf_embedded_row(e, x[i * PF_LANES + lane]);
            next[i] = first[row];
            first[row] = (int32_t)i;
        }
        for (long i = 0; i < e->count; i++) {
            long row = pf_embedded_row(e, x[i * PF_LANES + lane]);
            if (first[row] != i) continue;
            for (long j = 0; j < length; j++) {
                float sum = 0;
                for (long use = i; use >= 0; use = next[use]) sum += dy[(use * length + j) * PF_LANES + lane];
                dw[row * length + j] += squared ? sum * sum : sum;
            }
        }
    }
}

static void pf_set_single_embedding(
    const pf_embedding *e, const pf_paged_weights *w, int64_t weights, int64_t scale, const float *x, float *y
) {
    for (long i = 0; i < e->count; i++, y += e->length) {
        long row = pf_embedded_row(e, x[i]);
        pf_set_gather_rows(w, weights + row * e->length, scale < 0 ? -1 : scale + row, 1, e->length, y);
    }
}
