/* Fovea from C (C99) and from whatever calls C: load or build a model, run it, train it, save it.
 *
 *   fovea_model* model = NULL;
 *   if (fovea_model_load("runs/first/best.safetensors", &model) != FOVEA_OK) puts(fovea_last_error());
 *
 * Functions return a status; what they make comes out through their last arguments and is written on success alone.
 * Sizes count elements, not bytes. Handles are freed in any order, NULL too: a session or a trainer keeps its model
 * alive. One thread at a time uses a model, its sessions and its trainers; different models do not know each other.
 * Nothing is printed, no exception leaves, and no argument but a handle that was freed or never was one does harm.
 */
#ifndef FOVEA_H_
#define FOVEA_H_

#include <stddef.h>
#include <stdint.h>

#define FOVEA_C_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

typedef enum fovea_status {
  FOVEA_OK = 0,
  FOVEA_BAD_ARGUMENT = 1, /* NULL, outside its range, or an unknown name */
  FOVEA_BAD_SHAPE = 2,    /* sizes that do not fit the network */
  FOVEA_BAD_FILE = 3,     /* bytes that are not what their format demands */
  FOVEA_IO_ERROR = 4,     /* the system refused to read or write */
  FOVEA_DIVERGED = 5,     /* training met a NaN or an infinity */
  FOVEA_OUT_OF_MEMORY = 6,
  FOVEA_INTERNAL = 7 /* an error in Fovea: please report it */
} fovea_status;

/* "0.1.0". */
FOVEA_C_API const char* fovea_version(void);
/* What went wrong in the last call of this thread that failed, "" when none has; valid until the next one. */
FOVEA_C_API const char* fovea_last_error(void);

/* A network with its weights, preprocessing and names of classes. */
typedef struct fovea_model fovea_model;

/* `path`: a model file of any format (.safetensors, .onnx, .weights), by the end of its name, or a run folder. */
FOVEA_C_API fovea_status fovea_model_load(const char* path, fovea_model** model);
/* `network`: what `fovea train --network` takes, "resnet20" or the file of a graph, for inputs of C x H x W. Weights are drawn
 * from the seed and preprocessing is value/255, but for the file of a model, which has its own. */
FOVEA_C_API fovea_status fovea_model_build(const char* network, int64_t c, int64_t h, int64_t w,
                                           int64_t classes, uint64_t seed, fovea_model** model);
/* In the format that the name ends as, else Fovea's own, with answers for `fovea verify`. Atomic: whoever looks sees the old file or
 * the new. */
FOVEA_C_API fovea_status fovea_model_save(const fovea_model* model, const char* path);
FOVEA_C_API void fovea_model_free(fovea_model* model);

/* Extents without the batch: (C, H, W) or (C). `capacity`: how many fit into `extents`; 3 are enough. */
FOVEA_C_API fovea_status fovea_model_input_shape(const fovea_model* model, int64_t* extents, size_t capacity,
                                                 size_t* rank);
FOVEA_C_API fovea_status fovea_model_output_shape(const fovea_model* model, int64_t* extents, size_t capacity,
                                                  size_t* rank);
/* A model may have no names: the count is 0. The text lives as long as the model. */
FOVEA_C_API fovea_status fovea_model_class_count(const fovea_model* model, int64_t* count);
FOVEA_C_API fovea_status fovea_model_class_name(const fovea_model* model, int64_t number, const char** name);
/* Pixels of whole images, plane after plane, to the network's input, as in training. Both counts are equal. */
FOVEA_C_API fovea_status fovea_model_preprocess(const fovea_model* model, const uint8_t* pixels,
                                                size_t pixel_count, float* x, size_t x_count);

/* Runs a model on batches of at most max_batch; sees the weights that a trainer of the model has changed. */
typedef struct fovea_session fovea_session;

/* `threads` 0: all processors; at most 1024. */
FOVEA_C_API fovea_status fovea_session_create(fovea_model* model, int64_t max_batch, int threads,
                                              fovea_session** session);
/* x (N,C,H,W) to y (N,K), row-major; a detector's y is (N,K,P,Q), of several heads (N,all): head
 * after head, each (K,P,Q). Counts are exact: batch times the size of a shape. */
FOVEA_C_API fovea_status fovea_session_run(fovea_session* session, int64_t batch, const float* x,
                                           size_t x_count, float* y, size_t y_count);
FOVEA_C_API void fovea_session_free(fovea_session* session);

/* Trains a classifier with the softmax cross-entropy; a softmax that ends the network is not taken twice. */
typedef struct fovea_trainer fovea_trainer;

/* `settings`: words name=value, or NULL: "optimizer=adamw lr=0.001 weight_decay=0.01 threads=2". Names and values are those
 * of `fovea train --help`: the optimizer's, the schedule's, and clip_norm, label_smoothing, numerics, precision, memory,
 * threads, seed. `steps`: how many will be taken; the schedule runs over them. max_batch: at most 65536. */
FOVEA_C_API fovea_status fovea_trainer_create(fovea_model* model, int64_t max_batch, int64_t steps,
                                              const char* settings, fovea_trainer** trainer);
/* One step: forward, backward, update. x (N,C,H,W), a label in [0, K) each. `loss`, the mean of the batch before the update,
 * may be NULL. A step that fails leaves the model as it was, but for one whose update is not finite. */
FOVEA_C_API fovea_status fovea_trainer_step(fovea_trainer* trainer, int64_t batch, const float* x,
                                            size_t x_count, const int32_t* labels, size_t label_count,
                                            float* loss);
FOVEA_C_API void fovea_trainer_free(fovea_trainer* trainer);

#ifdef __cplusplus
}
#endif

#endif /* FOVEA_H_ */
