// What the interface client for Java cannot do in Java. See nuage/runtime/Native.java.
//
// Without jni.h, so that a compiler alone builds it: the table of functions behind `env` is fixed by JNI's
// specification ("Interface Function Table"), and so are the places used here. Without libraries: what it names is
// found in the process, whichever C library that has.

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

extern char **environ;

typedef const void *const *Env;
typedef int (*GetArrayLength)(Env *env, void *array);
typedef void (*GetByteArrayRegion)(Env *env, void *array, int start, int length, char *into);
typedef void (*Void)(Env *env);
typedef void *(*FindClass)(Env *env, const char *name);
typedef void *(*GetId)(Env *env, void *type, const char *name, const char *signature);
typedef void *(*GetStaticObjectField)(Env *env, void *type, void *field);
// Both for methods of classes and of objects.
typedef void *(*CallObjectMethod)(Env *env, void *on, void *method, ...);
typedef unsigned char (*ExceptionCheck)(Env *env);

enum {
    FIND_CLASS = 6,
    EXCEPTION_CLEAR = 17,
    GET_METHOD_ID = 33,
    CALL_OBJECT_METHOD = 34,
    GET_STATIC_METHOD_ID = 113,
    CALL_STATIC_OBJECT_METHOD = 114,
    GET_STATIC_FIELD_ID = 144,
    GET_STATIC_OBJECT_FIELD = 145,
    GET_ARRAY_LENGTH = 171,
    GET_BYTE_ARRAY_REGION = 200,
    EXCEPTION_CHECK = 228,
};

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

#define JNI(type, place) ((type)(*env)[place])
#define ENVIRONMENT "java/lang/ProcessEnvironment"

// What `ENVIRONMENT$kind.valueOf(text)` makes of a text; null where this Java has it not.
static void *value_of(Env *env, const char *kind, const char *signature, void *text) {
    void *type = JNI(FindClass, FIND_CLASS)(env, kind);
    void *method = type ? JNI(GetId, GET_STATIC_METHOD_ID)(env, type, "valueOf", signature) : 0;
    return method ? JNI(CallObjectMethod, CALL_STATIC_OBJECT_METHOD)(env, type, method, text) : 0;
}

// Java reads the variables once, into a map of its own that nobody may change but this.
__attribute__((visibility("default"))) unsigned char Java_nuage_runtime_Native_renew(Env *env, void *type, void *name,
                                                                                    void *value) {
    (void)type;
    void *holder = JNI(FindClass, FIND_CLASS)(env, ENVIRONMENT);
    void *field = holder ? JNI(GetId, GET_STATIC_FIELD_ID)(env, holder, "theEnvironment", "Ljava/util/HashMap;") : 0;
    void *variables = field ? JNI(GetStaticObjectField, GET_STATIC_OBJECT_FIELD)(env, holder, field) : 0;
    void *map = variables ? JNI(FindClass, FIND_CLASS)(env, "java/util/HashMap") : 0;
    void *put = map ? JNI(GetId, GET_METHOD_ID)(env, map, "put", "(Ljava/lang/Object;Ljava/lang/Object;)Ljava/lang/Object;") : 0;
    void *key = put ? value_of(env, ENVIRONMENT "$Variable", "(Ljava/lang/String;)L" ENVIRONMENT "$Variable;", name) : 0;
    void *entry = key ? value_of(env, ENVIRONMENT "$Value", "(Ljava/lang/String;)L" ENVIRONMENT "$Value;", value) : 0;
    if (entry) {
        JNI(CallObjectMethod, CALL_OBJECT_METHOD)(env, variables, put, key, entry);
    }
    if (JNI(ExceptionCheck, EXCEPTION_CHECK)(env)) {
        JNI(Void, EXCEPTION_CLEAR)(env);
        return 0;
    }
    return entry != 0;
}
