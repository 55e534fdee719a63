// Strides of one convolution in floats, its padded input, and how its scratch is divided. No arithmetic on
// samples.

/// The convolution as the tiles see it: an input without padding (a padded copy if need be) and the output
/// that is really computed (a row or column that the pool drops is never computed, and its gradient is zero).
typedef struct {
    long groups, in, out;           // channels per group
    long height, width;             // of the padded input
    long rows, columns;             // of the output that is computed
    long kernel_h, kernel_w, taps;  // taps: weights per output channel
    long x_channel, x_row;          // from channel to channel, row to row of x
    long tap_row, tap_column;       // from tap to tap (dilation)
    long step_row, step_column;     // from output to output (stride)
    int padded, unit;               // unit: neighbouring taps and outputs are neighbours in a row of x
} pf_geometry;

static pf_geometry pf_geometry_of(const pf_convolution *c) {
    pf_geometry g = {0};
    g.groups = c->groups > 0 ? c->groups : 1;
    g.in = c->channels_in / g.groups;
    g.out = c->channels_out / g.groups;
    g.kernel_h = c->kernel_h;
    g.kernel_w = c->kernel_w;
    g.taps = g.in * g.kernel_h * g.kernel_w;
    long down = c->dilation_h > 0 ? c->dilation_h : 1, across = c->dilation_w > 0 ? c->dilation_w : 1;
    long reach_h = (c->height_out - 1L) * c->stride_h + (c->kernel_h - 1) * down + 1;
    long reach_w = (c->width_out - 1L) * c->stride_w + (c->kernel_w - 1) * across + 1;
    g.padded = c->pad_top > 0 || c->pad_left > 0 || reach_h > c->height_in || reach_w > c->width_in;
    g.height = g.padded ? pf_maximum(reach_h, c->pad_top + c->height_in) : c->height_in;
    g.width = g.padded ? pf_maximum(reach_w, c->pad_left + c->width_in) : c->width_in;
    g.rows = c->pool ? c->height_out / 2 * 2 : c->height_out;
    g.columns = c->pool ? c->width_out / 2 * 2 : c->width_out;
    g.x_row = g.width * PF_LANES;
    g.x_channel = g.height * g.x_row;
    g.tap_row = down * g.x_row;
    g.tap_column = across * PF_LANES;
    g.step_row = c->stride_h * g.x_row;
    g.step_column = c->stride_w * PF_LANES;
    g.unit = c->stride_w == 1 && across == 1;
    return g;
}

// Scratch, in floats, in this order: padded x, padded dx, gradients before the pool, sums of weight
// gradients.
#define PF_GRADIENT_FLOATS (192 * 256)  // what stays near in the second-level cache
#define PF_GRADIENT_NEAR (20 * 256)     // what stays in the first-level cache beside x
// Up to so many positions the sums over the lanes would cost more than transposing x.
#ifndef PF_FEW_POSITIONS
#define PF_FEW_POSITIONS 24
#endif

/// How the backward pass cuts the gradient before the pool into pieces that stay in cache.
typedef struct {
    long channels, rows;  // output channels and rows of a piece
    long left, width;     // zero columns at either side, and the whole width of a row
    int product;          // the weight gradient is taken as a matrix product
    long product_rows;    // then: output rows that one product takes,
    long product_row;     // and floats from row to row of its transposed input (an odd number of cache lines)
    size_t padded, gradient, sums;  // sizes in floats
} pf_division;

static pf_division pf_divide(const pf_convolution *c, const pf_geometry *g, int want_dx, int squared) {
    pf_division d = {0};
    int spread = want_dx && g->unit && c->stride_h == 1 && c->dilation_h <= 1;
    d.left = spread ? g->kernel_w - 1 : 0;
    d.width = g->columns + 2 * d.left;
    // A 1x1 convolution has no neighbouring taps to share a load with, so it gains at any size.
    int point = g->kernel_h * g->kernel_w == 1;
    d.product =
        !squared && (point || g->rows * g->columns <= PF_FEW_POSITIONS) && g->taps >= PF_LANES && g->out >= 4;
    // Enough products for each time that a piece of dx is read and written.
    long enough = pf_maximum(8, 72 / (g->kernel_h * g->kernel_w) / 2 * 2);
    d.channels = pf_minimum(g->out, d.product ? 64 : want_dx ? enough : 2);
    long row = d.channels * d.width * PF_LANES;
    long most = want_dx || d.product ? PF_GRADIENT_FLOATS : PF_GRADIENT_NEAR;
    d.rows = pf_minimum(g->rows, pf_maximum(2, most / pf_maximum(row, 1) / 2 * 2));
    d.padded = g->padded ? (size_t)(c->channels_in * g->x_channel) : 0;
    d.gradient = (size_t)(d.rows * row);
    d.sums = (size_t)(d.channels * g->taps * PF_LANES);
    if (d.product) {
        d.product_rows = pf_maximum(1, pf_minimum(g->rows, 4 / pf_maximum(g->columns, 1)));
        d.product_row = (pf_round_up(g->taps) / PF_LANES | 1) * PF_LANES;
        d.sums = (size_t)(d.product_rows * g->columns * PF_LANES * d.product_row + pf_round_up(g->taps));
    }
    return d;
}

/// One piece of the gradient before the pool, and the corner of x under it.
typedef struct {
    const float *dz;
    long dz_channel, dz_row;
    long rows, columns;
    const float *x;
    long x_row, x_column;  // from output to output
} pf_piece;

static void pf_pad(const pf_convolution *c, const pf_geometry *g, const float *x, float *padded) {
    memset(padded, 0, sizeof(float) * (size_t)(c->channels_in * g->x_channel));
    for (long channel = 0; channel < c->channels_in; channel++) {
        for (long row = 0; row < c->height_in; row++) {
            memcpy(
                padded + channel * g->x_channel + (row + c->pad_top) * g->x_row + c->pad_left * PF_LANES,
                x + (channel * c->height_in + row) * c->width_in * PF_LANES,
                sizeof(float) * (size_t)(c->width_in * PF_LANES)
            );
        }
    }
}

static void pf_crop(const pf_convolution *c, const pf_geometry *g, const float *padded, float *x) {
    for (long channel = 0; channel < c->channels_in; channel++) {
        for (long row = 0; row < c->height_in; row++) {
            memcpy(
                x + (channel * c->height_in + row) * c->width_in * PF_LANES,
                padded + channel * g->x_channel + (row + c->pad_top) * g->x_row + c->pad_left * PF_LANES,
                sizeof(float) * (size_t)(c->width_in * PF_LANES)
            );
        }
    }
}
