// Pagefold for applications in C: opens fold files and runs the networks in them, in place. The functions are
// those of the library PagefoldC; how to link it stands in docs/c.md. Nothing here packs or trains.
//
// Words. A fold file holds several trained networks whose weights share one pool. A session is one network
// opened for running; switching networks is running another session, nothing is loaded or copied.
//
// Errors. Functions that can fail for more than one reason return a pagefold_status and write one line of
// text, "file: field: problem; remedy", to `error`: UTF-8, cut to `error_size` bytes with the closing zero
// included, and empty after success. `error` may be NULL (then `error_size` does not matter). A null pointer
// or an index out of range is told by PAGEFOLD_BAD_ARGUMENT or by the value that each function names. No
// content of a file makes a function crash. Pointers to what was closed are mistakes that nobody finds, as
// with free().
//
// Threads. Nothing global is to be set up or torn down. An open file may be used by any number of threads at
// the same time; to close it, be the last who passes it to a function. A session is for one thread at a time:
// open one for each thread, which costs an arena and no weights.
//
// Memory. The weights stay in the mapped file, once in the process (and shared by processes that map the same
// file). A file that is mapped must not be changed in place; to replace it, write a new one and rename it.
#ifndef PAGEFOLD_H
#define PAGEFOLD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The version of this header.
#define PAGEFOLD_VERSION "0.3.0"

/// Room for an error text that is long enough for all but files of very many networks.
#define PAGEFOLD_ERROR_SIZE 1024

typedef enum pagefold_status {
    PAGEFOLD_OK = 0,
    /// A null pointer, an index out of range, an arena that is too small or not aligned.
    PAGEFOLD_BAD_ARGUMENT = 1,
    /// The file cannot be opened, is no fold file, or is damaged.
    PAGEFOLD_BAD_FILE = 2,
    /// The file holds no network of that name.
    PAGEFOLD_UNKNOWN_NETWORK = 3,
    /// Exclusive pages cannot be read, or those in use leave no room for them.
    PAGEFOLD_NOT_LOADED = 4
} pagefold_status;

/// An open fold file.
typedef struct pagefold_file pagefold_file;

/// One network opened for running.
typedef struct pagefold_session pagefold_session;

/// Sizes of one sample or one answer, in numbers; 1 where an axis is not in use. In memory
/// [channels][height][width]: a row of one channel lies together, then the next row, then the next channel.
typedef struct pagefold_shape {
    size_t channels;
    size_t height;
    size_t width;
} pagefold_shape;

/// Which axis of a value an axis outside belongs to.
typedef enum pagefold_axis_kind {
    PAGEFOLD_CHANNELS = 0,
    PAGEFOLD_HEIGHT = 1,
    PAGEFOLD_WIDTH = 2
} pagefold_axis_kind;

/// An axis of the array that the original file took or gave.
typedef struct pagefold_axis {
    size_t size;
    pagefold_axis_kind kind;
} pagefold_axis;

/// What numbers are in the original file. Sessions take and give float32 all the same.
typedef enum pagefold_element {
    PAGEFOLD_FLOAT32 = 0,
    PAGEFOLD_INT8 = 1,
    PAGEFOLD_UINT8 = 2,
    PAGEFOLD_INT16 = 3,
    PAGEFOLD_INT32 = 4
} pagefold_element;

/// What the numbers of an output say.
typedef enum pagefold_meaning {
    /// One score or probability a class: the largest is the answer.
    PAGEFOLD_CLASSES = 0,
    /// Quantities.
    PAGEFOLD_NUMBERS = 1,
    /// The first input again, as an autoencoder gives it back.
    PAGEFOLD_RECONSTRUCTION = 2,
    /// What only the application knows how to read.
    PAGEFOLD_RAW = 3
} pagefold_meaning;

