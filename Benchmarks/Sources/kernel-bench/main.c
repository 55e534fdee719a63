// Speed of the kernels on one thread: forward, and forward + backward, of the ten WS networks on one block of
// 16 samples. It measures no optimiser, no data loading and no threads.
//
// Useful work is counted as two operations for each multiply-add of the convolution's whole output: forward
// once, training three times, less the first layer's input gradient, which nobody needs. (Outputs that the
// 2x2 pool drops are counted, as the peers compute them, but are not computed here; "done" counts only what
// is.)
#include "CPagefoldKernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
    const char *name;
    int height, width, channels;
    int convolutions[4][3];  // kernel height, kernel width, channels
    int dense[4];
    int sigmoid;
} network;

static const network networks[] = {
    {"cifar10", 32, 32, 3, {{3, 3, 16}, {3, 3, 32}, {3, 3, 52}}, {128, 128, 10}, 1},
    {"mnist", 28, 28, 1, {{3, 3, 16}, {3, 3, 32}, {3, 3, 48}}, {256, 128, 10}, 0},
    {"fmnist", 28, 28, 1, {{3, 3, 24}, {3, 3, 32}, {3, 3, 52}}, {256, 128, 10}, 0},
    {"gtsrb", 32, 32, 1, {{3, 3, 16}, {3, 3, 32}, {3, 3, 52}}, {128, 128, 43}, 0},
    {"svhn", 32, 32, 3, {{3, 3, 16}, {3, 3, 32}, {3, 3, 52}}, {128, 128, 10}, 1},
    {"obs", 45, 80, 1, {{12, 24, 8}, {3, 3, 32}, {3, 3, 32}}, {128, 128, 4}, 0},
    {"gsc", 61, 13, 1, {{12, 6, 14}, {6, 3, 28}}, {128, 128, 35}, 0},
    {"esc10", 60, 41, 2, {{12, 6, 8}, {3, 3, 16}, {3, 3, 32}}, {128, 64, 10}, 1},
    {"us8k", 60, 41, 2, {{3, 3, 8}, {3, 3, 16}, {3, 3, 32}}, {124, 10}, 0},
    {"hhar", 20, 120, 1, {{3, 3, 8}, {3, 3, 32}, {2, 3, 64}}, {60, 6}, 1},
};

/// One layer with its buffers: a convolution, or a dense layer where `convolution` is 0.
typedef struct {
    int convolution;
    pf_convolution c;
    pf_dense d;
    size_t weights, outputs;
    float *w, *b, *dw, *db, *y, *dy;
    uint8_t *argmax;
    double nominal, done;  // multiply-adds of one sample's forward pass
    double seconds[2];     // best forward, best backward
} layer;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double smaller(double a, double b) { return a < b ? a : b; }

static uint32_t state = 1;

static float *floats(size_t count, float scale) {
    float *p = aligned_alloc(64, (count * sizeof(float) + 127) / 64 * 64);
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        p[i] = scale * ((float)(state >> 8) / 8388608.0f - 1.0f);
    }
    return p;
}

