// Starts .NET without its command: what `dotnet exec` does, by the library that every installed runtime has.
//
// host ROOT ARGUMENT…   ROOT holds host/fxr/<version>/libhostfxr.so; the newest version counts, as for `dotnet`.

#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// `hostfxr.h` of dotnet/runtime.
typedef int (*Main)(int count, const char **arguments, const char *host, const char *root, const char *application);

static int older(const char *a, const char *b) {
    long left[3] = {0}, right[3] = {0};
    sscanf(a, "%ld.%ld.%ld", &left[0], &left[1], &left[2]);
    sscanf(b, "%ld.%ld.%ld", &right[0], &right[1], &right[2]);
    for (int i = 0; i < 3; i++) {
        if (left[i] != right[i]) {
            return left[i] < right[i];
        }
    }
    return 0;
}

int main(int count, const char **arguments) {
    char folder[2048], library[4096], host[2048], newest[256] = "";
    if (count < 2) {
        fputs("host: no folder with a .NET runtime\n", stderr);
        return 126;
    }
    snprintf(folder, sizeof folder, "%s/host/fxr", arguments[1]);
    DIR *versions = opendir(folder);
    for (struct dirent *entry; versions && (entry = readdir(versions));) {
        if (entry->d_name[0] != '.' && (!newest[0] || older(newest, entry->d_name))) {
            snprintf(newest, sizeof newest, "%s", entry->d_name);
        }
    }
    snprintf(library, sizeof library, "%s/%s/libhostfxr.so", folder, newest);
    void *loaded = dlopen(library, RTLD_NOW);
    Main run = loaded ? (Main)dlsym(loaded, "hostfxr_main_startupinfo") : 0;
    if (!run) {
        fprintf(stderr, "host: %s\n", dlerror());
        return 126;
    }
    snprintf(host, sizeof host, "%s/dotnet", arguments[1]);
    return run(count - 1, arguments + 1, host, arguments[1], "");
}
