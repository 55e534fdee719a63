// Gradient of a convolution's input: register tiles of channels x columns of dx, summed over the output
// channels of a piece and added to dx. Strided or dilated convolutions take the plain loop at the end.

/// Where one row of dx finds its gradients: rows ky_first...ky_last of the kernel reach it from the piece.
typedef struct {
    const pf_geometry *g;
    const float *dz,
        *w;  // dz: at kernel row 0 and output column -(kernel_w - 1); w: of the piece's first channel
    long dz_channel, dz_row;
    long channels, ky_first, ky_last;
} pf_input_job;

/// K: the kernel's width when known at compile time, else 0. first, last: the tile holds the first (last)
/// columns of dx, so that the products with the zeros beside dz are left out.
PF_INLINE void pf_input_sums(
    const int M, const int C, const int K, const int first, const int last, const pf_input_job *job,
    float *dx, long in, long column
) {
    const pf_geometry *g = job->g;
    const long kernel_w = K ? K : g->kernel_w, kernel = g->kernel_h * kernel_w;
    dx += in * g->x_channel + column * PF_LANES;
    PF_EACH_PART(part) {
        pf_v sums[PF_SUMS];
        PF_UNROLL for (int m = 0; m < M; m++) {
            PF_UNROLL for (int c = 0; c < C; c++) {
                sums[m * C + c] = pf_load(dx + m * g->x_channel + c * PF_LANES + part);
            }
        }
        const float *dz = job->dz + column * PF_LANES + part, *w = job->w + in * kernel;
        for (long out = 0; out < job->channels; out++, dz += job->dz_channel, w += g->taps) {
            for (long ky = job->ky_first; ky <= job->ky_last; ky++) {
                const float *z = dz - ky * job->dz_row, *weights = w + ky * kernel_w;
                if (K) {
                    PF_UNROLL for (int kx = 0; kx < K; kx++) {
                        if (PF_REGISTERS == 16) PF_FORGET(z);
                        PF_UNROLL for (int m = 0; m < M; m++) {
                            pf_v weight = pf_splat(weights[m * kernel + kx]);
                            PF_UNROLL for (int c = 0; c < C; c++) {
                                if ((first && c - kx < 0) || (last && c - kx > C - K)) continue;
                                sums[m * C + c] += pf_load(z + (c + K - 1 - kx) * PF_LANES) * weight;
                            }
                        }
                    }
                } else {
                    for (long kx = kernel_w - 1; kx >= 0; kx--, z += PF_LANES) {
                        PF_FORGET(z);
                        PF_UNROLL for (int m = 0; m < M; m++) {
                            pf_v weight = pf_splat(weights[m * kernel + kx]);
                            PF_UNROLL for (int c = 0; c < C; c++) {
                                sums[m * C + c] += pf_load(z + c * PF_LANES) * weight;
                            }
                        }
                    }
                }
            }
        }
        PF_UNROLL for (int m = 0; m < M; m++) {
            PF_UNROLL for (int c = 0; c < C; c++) {
                pf_store(dx + m * g->x_channel + c * PF_LANES + part, sums[m * C + c]);
            }
        }
    }
}

typedef void pf_input_tile(const pf_input_job *job, float *dx, long in, long column);

#define PF_INPUT_TILE(M, C, K, edge)                                                                         \
    PF_OUTLINE void pf_inputs_##M##_##C##_##K##_##edge(                                                      \
        const pf_input_job *j, float *dx, long in, long column                                               \
    ) {                                                                                                      \
        pf_input_sums(M, C, K, edge & 1, edge >> 1, j, dx, in, column);                                      \
    }
