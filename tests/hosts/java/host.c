// The native half of Host.java.
#include <jni.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wasm.h"
#include "wasmaot.h"

struct host {
  wasm_store_t *store;
  wasm_instance_t *instance;
};

static JavaVM *machine;
static jclass host_class;
static jmethodID back_method;
static wasm_engine_t *engine;
static wasm_module_t *module;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

jint JNI_OnLoad(JavaVM *vm, void *reserved) {
  JNIEnv *env;
  (void)reserved;
  machine = vm;
  if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_1_8) != JNI_OK) {
    return JNI_ERR;
  }
  host_class = (*env)->NewGlobalRef(env, (*env)->FindClass(env, "Host"));
  back_method = (*env)->GetStaticMethodID(env, host_class, "back", "(I)I");
  return JNI_VERSION_1_8;
}

// An exception of Java's is pending until the native method returns: until then it is a trap.
static wasm_trap_t *call_back(void *store, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  JNIEnv *env;
  (*machine)->GetEnv(machine, (void **)&env, JNI_VERSION_1_8);
  results->data[0].kind = WASM_I32;
  results->data[0].of.i32 =
      (*env)->CallStaticIntMethod(env, host_class, back_method, args->data[0].of.i32);
  if (!(*env)->ExceptionCheck(env)) {
    return NULL;
  }
  wasm_message_t message;
  wasm_name_new_from_string_nt(&message, "a method threw");
  wasm_trap_t *trap = wasm_trap_new(store, &message);
  wasm_byte_vec_delete(&message);
  return trap;
}

static void load(const char *path, bool caller_stack) {
  FILE *file = fopen(path, "rb");
  static char text[65536];
  size_t size = fread(text, 1, sizeof text, file);
  (void)fclose(file);
  wasm_config_t *config = wasm_config_new();
  wasmaot_config_set_caller_stack(config, caller_stack);
  engine = wasm_engine_new_with_config(config);
  wasm_store_t *store = wasm_store_new(engine);
  wasm_byte_vec_t bytes;
  wasm_byte_vec_new(&bytes, size, text);
  module = wasm_module_new(store, &bytes);
  wasm_byte_vec_delete(&bytes);
  wasm_store_delete(store);
}

JNIEXPORT jlong JNICALL Java_Host_open(JNIEnv *env, jclass class, jstring path, jboolean caller) {
  struct host *host = calloc(1, sizeof *host);
  const char *name = (*env)->GetStringUTFChars(env, path, NULL);
  (void)class;
  pthread_mutex_lock(&lock);
  if (module == NULL) {
    load(name, caller);
  }
  pthread_mutex_unlock(&lock);
  (*env)->ReleaseStringUTFChars(env, path, name);
  host->store = wasm_store_new(engine);
  wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t *back = wasm_func_new_with_env(host->store, type, call_back, host->store, NULL);
  wasm_extern_t *externs[] = {wasm_func_as_extern(back)};
  wasm_extern_vec_t imports = {1, externs};
  host->instance = wasm_instance_new(host->store, module, &imports, NULL);
  if (host->instance == NULL) {
    (void)fprintf(stderr, "%s\n", wasmaot_last_error_message());
    exit(1);
  }
  wasm_func_delete(back);
  wasm_functype_delete(type);
  return (jlong)(intptr_t)host;
}

JNIEXPORT jlong JNICALL Java_Host_call(JNIEnv *env, jclass class, jlong which, jstring name,
                                       jint argument) {
  struct host *host = (struct host *)(intptr_t)which;
  const char *text = (*env)->GetStringUTFChars(env, name, NULL);
  (void)class;
  wasm_extern_t *export = wasmaot_instance_export(host->instance, text);
  (*env)->ReleaseStringUTFChars(env, name, text);
  wasmaot_cell_t cells[2] = {{.i32 = argument}, {.i32 = 0}};
  wasm_trap_t *trap = wasmaot_func_call_cells(wasm_extern_as_func(export), cells);
  jlong result = (jlong)(uint32_t)cells[0].i32;
  if (trap != NULL) {
    result = (jlong)wasmaot_trap_code(trap) << 32;
    wasm_trap_delete(trap);
  }
  wasm_extern_delete(export);
  return result;
}

JNIEXPORT jboolean JNICALL Java_Host_interrupt(JNIEnv *env, jclass class, jlong which) {
  (void)env;
  (void)class;
  return wasmaot_store_interrupt(((struct host *)(intptr_t)which)->store, INT64_C(20000000000));
}

JNIEXPORT void JNICALL Java_Host_close(JNIEnv *env, jclass class, jlong which) {
  struct host *host = (struct host *)(intptr_t)which;
  (void)env;
  (void)class;
  wasm_instance_delete(host->instance);
  wasm_store_delete(host->store);
  free(host);
}
