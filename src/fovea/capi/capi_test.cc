#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <thread>
#include <vector>

#include "fovea/capi/fovea.h"
#include "fovea/engine/program.h"
#include "fovea/formats/model_file.h"
#include "fovea/formats/onnx/onnx.h"
#include "fovea/formats/registry.h"
#include "fovea/layers/batch_norm.h"
#include "fovea/layers/conv2d.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/softmax.h"
#include "fovea/network/architectures.h"

namespace {

using ::testing::HasSubstr;

constexpr int64_t kInput = 28 * 28;

fovea_model* Build(uint64_t seed = 1) {
  fovea_model* model = nullptr;
  EXPECT_EQ(fovea_model_build("lenet5", 1, 28, 28, 10, seed, &model), FOVEA_OK) << fovea_last_error();
  return model;
}

std::vector<float> Images(std::size_t count) {
  std::vector<float> x(count * kInput);
  for (std::size_t i = 0; i < x.size(); i++) x[i] = std::sin(static_cast<float>(i * i % 1013));
  return x;
}

std::vector<float> OutputsOf(fovea_model* model, const std::vector<float>& x, int64_t batch,
                             std::size_t outputs) {
  fovea_session* session = nullptr;
  EXPECT_EQ(fovea_session_create(model, batch, 1, &session), FOVEA_OK);
  std::vector<float> y(outputs);
  EXPECT_EQ(fovea_session_run(session, batch, x.data(), x.size(), y.data(), y.size()), FOVEA_OK);
  fovea_session_free(session);
  return y;
}

std::string Temporary(const char* name) { return testing::TempDir() + "/fovea_capi_" + name; }

TEST(CApi, RunGivesTheBitsOfTheProgram) {
  fovea_model* model = Build(3);
  fovea_session* session = nullptr;
  ASSERT_EQ(fovea_session_create(model, 4, 1, &session), FOVEA_OK);
  fovea_model_free(model);  // the session keeps it
  const auto x = Images(3);
  std::vector<float> y(30);
  ASSERT_EQ(fovea_session_run(session, 3, x.data(), x.size(), y.data(), y.size()), FOVEA_OK);
  fovea_session_free(session);

  fovea::Network network = fovea::BuildNetwork("lenet5", {1, 28, 28}, 10);
  network.Initialise(3);
  fovea::Program program(network, {.max_batch = 4});
  const auto truth = program.Forward({x.data(), {3, 1, 28, 28}});
  EXPECT_EQ(y, std::vector<float>(truth.values().begin(), truth.values().end()));
}

TEST(CApi, TrainsSavesAndLoads) {
  fovea_model* model = Build();
  fovea_trainer* trainer = nullptr;
  ASSERT_EQ(
      fovea_trainer_create(model, 8, 30, "optimizer=adam lr=0.002 schedule=constant threads=1", &trainer),
      FOVEA_OK)
      << fovea_last_error();
  const auto x = Images(8);
  const std::vector<int32_t> labels = {0, 1, 2, 3, 4, 5, 6, 7};
  float first = 0, last = 0;
  for (int step = 0; step < 30; step++)
    ASSERT_EQ(
        fovea_trainer_step(trainer, 8, x.data(), x.size(), labels.data(), 8, step == 0 ? &first : &last),
        FOVEA_OK)
        << fovea_last_error();
  EXPECT_LT(last, 0.5f * first);
  EXPECT_EQ(fovea_trainer_step(trainer, 8, x.data(), x.size(), labels.data(), 8, nullptr),
            FOVEA_BAD_ARGUMENT);
  EXPECT_THAT(fovea_last_error(), HasSubstr("all 30 steps"));
  fovea_trainer_free(trainer);

  const std::string path = Temporary("model.safetensors");
  ASSERT_EQ(fovea_model_save(model, path.c_str()), FOVEA_OK) << fovea_last_error();
  fovea_model* loaded = nullptr;
  ASSERT_EQ(fovea_model_load(path.c_str(), &loaded), FOVEA_OK) << fovea_last_error();
  EXPECT_EQ(OutputsOf(model, x, 8, 80), OutputsOf(loaded, x, 8, 80));
  EXPECT_EQ(fovea::LoadModel(path).examples.size(), 2u);
  const std::string cfg = Temporary("model.cfg");
  EXPECT_EQ(fovea_model_save(model, cfg.c_str()), FOVEA_BAD_ARGUMENT);
  EXPECT_THAT(fovea_last_error(), HasSubstr("a cfg has no weights"));
  if (fovea::KnowsOnnx()) {
    const std::string onnx = Temporary("model.onnx");
    ASSERT_EQ(fovea_model_save(loaded, onnx.c_str()), FOVEA_OK) << fovea_last_error();
    fovea_model_free(loaded);
    ASSERT_EQ(fovea_model_load(onnx.c_str(), &loaded), FOVEA_OK) << fovea_last_error();
    EXPECT_EQ(fovea::LoadAnyModel(onnx).examples.size(), 2u);
    std::filesystem::remove(onnx);
  }
  fovea_model_free(model);
  fovea_model_free(loaded);
  std::filesystem::remove(path);
}

TEST(CApi, SessionSeesWhatATrainerChanges) {
  fovea_model* model = Build();
  fovea_session* session = nullptr;
  fovea_trainer* trainer = nullptr;
  ASSERT_EQ(fovea_session_create(model, 1, 1, &session), FOVEA_OK);
  ASSERT_EQ(fovea_trainer_create(model, 2, 1, nullptr, &trainer), FOVEA_OK) << fovea_last_error();
  const auto x = Images(2);
  const std::vector<int32_t> labels = {3, 4};
  std::vector<float> before(10), after(10);
  ASSERT_EQ(fovea_session_run(session, 1, x.data(), kInput, before.data(), 10), FOVEA_OK);
  ASSERT_EQ(fovea_trainer_step(trainer, 2, x.data(), x.size(), labels.data(), 2, nullptr), FOVEA_OK);
  ASSERT_EQ(fovea_session_run(session, 1, x.data(), kInput, after.data(), 10), FOVEA_OK);
  EXPECT_NE(before, after);
  fovea_model_free(model);
  fovea_trainer_free(trainer);
  fovea_session_free(session);
}

// A classifier of 2x4x4 by way of a file, with a softmax as its last layer or not.
fovea_model* SmallClassifier(bool softmax) {
  fovea::Network net({2, 4, 4});
  net.Add("conv", fovea::Conv2d({.filters = 3}));
  net.Add("norm", fovea::BatchNorm());
  net.Add("flatten", fovea::Flatten());
  net.Add("scores", fovea::Linear({.features = 3}));
  if (softmax) net.Add("softmax", fovea::Softmax());
  net.Initialise(1);
  const std::string path = Temporary("small.safetensors");
  fovea::SaveModel(path, {std::move(net), {{0, 0}, {1, 1}}});
  fovea_model* model = nullptr;
  EXPECT_EQ(fovea_model_load(path.c_str(), &model), FOVEA_OK) << fovea_last_error();
  std::filesystem::remove(path);
  return model;
}

TEST(CApi, ASoftmaxThatEndsTheNetworkIsNotTakenTwice) {
  const std::vector<int32_t> labels = {2, 0};
  std::vector<float> x(64), losses[2];
  for (std::size_t i = 0; i < x.size(); i++) x[i] = std::sin(static_cast<float>(i));
  std::vector<float> scores, shares;
  for (const bool softmax : {false, true}) {
    fovea_model* model = SmallClassifier(softmax);
    fovea_trainer* trainer = nullptr;
    ASSERT_EQ(fovea_trainer_create(model, 2, 4, "threads=1", &trainer), FOVEA_OK) << fovea_last_error();
    for (int step = 0; step < 4; step++)
      EXPECT_EQ(fovea_trainer_step(trainer, 2, x.data(), x.size(), labels.data(), 2,
                                   &losses[softmax].emplace_back()),
                FOVEA_OK);
    (softmax ? shares : scores) = OutputsOf(model, x, 2, 6);
    fovea_trainer_free(trainer);
    fovea_model_free(model);
  }
  EXPECT_EQ(losses[0], losses[1]);
  EXPECT_NEAR(shares[0] + shares[1] + shares[2], 1, 1e-6);
  EXPECT_NEAR(std::log(shares[0] / shares[2]), scores[0] - scores[2], 1e-4);
}

TEST(CApi, AStepThatFailsLeavesTheModelAsItWas) {
  for (const bool softmax : {false, true}) {
    fovea_model* model = SmallClassifier(softmax);
    fovea_trainer* trainer = nullptr;
    ASSERT_EQ(fovea_trainer_create(model, 2, 4, "threads=1", &trainer), FOVEA_OK);
    std::vector<float> x(64, 0.5f), broken = x;
    broken[7] = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> before = OutputsOf(model, x, 2, 6);
    const std::vector<int32_t> labels = {0, 1}, unknown = {0, 3};
    EXPECT_EQ(fovea_trainer_step(trainer, 2, x.data(), 64, unknown.data(), 2, nullptr), FOVEA_BAD_ARGUMENT);
    EXPECT_EQ(OutputsOf(model, x, 2, 6), before);
    EXPECT_EQ(fovea_trainer_step(trainer, 2, broken.data(), 64, labels.data(), 2, nullptr), FOVEA_DIVERGED);
    EXPECT_EQ(OutputsOf(model, x, 2, 6), before);
    EXPECT_EQ(fovea_trainer_step(trainer, 2, x.data(), 64, labels.data(), 2, nullptr), FOVEA_OK);
    EXPECT_NE(OutputsOf(model, x, 2, 6), before);
    fovea_trainer_free(trainer);
    fovea_model_free(model);
  }
}

TEST(CApi, ShapesClassesAndPreprocessingAreTheModels) {
  fovea::Model made{
      fovea::BuildNetwork("lenet5", {3, 28, 28}, 2), {{0.5, 0.25, 0}, {0.5, 1, 2}}, {"cat", "dog"}};
  const std::string path = Temporary("named.safetensors");
  fovea::SaveModel(path, made);
  fovea_model* model = nullptr;
  ASSERT_EQ(fovea_model_load(path.c_str(), &model), FOVEA_OK);
  int64_t extents[3], classes = 0;
  std::size_t rank = 0;
  ASSERT_EQ(fovea_model_input_shape(model, extents, 3, &rank), FOVEA_OK);
  EXPECT_EQ((std::vector<int64_t>(extents, extents + rank)), (std::vector<int64_t>{3, 28, 28}));
  ASSERT_EQ(fovea_model_output_shape(model, extents, 3, &rank), FOVEA_OK);
  EXPECT_EQ((std::vector<int64_t>(extents, extents + rank)), std::vector<int64_t>{2});
  ASSERT_EQ(fovea_model_class_count(model, &classes), FOVEA_OK);
  EXPECT_EQ(classes, 2);
  const char* name = nullptr;
  ASSERT_EQ(fovea_model_class_name(model, 1, &name), FOVEA_OK);
  EXPECT_STREQ(name, "dog");
  std::vector<uint8_t> pixels(2 * 3 * kInput, 255);
  std::vector<float> x(pixels.size());
  ASSERT_EQ(fovea_model_preprocess(model, pixels.data(), pixels.size(), x.data(), x.size()), FOVEA_OK);
  for (const std::size_t image : {0U, 1U})
    for (const std::size_t c : {0U, 1U, 2U})
      EXPECT_EQ(x[(image * 3 + c) * kInput], c == 0 ? 1.0f : c == 1 ? 0.75f : 0.5f);
  fovea_model_free(model);
  std::filesystem::remove(path);
}

TEST(CApi, TrainsNetworksOfFeatures) {
  fovea::Network net({7});
  net.Add("scores", fovea::Linear({.features = 3}));
  net.Initialise(1);
  const std::string path = Temporary("features.safetensors");
  fovea::SaveModel(path, {std::move(net), {std::vector<double>(7, 0), std::vector<double>(7, 1)}});
  fovea_model* model = nullptr;
  fovea_trainer* trainer = nullptr;
  ASSERT_EQ(fovea_model_load(path.c_str(), &model), FOVEA_OK) << fovea_last_error();
  ASSERT_EQ(fovea_trainer_create(model, 2, 9, "lr=0.1", &trainer), FOVEA_OK) << fovea_last_error();
  std::vector<float> x(14, 0), losses(9);
  x[2] = x[10] = 1;
  const std::vector<int32_t> labels = {0, 1};
  for (float& loss : losses)
    ASSERT_EQ(fovea_trainer_step(trainer, 2, x.data(), x.size(), labels.data(), 2, &loss), FOVEA_OK);
  EXPECT_LT(losses.back(), losses.front());
  fovea_trainer_free(trainer);
  fovea_model_free(model);
  std::filesystem::remove(path);
}

// Loads what is made here and asks for a trainer.
void TrainingIsRefused(const fovea::Model& made, fovea_status wanted, const char* text) {
  const std::string path = Temporary("untrainable.safetensors");
  fovea::SaveModel(path, made);
  fovea_model* model = nullptr;
  fovea_trainer* trainer = nullptr;
  ASSERT_EQ(fovea_model_load(path.c_str(), &model), FOVEA_OK) << fovea_last_error();
  EXPECT_EQ(fovea_trainer_create(model, 1, 1, nullptr, &trainer), wanted);
  EXPECT_THAT(fovea_last_error(), HasSubstr(text));
  EXPECT_EQ(trainer, nullptr);
  fovea_model_free(model);
  std::filesystem::remove(path);
}

TEST(CApi, OnlyClassifiersAreTrained) {
  fovea::Network net({3, 8, 8});
  net.Add("conv", fovea::Conv2d({.filters = 14, .kernel = {1, 1}}));
  fovea::Model made{std::move(net), {{0, 0, 0}, {1, 1, 1}}};
  TrainingIsRefused(made, FOVEA_BAD_SHAPE, "gives 14x8x8; a classifier gives a score for each class");
  made.heads = {{.type = "yolo", .shape = {14, 8, 8}, .classes = 2, .anchors = {2, 2, 4, 4}, .mask = {0, 1}}};
  TrainingIsRefused(made, FOVEA_BAD_ARGUMENT, "the model is a detector: [yolo] heads find boxes");
}

// Every call with one wrong argument: a status, a text that names it, and nothing written.
class CApiBadInput : public testing::Test {
 protected:
  void SetUp() override {
    model_ = Build();
    ASSERT_EQ(fovea_session_create(model_, 2, 1, &session_), FOVEA_OK);
    ASSERT_EQ(fovea_trainer_create(model_, 2, 9, nullptr, &trainer_), FOVEA_OK);
  }
  void TearDown() override {
    fovea_session_free(session_);
    fovea_trainer_free(trainer_);
    fovea_model_free(model_);
  }
  static void Refused(fovea_status got, fovea_status wanted, const char* text) {
    EXPECT_EQ(got, wanted);
    EXPECT_THAT(fovea_last_error(), HasSubstr(text));
  }

