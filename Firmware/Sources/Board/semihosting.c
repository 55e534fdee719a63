/* Semihosting of Arm: a breakpoint with a number of its own asks the debugger, or the emulator, for a service. */

#include "board.h"

enum {
    sys_open = 0x01,
    sys_close = 0x02,
    sys_write0 = 0x04,
    sys_read = 0x06,
    sys_flen = 0x0C,
    sys_get_cmdline = 0x15,
    sys_exit_extended = 0x20,
    reason_exit = 0x20026,
};

static long ask(long service, const void *block)
{
    register long r0 __asm("r0") = service;
    register const void *r1 __asm("r1") = block;
    __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static size_t length(const char *text)
{
    size_t count = 0;
    while (text[count]) count++;
    return count;
}

static long open_file(const char *path)
{
    const struct {
        const char *path;
        long mode;
        size_t length;
    } block = {path, 1 /* rb */, length(path)};
    return ask(sys_open, &block);
}

void board_arguments(char *line, size_t size)
{
    const struct {
        char *line;
        size_t size;
    } block = {line, size};
    if (ask(sys_get_cmdline, &block) != 0) line[0] = 0;
}

long board_file_size(const char *path)
{
    const long handle = open_file(path);
    if (handle < 0) return -1;
    const long size = ask(sys_flen, &handle);
    ask(sys_close, &handle);
    return size;
}

long board_read(const char *path, void *target, size_t size)
{
    const long handle = open_file(path);
    if (handle < 0) return -1;
    const struct {
        long handle;
        void *target;
        size_t size;
    } block = {handle, target, size};
    /* The answer is how many bytes are missing. */
    const long missing = ask(sys_read, &block);
    ask(sys_close, &handle);
    return missing < 0 ? -1 : (long)size - missing;
}

void board_print(const char *text) { ask(sys_write0, text); }

void board_print_word(uint32_t word)
{
    char text[9];
    for (int i = 0; i < 8; i++) text[i] = "0123456789abcdef"[(word >> (28 - 4 * i)) & 15];
    text[8] = 0;
    board_print(text);
}

void board_print_number(uint32_t number)
{
    char text[11];
    int at = 10;
    text[at] = 0;
    do {
        text[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    board_print(text + at);
}

void board_exit(int code)
{
    const struct {
        long reason;
        long code;
    } block = {reason_exit, code};
    ask(sys_exit_extended, &block);
    for (;;) {
    }
}
