/* What a program on an emulated board can ask of the machine around it, by Arm semihosting. */

#ifndef PAGEFOLD_BOARD_H
#define PAGEFOLD_BOARD_H

#include <stddef.h>
#include <stdint.h>

/* The command line of the emulator (-semihosting-config arg=…), arguments with one space between them. */
void board_arguments(char *line, size_t size);

/* The size of a file of the host, or -1. */
long board_file_size(const char *path);

/* Reads a file of the host. Returns the number of bytes, or -1. */
long board_read(const char *path, void *target, size_t size);

void board_print(const char *text);

/* Prints a word as eight hexadecimal digits, or a number as decimal ones. */
void board_print_word(uint32_t word);
void board_print_number(uint32_t number);

/* Ends the emulation with this exit code. */
_Noreturn void board_exit(int code);

/* Bytes of heap and of stack that were in use at most. */
size_t board_most_heap(void);
size_t board_most_stack(void);

#endif