/// An input or output of a network. Later versions may add fields at the end.
typedef struct pagefold_port {
    /// UTF-8; not that of another input (or output) of the network.
    const char *name;
    /// In a session, and its numbers (channels * height * width).
    pagefold_shape shape;
    size_t count;
    /// [axis_count]: the array of the original file without its batch, the slowest axis first. Axes of one kind multiply.
    const pagefold_axis *axes;
    size_t axis_count;
    /// A whole number n of the original file is (n - zero_point) * scale here; 1 and 0 with float32.
    pagefold_element element;
    float scale;
    int32_t zero_point;
    /// Of an output.
    pagefold_meaning meaning;
    /// Of an output: 1: probabilities that sum to 1, from a closing softmax.
    int32_t is_probability;
    /// Of an input: the transforms that make it of a raw sample, as pagefold_network.preprocessing.
    const char *preprocessing;
    /// [label_count], of an output: names of its numbers, UTF-8. May be fewer, or none.
    const char *const *labels;
    size_t label_count;
} pagefold_port;

/// What there is to know about a network before it is opened. Later versions may add fields at the end.
///
/// Most networks have one input and one output, and `preprocessing` to `is_probability` tell of them. Where there are several
/// of either, these fields are empty and 0, and `inputs` and `outputs` tell.
typedef struct pagefold_network {
    /// UTF-8.
    const char *name;
    /// The transforms that make an input of a raw sample, in their order, as docs/job-file.md describes them:
    /// "rgb; scale divisor=255". Empty: none. The application applies them; pagefold_run does not.
    const char *preprocessing;
    /// [class_count]: names of the answer's numbers, in their order, UTF-8. May be fewer than the answer has,
    /// or none.
    const char *const *classes;
    size_t class_count;
    /// Of one sample, and its numbers (channels * height * width).
    pagefold_shape input;
    size_t input_count;
    /// Of the answer, and its numbers.
    pagefold_shape output;
    size_t output_count;
    /// 1: the answer is probabilities that sum to 1; 0: scores, the largest is the best.
    int32_t is_probability;
    /// Bytes of memory for activations that a session needs.
    size_t arena_bytes;
    /// Bytes of memory that a batch needs, whatever the number of samples; 0 where the network runs in none.
    size_t batch_arena_bytes;
    /// [input_port_count] and [output_port_count]: all inputs and outputs, one each or more.
    const pagefold_port *const *inputs;
    size_t input_port_count;
    const pagefold_port *const *outputs;
    size_t output_port_count;
    /// Bytes that live from one run to the next, in memory of the session's own; 0 where each run stands alone. A network
    /// with states runs in no batch.
    size_t state_bytes;
} pagefold_network;

/// Where weights are while a file is open. Begin with zeros: every field that is 0 asks for what pagefold_file_open
/// does. Later versions may add fields at the end.
typedef struct pagefold_memory {
    /// sizeof(pagefold_memory).
    size_t size;
    /// Bytes of exclusive pages in memory at a time; they stay in the file, and are read when a session of theirs is
    /// loaded. At least as many as the network with the most has. 0: they are in the mapping, with all the rest.
    size_t exclusive_bytes;
    /// Not 0: weights are checked when the first session of their network is opened, not with the file.
    int32_t verifies_lazily;
    /// Not 0: pool, page tables and small vectors (and exclusive pages in the mapping) are locked in memory.
    int32_t is_locked;
} pagefold_memory;

// ---- Files ----

/// Maps a fold file and checks all of it (checksums, bounds, programs); time grows with its size.
/// path: UTF-8, zero-terminated.
/// file: where the handle goes, NULL after a failure; close it with pagefold_file_close.
/// Returns PAGEFOLD_OK, PAGEFOLD_BAD_FILE or PAGEFOLD_BAD_ARGUMENT.
pagefold_status pagefold_file_open(const char *path, pagefold_file **file, char *error, size_t error_size);

/// The same with a say in where the weights are.
/// memory: NULL: as pagefold_file_open. A size that this library does not know is PAGEFOLD_BAD_ARGUMENT.
/// Returns PAGEFOLD_BAD_FILE also when exclusive_bytes are too few, or memory cannot be locked.
pagefold_status pagefold_file_open_in(
    const char *path, const pagefold_memory *memory, pagefold_file **file, char *error, size_t error_size
);

