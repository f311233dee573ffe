// What the interface client for Java cannot do in Java. See nuage/runtime/Native.java.
//
// Without jni.h, so that a compiler alone builds it: the table of functions behind `env` is fixed by JNI's
// specification ("Interface Function Table"), and so are the two places used here. Without libraries: what it names is
// found in the process, whichever C library that has.

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

extern char **environ;

typedef const void *const *Env;
typedef int (*GetArrayLength)(Env *env, void *array);
typedef void (*GetByteArrayRegion)(Env *env, void *array, int start, int length, char *into);

enum { GET_ARRAY_LENGTH = 171, GET_BYTE_ARRAY_REGION = 200 };

// A copy that is never freed: environment variables are used until the end.
static char *copy(Env *env, void *array, int *length) {
    *length = ((GetArrayLength)(*env)[GET_ARRAY_LENGTH])(env, array);
    char *bytes = malloc((size_t)*length + 1);
    if (bytes) {
        ((GetByteArrayRegion)(*env)[GET_BYTE_ARRAY_REGION])(env, array, 0, *length, bytes);
        bytes[*length] = 0;
    }
    return bytes;
}

__attribute__((visibility("default"))) int Java_nuage_runtime_Native_assume(Env *env, void *type, void *directory,
                                                                            void *variables) {
    (void)type;
    int length;
    char *path = copy(env, directory, &length);
    if (!path || chdir(path) != 0) {
        return path ? errno : ENOMEM;
    }
    free(path);
    char *block = copy(env, variables, &length);
    if (!block) {
        return ENOMEM;
    }
    size_t count = 0;
    for (int i = 0; i < length; i++) {
        count += block[i] == 0;
    }
    char **list = malloc((count + 1) * sizeof *list);
    if (!list) {
        return ENOMEM;
    }
    size_t next = 0;
    for (int i = 0, begin = 0; i < length; i++) {
        if (block[i] == 0) {
            list[next++] = block + begin;
            begin = i + 1;
        }
    }
    list[next] = 0;
    environ = list;
    return 0;
}