#define PF_INPUT_ENTRY(C, K, edge)                                                                           \
    {pf_inputs_4_##C##_##K##_##edge, pf_inputs_2_##C##_##K##_##edge, pf_inputs_1_##C##_##K##_##edge}
#define PF_INPUT_CHANNELS(C, K, edge)                                                                        \
    PF_INPUT_TILE(4, C, K, edge) PF_INPUT_TILE(2, C, K, edge) PF_INPUT_TILE(1, C, K, edge)
#define PF_INPUT_EDGES(C)                                                                                    \
    PF_INPUT_CHANNELS(C, 3, 0)                                                                               \
    PF_INPUT_CHANNELS(C, 3, 1) PF_INPUT_CHANNELS(C, 3, 2) PF_INPUT_CHANNELS(C, 3, 3)
#define PF_INPUT_EDGE_ENTRIES(C)                                                                             \
    {PF_INPUT_ENTRY(C, 3, 0), PF_INPUT_ENTRY(C, 3, 1), PF_INPUT_ENTRY(C, 3, 2), PF_INPUT_ENTRY(C, 3, 3)}

PF_INPUT_CHANNELS(1, 0, 0)
PF_INPUT_CHANNELS(2, 0, 0)
PF_INPUT_EDGES(2)
#if PF_REGISTERS == 32
PF_INPUT_CHANNELS(3, 0, 0)
PF_INPUT_EDGES(3)
PF_INPUT_CHANNELS(4, 0, 0)
PF_INPUT_CHANNELS(5, 0, 0)
PF_INPUT_CHANNELS(6, 0, 0)
PF_INPUT_EDGES(4)
PF_INPUT_EDGES(5)
PF_INPUT_EDGES(6)
#define PF_INPUT_COLUMNS 6
#else
#define PF_INPUT_COLUMNS 2
#endif

/// By columns, then channels (4, 2, 1).
static pf_input_tile *const pf_input_tiles[PF_INPUT_COLUMNS + 1][3] = {
    {0},
    PF_INPUT_ENTRY(1, 0, 0),
    PF_INPUT_ENTRY(2, 0, 0),
#if PF_REGISTERS == 32
    PF_INPUT_ENTRY(3, 0, 0),
    PF_INPUT_ENTRY(4, 0, 0),
    PF_INPUT_ENTRY(5, 0, 0),
    PF_INPUT_ENTRY(6, 0, 0),
#endif
};
/// For kernels three wide: by columns, then edge (1: first columns, 2: last, 3: both), then channels (4, 2,
/// 1).
static pf_input_tile *const pf_input_tiles_3[PF_INPUT_COLUMNS + 1][4][3] = {
    {{0}},
    {{0}},
    PF_INPUT_EDGE_ENTRIES(2),
#if PF_REGISTERS == 32
    PF_INPUT_EDGE_ENTRIES(3),
    PF_INPUT_EDGE_ENTRIES(4),
    PF_INPUT_EDGE_ENTRIES(5),
    PF_INPUT_EDGE_ENTRIES(6),
#endif
};

/// Adds to dx (with its strides g->x_*) what a piece that starts at output row `start` gives.
/// w: the weights of the piece's first channel; `left` zero columns stand at either side of each row of dz.
static void pf_input_gradient(
    const pf_geometry *g, const pf_piece *piece, long channels, long start, const float *w, float *dx
) {
    pf_input_job job = {g, 0, w, piece->dz_channel, piece->dz_row, channels, 0, 0};
    long width = g->columns + g->kernel_w - 1, parts = (width + PF_INPUT_COLUMNS - 1) / PF_INPUT_COLUMNS;
    for (long row = 0; row < piece->rows + g->kernel_h - 1; row++) {
        job.ky_first = pf_maximum(0, row - piece->rows + 1);
        job.ky_last = pf_minimum(g->kernel_h - 1, row);
        job.dz = piece->dz + row * piece->dz_row;
        float *dx_row = dx + (start + row) * g->x_row;
        long column = 0;
        for (long i = 0; i < parts; i++) {
            long columns = (width - column + parts - i - 1) / (parts - i);
            pf_input_tile *const *tiles = pf_input_tiles[columns];
            if (g->kernel_w == 3 && columns > 1) {
                tiles = pf_input_tiles_3[columns][(column == 0) + 2 * (column + columns == width)];
            }
            for (long in = 0; in < g->in;) {
                int kind = g->in - in >= 4 ? 0 : g->in - in >= 2 ? 1 : 2;
                tiles[kind](&job, dx_row, in, column);
                in += 4 >> kind;
            }
            column += columns;
        }
    }
}

/// The same for any stride and dilation: every gradient is added where its tap reads.
static void pf_input_gradient_apart(
    const pf_geometry *g, const pf_piece *piece, long channels, long start, const float *w, float *dx
) {
    for (long out = 0; out < channels; out++) {
        for (long tap = 0; tap < g->taps; tap++, w++) {
            long kx = tap % g->kernel_w, ky = tap / g->kernel_w % g->kernel_h,
                 in = tap / g->kernel_w / g->kernel_h;
            float weight = *w;
            for (long row = 0; row < piece->rows; row++) {
                const float *z = piece->dz + out * piece->dz_channel + row * piece->dz_row;
                float *target = dx + in * g->x_channel + (start + row) * g->step_row + ky * g->tap_row
                    + kx * g->tap_column;
                for (long column = 0; column < piece->columns; column++) {
                    PF_EACH_PART(part) {
                        float *p = target + column * g->step_column + part;
                        pf_store(p, pf_load(p) + pf_load(z + column * PF_LANES + part) * weight);
                    }
                }
            }
        }
    }
}
