// A library that is looked for at run time, under the names it has on Linux and macOS.
#ifndef PF_LIBRARY_H
#define PF_LIBRARY_H

#include <dlfcn.h>
#include <stddef.h>

/// The first of the names that can be loaded, or NULL. `names` ends with NULL.
static inline void *pf_open_library(const char *const *names) {
    for (; *names; names++) {
        void *library = dlopen(*names, RTLD_NOW | RTLD_LOCAL);
        if (library) return library;
    }
    return NULL;
}

/// Fills `place` with the address of a function; 0 where the library has none of that name.
static inline int pf_find(void *library, const char *name, void *place) {
    void *address = dlsym(library, name);
    *(void **)place = address;
    return address != NULL;
}

#endif
