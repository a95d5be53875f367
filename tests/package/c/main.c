/* Builds a small network, trains it on stripes, saves it, loads it and asks it. */
#include <fovea.h>
#include <stdio.h>
#include <stdlib.h>

enum { kBatch = 32, kSide = 16, kPixels = kSide * kSide };

static void Check(fovea_status status) {
  if (status == FOVEA_OK) return;
  fprintf(stderr, "fovea %s: %s\n", fovea_version(), fovea_last_error());
  exit(1);
}

/* Lying (class 0) or standing (class 1) stripes of random phase. */
static void Draw(float* x, int32_t* labels) {
  for (int n = 0; n < kBatch; n++) {
    const int phase = rand() % 4;
    labels[n] = rand() % 2;
    for (int i = 0; i < kPixels; i++) {
      const int line = (labels[n] == 0 ? i / kSide : i % kSide) + phase;
      x[n * kPixels + i] = (line % 4 < 2 ? 1.0f : -1.0f) + (float)rand() / (float)RAND_MAX;
    }
  }
}

int main(void) {
  static float x[kBatch * kPixels], scores[kBatch * 2];
  int32_t labels[kBatch];
  float loss = 0;

  fovea_model* model = NULL;
  fovea_trainer* trainer = NULL;
  Check(fovea_model_build("glyphnet", 1, kSide, kSide, 2, 1, &model));
  Check(fovea_trainer_create(model, kBatch, 30, "optimizer=adamw lr=0.01 threads=2", &trainer));
  for (int step = 0; step < 30; step++) {
    Draw(x, labels);
    Check(fovea_trainer_step(trainer, kBatch, x, kBatch * kPixels, labels, kBatch, &loss));
  }
  Check(fovea_model_save(model, "stripes.safetensors"));
  fovea_trainer_free(trainer);
  fovea_model_free(model);

  fovea_session* session = NULL;
  Check(fovea_model_load("stripes.safetensors", &model));
  Check(fovea_session_create(model, kBatch, 0, &session));
  Draw(x, labels);
  Check(fovea_session_run(session, kBatch, x, kBatch * kPixels, scores, kBatch * 2));
  int right = 0;
  for (int n = 0; n < kBatch; n++) right += (scores[2 * n + 1] > scores[2 * n]) == (labels[n] == 1);
  printf("loss %.4f, %d of %d right\n", loss, right, (int)kBatch);
  fovea_session_free(session);
  fovea_model_free(model);
  return right >= kBatch - 2 ? 0 : 1;
}