/// Closes the handle; NULL: nothing happens. Sessions go on running: the file is unmapped, and its
/// descriptions of networks freed, when the last of them is closed too.
void pagefold_file_close(pagefold_file *file);

/// Number of networks in the file; 0 when file is NULL.
size_t pagefold_file_network_count(const pagefold_file *file);

/// A network by its place in the file, from 0. Belongs to the file: valid until the file and its sessions are
/// closed. Returns NULL when file is NULL or index is out of range.
const pagefold_network *pagefold_file_network(const pagefold_file *file, size_t index);

/// A network by name (UTF-8, compared byte by byte).
/// index: where its place in the file goes; not written after a failure.
/// Returns PAGEFOLD_OK, PAGEFOLD_UNKNOWN_NETWORK (the text lists those there are) or PAGEFOLD_BAD_ARGUMENT.
pagefold_status pagefold_file_find_network(
    const pagefold_file *file, const char *name, size_t *index, char *error, size_t error_size
);

// ---- Sessions ----

/// Opens a network for running. Allocates a small plan and, unless it is given, the arena; copies no weights.
/// index: the network's place in the file.
/// arena: memory for activations, at least pagefold_network.arena_bytes at an address that is a multiple of
/// 64, zeroed here. It stays the caller's, who leaves it alone until the session is closed. NULL: the session
/// allocates its own and frees it when it is closed; then arena_bytes does not matter.
/// arena_bytes: bytes at arena.
/// session: where the handle goes, NULL after a failure; close it with pagefold_session_close.
/// Returns PAGEFOLD_OK, PAGEFOLD_BAD_ARGUMENT or PAGEFOLD_BAD_FILE.
pagefold_status pagefold_session_open(
    const pagefold_file *file, size_t index, void *arena, size_t arena_bytes, pagefold_session **session,
    char *error, size_t error_size
);

/// Closes the session; NULL: nothing happens.
void pagefold_session_close(pagefold_session *session);

/// The network that the session runs, valid until the session is closed. Returns NULL when session is NULL.
const pagefold_network *pagefold_session_network(const pagefold_session *session);

/// Where a sample is put before pagefold_run: input_count numbers, float32, shaped as pagefold_network.input
/// and preprocessed. In the arena, the same address for the whole life of the session. A run overwrites what
/// stands there. Returns NULL when session is NULL, or the network has several inputs.
float *pagefold_session_input(pagefold_session *session);

/// Where the answer is after pagefold_run: output_count numbers, float32. In the arena, the same address for
/// the whole life of the session; valid until the next run, and writing to the input may overwrite it.
/// Returns NULL when session is NULL, or the network has several outputs.
const float *pagefold_session_output(const pagefold_session *session);

/// The same for the input at an index: pagefold_network.inputs[index]->count numbers.
/// Returns NULL when session is NULL or index is out of range.
float *pagefold_session_input_at(pagefold_session *session, size_t index);

/// The same for the output at an index: pagefold_network.outputs[index]->count numbers.
/// Returns NULL when session is NULL or index is out of range.
const float *pagefold_session_output_at(const pagefold_session *session, size_t index);

/// Makes the states what they are in a session that was just opened: zeros. NULL: nothing happens.
void pagefold_session_reset(pagefold_session *session);

/// Answers the one sample in the input, or in all inputs. Allocates nothing, takes no lock, makes no system call; but a session that is
/// not loaded is loaded first, and in a library loaded by dlopen the first run on a thread may allocate what the Swift
/// runtime keeps of each thread.
/// Returns PAGEFOLD_OK, PAGEFOLD_BAD_ARGUMENT when session is NULL, or PAGEFOLD_NOT_LOADED (pagefold_session_load tells
/// why); then the answer is what it was.
pagefold_status pagefold_run(pagefold_session *session);

// ---- Exclusive pages within a limit: of sessions of a file that was opened with exclusive_bytes ----

/// Brings the network's exclusive pages into memory, where they stay until pagefold_session_unload or
/// pagefold_session_close. Nothing happens where they are there.
/// Returns PAGEFOLD_OK, PAGEFOLD_NOT_LOADED or PAGEFOLD_BAD_ARGUMENT.
pagefold_status pagefold_session_load(pagefold_session *session, char *error, size_t error_size);

