// Runs the networks of a fold file from C. How to build it: docs/c.md.
//
//   run FOLD                    every network once, on zeros: its sizes and its best class
//   run FOLD NETWORK SAMPLE     one network with one input on one sample: every number of its first output
//
// SAMPLE is a file of raw float32 numbers, preprocessed, in [channels][height][width] order.
#include "pagefold.h"

#include <stdio.h>
#include <string.h>

// The name of a class, or its number where the file holds no names.
static const char *class_name(const pagefold_port *port, size_t index, char *number, size_t size) {
    if (index < port->label_count) return port->labels[index];
    snprintf(number, size, "%zu", index);
    return number;
}

// Exactly `count` numbers from a file. Returns 0 after a failure.
static int read_sample(const char *path, float *sample, size_t count) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 0;
    }
    size_t read = fread(sample, sizeof(float), count, file);
    int exact = read == count && fgetc(file) == EOF;
    fclose(file);
    if (!exact) fprintf(stderr, "%s: it does not hold %zu float32 numbers\n", path, count);
    return exact;
}

// Opens one network, fills its input, runs it, prints. Returns 0 after a failure.
static int run_network(const pagefold_file *file, size_t index, const char *sample_path) {
    char error[PAGEFOLD_ERROR_SIZE];
    pagefold_session *session;
    // NULL, 0: the session allocates its arena. An application that must not allocate passes its own.
    if (pagefold_session_open(file, index, NULL, 0, &session, error, sizeof error) != PAGEFOLD_OK) {
        fprintf(stderr, "%s\n", error);
        return 0;
    }
    const pagefold_network *network = pagefold_session_network(session);
    const pagefold_port *port = network->outputs[0];
    if (sample_path) {
        // NULL where there are several inputs: then pagefold_session_input_at(session, index) for each.
        float *input = pagefold_session_input(session);
        if (!input) fprintf(stderr, "%s: it has %zu inputs\n", network->name, network->input_port_count);
        if (!input || !read_sample(sample_path, input, network->input_count)) {
            pagefold_session_close(session);
            return 0;
        }
    } else {
        for (size_t i = 0; i < network->input_port_count; i++) {
            memset(pagefold_session_input_at(session, i), 0, network->inputs[i]->count * sizeof(float));
        }
    }

    pagefold_run(session);

    const float *output = pagefold_session_output_at(session, 0);
    size_t best = 0;
    for (size_t i = 1; i < port->count; i++) {
        if (output[i] > output[best]) best = i;
    }
    char number[24];
    if (sample_path) {
        for (size_t i = 0; i < port->count; i++) {
            printf(
                "%s\t%.9g%s\n", class_name(port, i, number, sizeof number), output[i],
                i == best ? "\tbest" : ""
            );
        }
    } else {
        printf(
            "%s\t%zux%zux%zu\t%zu\t%s\t%.9g\n", network->name, network->inputs[0]->shape.channels,
            network->inputs[0]->shape.height, network->inputs[0]->shape.width, port->count,
            class_name(port, best, number, sizeof number), output[best]
        );
    }
    pagefold_session_close(session);
    return 1;
}

int main(int argc, char **argv) {
    if (argc != 2 && argc != 4) {
        fprintf(stderr, "usage: %s FOLD [NETWORK SAMPLE]\n", argv[0]);
        return 2;
    }
    char error[PAGEFOLD_ERROR_SIZE];
    pagefold_file *file;
    if (pagefold_file_open(argv[1], &file, error, sizeof error) != PAGEFOLD_OK) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    int done = 1;
    if (argc == 4) {
        size_t index;
        done = pagefold_file_find_network(file, argv[2], &index, error, sizeof error) == PAGEFOLD_OK;
        if (!done) fprintf(stderr, "%s\n", error);
        done = done && run_network(file, index, argv[3]);
    } else {
        printf("Pagefold %s, %s\n", pagefold_version(), pagefold_instruction_set());
        printf("network\tinput\toutputs\tbest\tits number\n");
        size_t count = pagefold_file_network_count(file);
        for (size_t i = 0; done && i < count; i++) done = run_network(file, i, NULL);
    }
    pagefold_file_close(file);
    return done ? 0 : 1;
}
