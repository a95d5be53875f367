// What a peer in C++ is asked, by the flags of `fovea bench`, and what it answers: one line of JSON.
//   PEER NETWORK --input CxHxW --classes N --batch N --mode train|infer --threads N --seconds S [--onnx FILE]
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "fovea/base/measure.h"

namespace peer {

struct Request {
  std::string network, mode, onnx;
  int channels = 3, height = 0, width = 0, classes = 10, batch = 1, threads = 1;
  double seconds = 1;
  double idle_mib = 0;  // of the process when it was asked
};

inline Request ReadRequest(int argc, char** argv) {
  Request r;
  r.idle_mib = fovea::ReadProcessMemory().resident_mib;
  std::string input;
  CLI::App app;
  app.add_option("network", r.network)->required();
  app.add_option("--input", input)->required();
  app.add_option("--classes", r.classes);
  app.add_option("--batch", r.batch);
  app.add_option("--mode", r.mode)->required();
  app.add_option("--threads", r.threads);
  app.add_option("--seconds", r.seconds);
  app.add_option("--onnx", r.onnx);
  try {
    app.parse(argc, argv);
    if (std::sscanf(input.c_str(), "%dx%dx%d", &r.channels, &r.height, &r.width) != 3)
      throw CLI::ValidationError("--input", input + " is not CxHxW");
  } catch (const CLI::Error& error) {
    std::exit(app.exit(error));
  }
  return r;
}

// Measures `run` as `fovea bench` does and prints the answer.
inline void Answer(const Request& request, const std::string& version, const std::function<void()>& run) {
  const fovea::RunTimes times = fovea::MeasureRuns(request.seconds, run);
  fmt::print("{}\n", nlohmann::json{{"milliseconds", 1e3 * times.median_seconds},
                                    {"runs", times.runs},
                                    {"idle_mib", request.idle_mib},
                                    {"peak_mib", fovea::ReadProcessMemory().peak_mib},
                                    {"version", version}}
                         .dump());
}

// A peer's main: what its library throws becomes one line.
inline int Main(int argc, char** argv, const std::function<void(const Request&)>& body) {
  try {
    body(ReadRequest(argc, argv));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}

}  // namespace peer
