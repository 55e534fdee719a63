// Dense layers and closing functions of one sample. A vector is PF_WIDTH neighbouring inputs: rows of weights are read
// as they lie, from run to run.

/// -1 in the last `n` lanes of a vector that begins at entry `n`.
static const int32_t pf_last_lanes[2 * PF_WIDTH] = {
    [PF_WIDTH] = -1, [PF_WIDTH + 1] = -1, [PF_WIDTH + 2] = -1, [PF_WIDTH + 3] = -1,
#if PF_WIDTH >= 8
    [PF_WIDTH + 4] = -1, [PF_WIDTH + 5] = -1, [PF_WIDTH + 6] = -1, [PF_WIDTH + 7] = -1,
#endif
#if PF_WIDTH >= 16
    [PF_WIDTH + 8] = -1, [PF_WIDTH + 9] = -1, [PF_WIDTH + 10] = -1, [PF_WIDTH + 11] = -1,
    [PF_WIDTH + 12] = -1, [PF_WIDTH + 13] = -1, [PF_WIDTH + 14] = -1, [PF_WIDTH + 15] = -1,
#endif
};

/// Adds the products of a run to four sums, lane by lane, and those of a run shorter than a vector to `rest`.
PF_INLINE void pf_format_products(
    const pf_numbers *w, const float *x, long length, pf_v *sums, float *rest, const int32_t format
) {
    long i = 0;
    for (; i + 4 * PF_WIDTH <= length; i += 4 * PF_WIDTH) {
        PF_UNROLL for (int v = 0; v < 4; v++) {
            sums[v] += pf_load_numbers(w, i + v * PF_WIDTH, format) * pf_load_unaligned(x + i + v * PF_WIDTH);
        }
    }
    if (i + 2 * PF_WIDTH <= length) {
        PF_UNROLL for (int v = 0; v < 2; v++) {
            sums[v] += pf_load_numbers(w, i + v * PF_WIDTH, format) * pf_load_unaligned(x + i + v * PF_WIDTH);
        }
        i += 2 * PF_WIDTH;
    }
    if (i + PF_WIDTH <= length) {
        sums[2] += pf_load_numbers(w, i, format) * pf_load_unaligned(x + i);
        i += PF_WIDTH;
    }
    long left = length - i;
    if (left > 0 && length >= PF_WIDTH) {
        // The last vector again, without what has been taken.
        pf_i mask;
        memcpy(&mask, pf_last_lanes + left, sizeof mask);
        i = length - PF_WIDTH;
        sums[3] += pf_select(mask, pf_load_numbers(w, i, format) * pf_load_unaligned(x + i), pf_splat(0));
    } else {
        for (; i < length; i++) *rest += pf_number_at(w, i, format) * x[i];
    }
}

PF_INLINE void pf_run_products(const pf_numbers *w, const float *x, long length, pf_v *sums, float *rest) {
#define PF_PRODUCTS(format) pf_format_products(w, x, length, sums, rest, format)
    PF_FOR_FORMAT(w->format, PF_PRODUCTS)
#undef PF_PRODUCTS
}

static void pf_set_single_dense(
    const pf_dense *dense, const pf_paged_weights *w, int64_t weights, int64_t scale, int64_t bias,
    const float *x, float *y
) {
    pf_cursor cursor = pf_cursor_at(w, weights);
    for (long first = 0; first < dense->features_out; first += PF_WIDTH) {
        long rows = pf_minimum(dense->features_out - first, PF_WIDTH);
        pf_v sums[PF_WIDTH];
        _Alignas(64) float rest[PF_WIDTH] = {0}, scales[PF_WIDTH], biases[PF_WIDTH];
        for (long r = 0; r < rows; r++) {
            pf_v sum[4] = {pf_splat(0), pf_splat(0), pf_splat(0), pf_splat(0)};
            for (long i = 0; i < dense->features_in;) {
                long length;
                pf_numbers run = pf_run(&cursor, dense->features_in - i, &length);
                pf_run_products(&run, x + i, length, sum, rest + r);
                i += length;
            }
            sums[r] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
        }
        for (long r = rows; r < PF_WIDTH; r++) {
            sums[r] = pf_splat(0);
            scales[r] = biases[r] = 0;
        }
        pf_vector_or(w, scale, first, rows, 1, scales);
        pf_vector_or(w, bias, first, rows, 0, biases);
        pf_v value = (pf_fold(sums) + pf_load(rest)) * pf_load(scales) + pf_load(biases);
        value = pf_activate(dense->activation, dense->alpha, dense->beta, value);
        memcpy(y + first, &value, (size_t)rows * sizeof(float));
    }
}

static void pf_set_single_activation(int32_t activation, float alpha, float beta, size_t count, const float *x, float *y) {
    for (size_t i = 0; i < count; i += PF_WIDTH) {
        size_t n = count - i < PF_WIDTH ? count - i : PF_WIDTH;
        pf_v value = pf_splat(0);
        memcpy(&value, x + i, n * sizeof(float));
        value = pf_activate(activation, alpha, beta, value);
        memcpy(y + i, &value, n * sizeof(float));
    }
}

static void pf_set_single_softmax(int32_t classes, const float *x, float *y) {
    float most = x[0], sum = 0;
    for (int32_t i = 1; i < classes; i++) most = x[i] > most ? x[i] : most;
    for (int32_t i = 0; i < classes; i += PF_WIDTH) {
        int32_t n = classes - i < PF_WIDTH ? classes - i : PF_WIDTH;
        pf_v value = pf_splat(0);
        memcpy(&value, x + i, (size_t)n * sizeof(float));
        value = pf_exp(value - most);
        memcpy(y + i, &value, (size_t)n * sizeof(float));
    }
    for (int32_t i = 0; i < classes; i++) sum += y[i];
    for (int32_t i = 0; i < classes; i++) y[i] /= sum;
}
