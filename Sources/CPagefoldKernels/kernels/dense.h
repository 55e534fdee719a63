// Dense layer, forward beside backward. Weights are read in place, row-major; only a block of x is ever
// transposed.

/// y[o] = activation(bias[o] + sum over i of w[o][i] x[i]) for M outputs.
PF_INLINE void pf_dense_sums(
    const int M, const pf_dense *d, const float *x, const float *w, const float *bias, float *y
) {
    PF_EACH_PART(part) {
        pf_v sums[PF_SUMS];
        PF_UNROLL for (int m = 0; m < M; m++)
            sums[m] = pf_splat(bias ? bias[m] : 0);
        const long in = d->features_in;
        for (long i = 0; i < in; i++) {
            pf_v value = pf_load(x + i * PF_LANES + part);
            PF_UNROLL for (int m = 0; m < M; m++)
                sums[m] += value * w[m * in + i];
        }
        PF_UNROLL for (int m = 0; m < M; m++) {
            pf_store(y + m * PF_LANES + part, pf_activate(d->activation, d->alpha, d->beta, sums[m]));
        }
    }
}

/// dx[i] = sum over o of w[o][i] dz[o] for M inputs.
PF_INLINE void pf_dense_inputs(const int M, const pf_dense *d, const float *dz, const float *w, float *dx) {
    PF_EACH_PART(part) {
        pf_v sums[PF_SUMS];
        PF_UNROLL for (int m = 0; m < M; m++)
            sums[m] = pf_splat(0);
        const float *row = w;
        for (long o = 0; o < d->features_out; o++, row += d->features_in) {
            pf_v value = pf_load(dz + o * PF_LANES + part);
            PF_UNROLL for (int m = 0; m < M; m++)
                sums[m] += value * row[m];
        }
        PF_UNROLL for (int m = 0; m < M; m++)
            pf_store(dx + m * PF_LANES + part, sums[m]);
    }
}

#define PF_DENSE_TILE(M)                                                                                     \
    PF_OUTLINE void pf_dense_sums_##M(                                                                       \
        const pf_dense *d, const float *x, const float *w, const float *bias, float *y                       \
    ) {                                                                                                      \
        pf_dense_sums(M, d, x, w, bias, y);                                                                  \
    }                                                                                                        \
    PF_OUTLINE void pf_dense_inputs_##M(const pf_dense *d, const float *dz, const float *w, float *dx) {     \
        pf_dense_inputs(M, d, dz, w, dx);                                                                    \
    }
#if PF_REGISTERS == 32
#define PF_DENSE_MOST 16
PF_DENSE_TILE(16)
#else
#define PF_DENSE_MOST 8
#endif
PF_DENSE_TILE(8)
PF_DENSE_TILE(4)
PF_DENSE_TILE(2)
PF_DENSE_TILE(1)

typedef void pf_dense_sums_tile(
    const pf_dense *d, const float *x, const float *w, const float *bias, float *y
);
typedef void pf_dense_inputs_tile(const pf_dense *d, const float *dz, const float *w, float *dx);
static const struct {
    long count;
    pf_dense_sums_tile *sums;
    pf_dense_inputs_tile *inputs;
} pf_dense_tiles[] = {
#if PF_REGISTERS == 32
    {16, pf_dense_sums_16, pf_dense_inputs_16},
#endif
    {8, pf_dense_sums_8, pf_dense_inputs_8},    {4, pf_dense_sums_4, pf_dense_inputs_4},
    {2, pf_dense_sums_2, pf_dense_inputs_2},    {1, pf_dense_sums_1, pf_dense_inputs_1},
};

static void pf_set_dense_forward(
    const pf_dense *d, const float *x, const float *w, const float *bias, float *y, void *scratch
) {
    (void)scratch;
    long out = 0;
    for (int kind = 0; out < d->features_out; kind++) {
        for (; out + pf_dense_tiles[kind].count <= d->features_out; out += pf_dense_tiles[kind].count) {
            pf_dense_tiles[kind].sums(
                d, x, w + out * d->features_in, bias ? bias + out : 0, y + out * PF_LANES
            );
        }
    }
}

static void pf_set_dense_backward(
    const pf_dense *d, const float *x, const float *w, const float *y, const float *dy, float *dx, float *dw,
    float *db, int32_t squared, void *scratch
) {
    float *dz = scratch, *transposed = dz + (long)d->features_out * PF_LANES;
    for (long i = 0; i < (long)d->features_out * PF_LANES; i += PF_WIDTH) {
        pf_store(dz + i, pf_activate_backward(d->activation, d->alpha, d->beta, pf_load(y + i), pf_load(dy + i)));
    }
    if (db) pf_add_lane_sums(dz, d->features_out, squared, db);
    if (dx) {
        long in = 0;
        for (int kind = 0; in < d->features_in; kind++) {
            for (; in + pf_dense_tiles[kind].count <= d->features_in; in += pf_dense_tiles[kind].count) {
                pf_dense_tiles[kind].inputs(d, dz, w + in, dx + in * PF_LANES);
            }
        }
    }
    // One position, so the square of a lane's gradient is the product of the squares.
    if (squared) {
        for (long i = 0; i < (long)d->features_out * PF_LANES; i += PF_WIDTH) {
            pf_store(dz + i, pf_load(dz + i) * pf_load(dz + i));
        }
    }
    long row = pf_round_up(d->features_in);
    pf_transpose_vectors(x, d->features_in, transposed, row, squared);
    pf_add_product(
        d->features_out, d->features_in, dz, PF_LANES, 0, 1, PF_LANES, transposed, row, dw, d->features_in
    );
}

static size_t pf_set_dense_scratch(const pf_dense *d) {
    return sizeof(float) * (size_t)((d->features_out + pf_round_up(d->features_in)) * (long)PF_LANES) + 64;
}