static int order(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int build(const network *n, layer *layers) {
    int count = 0, height = n->height, width = n->width, channels = n->channels;
    for (int i = 0; i < 4 && n->convolutions[i][2]; i++) {
        layer *l = &layers[count++];
        memset(l, 0, sizeof *l);
        l->convolution = 1;
        int kh = n->convolutions[i][0], kw = n->convolutions[i][1], out = n->convolutions[i][2];
        l->c = (pf_convolution){
            channels, height, width, out, height - kh + 1, width - kw + 1, kh, kw, 1, 1, 0,
            0,        1,      1,     1,   PF_LEAKY_RELU,   0.2f,           2,
        };
        height = l->c.height_out / 2, width = l->c.width_out / 2;
        l->weights = (size_t)(out * channels * kh * kw);
        l->outputs = (size_t)(out * height * width);
        l->nominal = (double)l->weights * l->c.height_out * l->c.width_out;
        l->done = (double)l->weights * height * width * 4;
        l->argmax = aligned_alloc(64, l->outputs * 16 + 64);
        channels = out;
    }
    int features = channels * height * width;
    for (int i = 0; i < 4 && n->dense[i]; i++) {
        layer *l = &layers[count++];
        memset(l, 0, sizeof *l);
        int last = i == 3 || n->dense[i + 1] == 0;
        l->d = (pf_dense){
            features, n->dense[i],
            last             ? PF_NONE
                : n->sigmoid ? PF_SIGMOID
                             : PF_LEAKY_RELU,
            0.2f
        };
        l->weights = (size_t)(features * n->dense[i]);
        l->outputs = (size_t)n->dense[i];
        l->nominal = l->done = (double)l->weights;
        features = n->dense[i];
    }
    for (int i = 0; i < count; i++) {
        layer *l = &layers[i];
        l->w = floats(l->weights, 0.1f), l->b = floats(l->outputs, 0.1f);
        l->dw = floats(l->weights, 0), l->db = floats(l->outputs, 0);
        l->y = floats(l->outputs * 16, 0), l->dy = floats(l->outputs * 16, 1);
        l->seconds[0] = l->seconds[1] = 1e9;
    }
    return count;
}

static void forward(layer *l, const float *x, void *scratch) {
    double start = now();
    if (l->convolution) pf_convolution_forward(&l->c, x, l->w, l->b, l->y, l->argmax, scratch);
    else pf_dense_forward(&l->d, x, l->w, l->b, l->y, scratch);
    l->seconds[0] = smaller(l->seconds[0], now() - start);
}

static void backward(layer *l, const float *x, float *dx, void *scratch) {
    double start = now();
    if (l->convolution) {
        pf_convolution_backward(&l->c, x, l->w, l->y, l->argmax, l->dy, dx, l->dw, l->db, 0, scratch);
    } else {
        pf_dense_backward(&l->d, x, l->w, l->y, l->dy, dx, l->dw, l->db, 0, scratch);
    }
    l->seconds[1] = smaller(l->seconds[1], now() - start);
}

int main(int argc, char **argv) {
    int runs = argc > 1 ? atoi(argv[1]) : 200, by_layer = argc > 2;
    double *times[2] = {malloc(sizeof(double) * (size_t)runs), malloc(sizeof(double) * (size_t)runs)};
    double sums[4] = {0};
    printf("%s, one thread, block of 16, %d runs; GFLOP/s best (median)\n", pf_instruction_set(), runs);
    for (size_t k = 0; k < sizeof networks / sizeof *networks; k++) {
        const network *n = &networks[k];
        layer layers[8];
        int count = build(n, layers);
        float *x = floats((size_t)(n->channels * n->height * n->width) * 16, 1);
        size_t scratch_size = 64;
        double nominal = 0, done = 0;
        for (int i = 0; i < count; i++) {
            size_t need =
                layers[i].convolution ? pf_convolution_scratch(&layers[i].c) : pf_dense_scratch(&layers[i].d);
            if (need > scratch_size) scratch_size = need;
            nominal += layers[i].nominal, done += layers[i].done;
        }
        void *scratch = aligned_alloc(64, (scratch_size + 63) / 64 * 64);
        for (int run = -3; run < runs; run++) {
            double start = now();
            for (int i = 0; i < count; i++) forward(&layers[i], i ? layers[i - 1].y : x, scratch);
            double middle = now();
            for (int i = count - 1; i >= 0; i--) {
                backward(&layers[i], i ? layers[i - 1].y : x, i ? layers[i - 1].dy : 0, scratch);
            }
            if (run < 0) continue;
            times[0][run] = middle - start, times[1][run] = now() - start;
        }
        double training = 3 * nominal - layers[0].nominal, training_done = 3 * done - layers[0].done;
        for (int i = 0; i < 2; i++) qsort(times[i], (size_t)runs, sizeof(double), order);
        double work[2] = {32e-9 * nominal, 32e-9 * training};
        printf(
            "%-8s forward %5.1f (%5.1f)  training %5.1f (%5.1f), done %5.1f  %7.1f us a block, %6.2f MMAC\n",
            n->name, work[0] / times[0][0], work[0] / times[0][runs / 2], work[1] / times[1][0],
            work[1] / times[1][runs / 2], 32e-9 * training_done / times[1][0], 1e6 * times[1][0],
            nominal * 1e-6
        );
        sums[0] += work[0], sums[1] += work[1], sums[2] += times[0][0], sums[3] += times[1][0];
        for (int i = 0; by_layer && i < count; i++) {
            const layer *l = &layers[i];
            double flop = 32e-9 * l->done;
            printf(
                "    %d %s forward %5.1f us %5.1f GFLOP/s, backward %5.1f us %5.1f GFLOP/s (done)\n", i,
                l->convolution ? "convolution" : "dense      ", 1e6 * l->seconds[0], flop / l->seconds[0],
                1e6 * l->seconds[1], flop * (i ? 2 : 1) / l->seconds[1]
            );
        }
        for (int i = 0; i < count; i++) {
            layer *l = &layers[i];
            free(l->w), free(l->b), free(l->dw), free(l->db), free(l->y), free(l->dy), free(l->argmax);
        }
        free(x), free(scratch);
    }
    printf(
        "all      forward %5.1f  training %5.1f  (whole round %.2f ms a block)\n", sums[0] / sums[2],
        sums[1] / sums[3], 1e3 * sums[3]
    );
    return 0;
}
