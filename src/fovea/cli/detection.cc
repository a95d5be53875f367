#include "fovea/cli/detection.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "fovea/base/class_names.h"
#include "fovea/base/error.h"
#include "fovea/cli/command.h"
#include "fovea/formats/model_file.h"

namespace fovea {
namespace {

using Json = nlohmann::json;

// Of the file that the flag names, of the model, or of NAME.names beside it.
std::vector<std::string> NamesOfClasses(const std::string& given, const std::string& path,
                                        const Model& model) {
  std::vector<std::string> numbered;
  for (int64_t i = 0; i < ClassCount(model); i++) numbered.push_back(fmt::format("class {}", i));
  if (given.empty() && !model.classes.empty()) return model.classes;
  if (given.empty()) return ReadClassNames(std::filesystem::path(path).replace_extension(".names"), numbered);
  if (!std::filesystem::exists(given))
    throw IoError(fmt::format("cannot read {}: there is no such file", given));
  return ReadClassNames(given, numbered);
}

// A box as its left upper corner and its extents.
Box FromCorner(const Box& b) { return {b.x - b.w / 2, b.y - b.h / 2, b.w, b.h}; }

void PrintText(const std::string& photo, const std::string& name, const Detection& d) {
  const Box b = FromCorner(d.box);
  fmt::print("{}  {} {:.1f} %  {:.1f} {:.1f} {:.1f} {:.1f}\n", photo, name, 100 * d.probability, b.x, b.y,
             b.w, b.h);
}

void PrintCsv(const std::string& photo, const std::string& name, const Detection& d) {
  const Box b = FromCorner(d.box);
  fmt::print("{},{},{:.6f},{:.2f},{:.2f},{:.2f},{:.2f}\n", QuotedForCsv(photo), QuotedForCsv(name),
             d.probability, b.x, b.y, b.w, b.h);
}

Json ToJson(const std::string& name, const Detection& d) {
  const Box b = FromCorner(d.box);
  return {{"class", name}, {"probability", d.probability}, {"x", b.x}, {"y", b.y}, {"w", b.w}, {"h", b.h}};
}

void PrintJson(const Json& line) {
  fmt::print("{}\n", line.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void Print(const std::string& photo, const std::vector<Detection>& found,
           const std::vector<std::string>& names, PredictionForm form) {
  const auto name = [&](const Detection& d) { return names[static_cast<std::size_t>(d.label)]; };
  if (form != PredictionForm::kJson) {
    for (const Detection& d : found) (form == PredictionForm::kCsv ? PrintCsv : PrintText)(photo, name(d), d);
    return;
  }
  Json boxes = Json::array();
  for (const Detection& d : found) boxes.push_back(ToJson(name(d), d));
  PrintJson({{"file", photo}, {"boxes", boxes}});
}

}  // namespace

void DetectionFlags::AddTo(CLI::App& command) {
  command.add_option("--threshold", threshold, "of a detector: the least probability of a box [0.5]")
      ->check(Within(0, 1));
  command
      .add_option(
          "--nms", overlap,
          "of a detector: of two boxes of a class that share more than this part of their union, the less "
          "probable is dropped [0.45]")
      ->check(Within(0, 1));
  command
      .add_option(
          "--fit", fit,
          "of a detector: letterbox keeps the photo's aspect, as darknet's detector test; stretch does not, "
          "as that of AlexeyAB's darknet [letterbox]")
      ->check(CLI::IsMember({"letterbox", "stretch"}));
  command.add_option(
      "--names", names,
      "of a detector: names of the classes, a line each [those of the model, or NAME.names beside it]");
}

int PrintDetections(Model& model, const std::string& path, const std::vector<std::string>& photos,
                    const DetectionFlags& flags, int threads, const Arithmetic& arithmetic,
                    PredictionForm form) {
  for (const DetectionHead& head : model.heads) {
    if (head.type != "yolo") {
      throw ArgumentError(fmt::format(
          "{}: boxes are decoded of [yolo] heads; fovea run gives the numbers of its [{}]", path, head.type));
    }
  }
  const PhotoFit fit = flags.fit == "stretch" ? PhotoFit::kStretch : PhotoFit::kLetterbox;
  Detector detector(model, {flags.threshold, flags.overlap, fit, threads, arithmetic});
  const std::vector<std::string> names = NamesOfClasses(flags.names, path, model);
  if (form == PredictionForm::kCsv) fmt::print("file,class,probability,x,y,w,h\n");
  int failed = 0;
  for (const std::string& photo : photos) {
    try {
      Print(photo, detector.Run(photo), names, form);
    } catch (const Error& error) {
      failed++;
      fmt::print(stderr, "fovea: {}\n", error.what());
      if (form == PredictionForm::kJson) PrintJson({{"file", photo}, {"error", error.what()}});
    }
  }
  return failed;
}

std::string QuotedForCsv(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace fovea