/// The exclusive pages may leave memory; those of the network that runs next may come. NULL: nothing happens.
void pagefold_session_unload(pagefold_session *session);

/// Asks the system to read the exclusive pages ahead, and returns at once. NULL: nothing happens.
void pagefold_session_prefetch(pagefold_session *session);

// ---- Many samples together ----

/// One network opened for running many samples at a time, in blocks of 16, with the weights of one layer beside their
/// activations. For one thread at a time, like a session.
typedef struct pagefold_batch pagefold_batch;

/// As pagefold_session_open; the arena has pagefold_network.batch_arena_bytes.
pagefold_status pagefold_batch_open(
    const pagefold_file *file, size_t index, void *arena, size_t arena_bytes, pagefold_batch **batch,
    char *error, size_t error_size
);

/// Closes the batch; NULL: nothing happens.
void pagefold_batch_close(pagefold_batch *batch);

/// Answers samples that lie one behind the other. Allocates nothing and takes no lock; exclusive pages within a limit are
/// loaded by the first run, and stay until the batch is closed.
/// samples: [count][input_count], shaped and preprocessed as for a session.
/// answers: [count][output_count], not overlapping the samples.
/// Returns PAGEFOLD_OK, PAGEFOLD_NOT_LOADED or, when a pointer is NULL, count absurd, or the network has several inputs or
/// outputs, PAGEFOLD_BAD_ARGUMENT.
pagefold_status pagefold_batch_run(
    pagefold_batch *batch, const float *samples, size_t count, float *answers
);

/// The same for several inputs and outputs.
/// samples: [input_port_count], each [count][inputs[i]->count].
/// answers: [output_port_count], each [count][outputs[i]->count].
pagefold_status pagefold_batch_run_ports(
    pagefold_batch *batch, const float *const *samples, size_t count, float *const *answers
);

// ---- Hot replacement ----

/// The newest good version of a file that is replaced, by renaming, while its networks run. Any number of threads may
/// use it at the same time; to close it, be the last who passes it to a function.
typedef struct pagefold_live pagefold_live;

/// Opens the version that is at the path now. Arguments and results are those of pagefold_file_open_in.
pagefold_status pagefold_live_open(
    const char *path, const pagefold_memory *memory, pagefold_live **live, char *error, size_t error_size
);

/// Closes the handle; NULL: nothing happens. Files and sessions that were opened from it go on.
void pagefold_live_close(pagefold_live *live);

/// Takes over what is at the path now, if it is another file than the one in use. All of it is checked first; a broken
/// one is refused, and the old one stays in use. Sessions that are open go on with theirs.
/// Returns PAGEFOLD_OK, whether there was another one or not, PAGEFOLD_BAD_FILE or PAGEFOLD_BAD_ARGUMENT.
pagefold_status pagefold_live_refresh(pagefold_live *live, char *error, size_t error_size);

/// How many replacements there were. Takes no lock: to be asked before a run, to see whether to open sessions anew.
/// 0 when live is NULL.
size_t pagefold_live_generation(const pagefold_live *live);

/// The version in use, for opening sessions.
/// file: where a handle goes, NULL after a failure; close it with pagefold_file_close.
/// Returns PAGEFOLD_OK, PAGEFOLD_BAD_FILE or PAGEFOLD_BAD_ARGUMENT.
pagefold_status pagefold_live_file(
    const pagefold_live *live, pagefold_file **file, char *error, size_t error_size
);

// ---- The library ----

/// Instruction set of the kernels: "avx512", "avx2" or "baseline" (SSE2, NEON on arm64). The best that the
/// machine has, or what the environment variable PAGEFOLD_ISA names. The text is never freed.
const char *pagefold_instruction_set(void);

/// Version of the library, as PAGEFOLD_VERSION is that of the header. The text is never freed.
const char *pagefold_version(void);

#ifdef __cplusplus
}
#endif

#endif