  fovea_model* model_ = nullptr;
  fovea_session* session_ = nullptr;
  fovea_trainer* trainer_ = nullptr;
  float x_[2 * kInput] = {}, y_[20] = {};
  int32_t labels_[2] = {0, 1};
  int64_t extents_[3] = {};
  std::size_t rank_ = 0;
};

TEST_F(CApiBadInput, NullPointersAreNamed) {
  fovea_model* made = nullptr;
  Refused(fovea_model_load(nullptr, &made), FOVEA_BAD_ARGUMENT, "path is NULL");
  Refused(fovea_model_load("x", nullptr), FOVEA_BAD_ARGUMENT, "model is NULL");
  Refused(fovea_model_build(nullptr, 1, 28, 28, 10, 1, &made), FOVEA_BAD_ARGUMENT, "network is NULL");
  Refused(fovea_model_build("lenet5", 1, 28, 28, 10, 1, nullptr), FOVEA_BAD_ARGUMENT, "model is NULL");
  Refused(fovea_model_save(nullptr, "x"), FOVEA_BAD_ARGUMENT, "model is NULL");
  Refused(fovea_model_save(model_, nullptr), FOVEA_BAD_ARGUMENT, "path is NULL");
  Refused(fovea_model_input_shape(nullptr, extents_, 3, &rank_), FOVEA_BAD_ARGUMENT, "model is NULL");
  Refused(fovea_model_input_shape(model_, nullptr, 3, &rank_), FOVEA_BAD_ARGUMENT, "extents is NULL");
  Refused(fovea_model_output_shape(model_, extents_, 3, nullptr), FOVEA_BAD_ARGUMENT, "rank is NULL");
  Refused(fovea_model_class_count(model_, nullptr), FOVEA_BAD_ARGUMENT, "count is NULL");
  Refused(fovea_model_class_name(model_, 0, nullptr), FOVEA_BAD_ARGUMENT, "name is NULL");
  Refused(fovea_model_preprocess(model_, nullptr, kInput, x_, kInput), FOVEA_BAD_ARGUMENT, "pixels is NULL");
  Refused(fovea_session_create(nullptr, 1, 1, &session_), FOVEA_BAD_ARGUMENT, "model is NULL");
  Refused(fovea_session_create(model_, 1, 1, nullptr), FOVEA_BAD_ARGUMENT, "session is NULL");
  Refused(fovea_session_run(nullptr, 1, x_, kInput, y_, 10), FOVEA_BAD_ARGUMENT, "session is NULL");
  Refused(fovea_session_run(session_, 1, nullptr, kInput, y_, 10), FOVEA_BAD_ARGUMENT, "x is NULL");
  Refused(fovea_session_run(session_, 1, x_, kInput, nullptr, 10), FOVEA_BAD_ARGUMENT, "y is NULL");
  Refused(fovea_trainer_create(nullptr, 1, 1, nullptr, &trainer_), FOVEA_BAD_ARGUMENT, "model is NULL");
  Refused(fovea_trainer_create(model_, 1, 1, nullptr, nullptr), FOVEA_BAD_ARGUMENT, "trainer is NULL");
  Refused(fovea_trainer_step(nullptr, 2, x_, 2 * kInput, labels_, 2, nullptr), FOVEA_BAD_ARGUMENT,
          "trainer is NULL");
  Refused(fovea_trainer_step(trainer_, 2, nullptr, 2 * kInput, labels_, 2, nullptr), FOVEA_BAD_ARGUMENT,
          "x is NULL");
  Refused(fovea_trainer_step(trainer_, 2, x_, 2 * kInput, nullptr, 2, nullptr), FOVEA_BAD_ARGUMENT,
          "labels is NULL");
  fovea_model_free(nullptr);
  fovea_session_free(nullptr);
  fovea_trainer_free(nullptr);
  EXPECT_EQ(made, nullptr);
}

TEST_F(CApiBadInput, SizesMustFit) {
  y_[0] = 42;
  Refused(fovea_session_run(session_, 1, x_, kInput - 1, y_, 10), FOVEA_BAD_SHAPE,
          "x has 783 elements; a batch of 1 needs 784");
  Refused(fovea_session_run(session_, 2, x_, 2 * kInput, y_, 10), FOVEA_BAD_SHAPE,
          "y has 10 elements; a batch of 2 needs 20");
  for (const int64_t batch : {int64_t{0}, int64_t{-1}, int64_t{3}, std::numeric_limits<int64_t>::max()})
    Refused(fovea_session_run(session_, batch, x_, kInput, y_, 10), FOVEA_BAD_ARGUMENT, "max_batch, 2");
  EXPECT_EQ(y_[0], 42);
  Refused(fovea_trainer_step(trainer_, 2, x_, kInput, labels_, 2, nullptr), FOVEA_BAD_SHAPE, "x has 784");
  Refused(fovea_trainer_step(trainer_, 2, x_, 2 * kInput, labels_, 1, nullptr), FOVEA_BAD_SHAPE,
          "labels has 1");
  Refused(fovea_trainer_step(trainer_, 3, x_, 3 * kInput, labels_, 3, nullptr), FOVEA_BAD_ARGUMENT,
          "max_batch, 2");
  Refused(fovea_model_input_shape(model_, extents_, 2, &rank_), FOVEA_BAD_ARGUMENT, "capacity is 2");
  const std::vector<uint8_t> pixels(kInput);
  Refused(fovea_model_preprocess(model_, pixels.data(), 100, x_, 100), FOVEA_BAD_SHAPE, "an image has 784");
  Refused(fovea_model_preprocess(model_, pixels.data(), kInput, x_, 5), FOVEA_BAD_SHAPE, "x has 5");
}

TEST_F(CApiBadInput, ValuesAreChecked) {
  fovea_model* made = nullptr;
  fovea_trainer* trainer = nullptr;
  fovea_session* session = nullptr;
  const char* name = nullptr;
  Refused(fovea_model_build("lenet6", 1, 28, 28, 10, 1, &made), FOVEA_BAD_ARGUMENT, "lenet5");
  Refused(fovea_model_build("lenet5", 1, 28, -28, 10, 1, &made), FOVEA_BAD_SHAPE, "-28");
  Refused(fovea_model_build("lenet5", 1, 28, 28, 0, 1, &made), FOVEA_BAD_ARGUMENT, "classes is 0");
  Refused(fovea_model_load("/no/such/file", &made), FOVEA_IO_ERROR, "/no/such/file");
  Refused(fovea_model_save(model_, "/no/such/folder/m.safetensors"), FOVEA_IO_ERROR, "/no/such/folder");
  Refused(fovea_model_class_name(model_, 0, &name), FOVEA_BAD_ARGUMENT, "the model names 0");
  Refused(fovea_session_create(model_, 0, 1, &session), FOVEA_BAD_ARGUMENT, "batch");
  for (const int threads : {-1, 1025})
    Refused(fovea_session_create(model_, 1, threads, &session), FOVEA_BAD_ARGUMENT, "from 0, all, to 1024");
  Refused(fovea_trainer_create(model_, 1, 0, nullptr, &trainer), FOVEA_BAD_ARGUMENT, "steps is 0");
  for (const int64_t batch : {0, 65537})
    Refused(fovea_trainer_create(model_, batch, 1, nullptr, &trainer), FOVEA_BAD_ARGUMENT, "max_batch is");
  Refused(fovea_trainer_create(model_, 1, 1, "optimiser=adam", &trainer), FOVEA_BAD_ARGUMENT, "optimizer");
  Refused(fovea_trainer_create(model_, 1, 1, "lr", &trainer), FOVEA_BAD_ARGUMENT, "\"lr\" is not a setting");
  Refused(fovea_trainer_create(model_, 1, 1, "lr=1e999", &trainer), FOVEA_BAD_ARGUMENT, "lr is 1e999");
  Refused(fovea_trainer_create(model_, 1, 1, "lr=1 lr=2", &trainer), FOVEA_BAD_ARGUMENT, "lr stands twice");
  Refused(fovea_model_load("", &made), FOVEA_BAD_ARGUMENT, "path is empty");
  Refused(fovea_model_save(model_, ""), FOVEA_BAD_ARGUMENT, "path is empty");
  Refused(fovea_trainer_create(model_, 1, 1, "flip=random", &trainer), FOVEA_BAD_ARGUMENT, "flip");
  labels_[1] = 10;
  Refused(fovea_trainer_step(trainer_, 2, x_, 2 * kInput, labels_, 2, nullptr), FOVEA_BAD_ARGUMENT, "label");
  EXPECT_TRUE(made == nullptr && trainer == nullptr && session == nullptr && name == nullptr);
}

TEST_F(CApiBadInput, DivergenceIsAStatus) {
  x_[5] = std::numeric_limits<float>::infinity();
  Refused(fovea_trainer_step(trainer_, 2, x_, 2 * kInput, labels_, 2, nullptr), FOVEA_DIVERGED, "not finite");
}

TEST_F(CApiBadInput, AFileThatIsNoModelIsRefused) {
  const std::string path = Temporary("broken.safetensors");
  std::ofstream(path) << "not a model at all";
  fovea_model* made = nullptr;
  Refused(fovea_model_load(path.c_str(), &made), FOVEA_BAD_FILE, path.c_str());
  std::filesystem::remove(path);
}

TEST_F(CApiBadInput, TheLastErrorIsTheThreadsOwn) {
  EXPECT_EQ(fovea_model_load(nullptr, nullptr), FOVEA_BAD_ARGUMENT);
  std::string other = "unset";
  std::thread([&] { other = fovea_last_error(); }).join();
  EXPECT_EQ(other, "");
  EXPECT_THAT(fovea_last_error(), HasSubstr("path is NULL"));
}

}  // namespace
