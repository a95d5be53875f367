// Darknet's files: a .cfg describes a network, a .weights holds its numbers.
//
// Layers of a cfg become nodes named by darknet's number: "layer12.conv", "layer12.norm", "layer12.leaky". What darknet adds to
// a classifier's scores is the loss's: a last [softmax] and [cost] are left out, and so is the temperature, by which darknet divides the scores
// of its probabilities. What a
// cfg says about training is not used: fovea train has flags for that. A [crop] at the start becomes the size of the
// input and the preprocessing. [yolo] and [region] heads are raw: what they read. A network with several heads gives
// all of them, one after the other, flattened.
//
// Epsilon. Darknet on the CPU (pjreddie's) normalises by 1/(sqrt(var) + 1e-6); on the GPU, and AlexeyAB's everywhere, by
// 1/sqrt(var + 1e-5). The first is (sqrt(var) + 1e-6)^2 = (var + 2e-6*sqrt(var)) + 1e-12 under one root: an epsilon of 1e-12 and a
// running variance that is changed when weights are read, and back when they are written.
//
// Sources   github.com/pjreddie/darknet, src/parser.c (f6afaab); github.com/AlexeyAB/darknet (59596d7)
#pragma once

#include <string>
#include <vector>

#include "fovea/formats/import_options.h"
#include "fovea/network/model.h"

#pragma GCC visibility push(default)
namespace fovea {

enum class DarknetEpsilon { kInsideRoot, kOutsideRoot };
inline constexpr double kEpsilonInsideRoot = 1e-5;
// The batch norms of a network whose epsilon is outside have this one inside, (1e-6)^2.
inline constexpr double kEpsilonOutsideRoot = 1e-12;

// The most parameters and running statistics that a cfg may ask for where nothing else bounds them.
inline constexpr int64_t kMaxDarknetValues = int64_t{1} << 30;

// A model whose weights are zero. Throws IoError, or FormatError naming file, line and section for what is malformed, unknown or
// not supported, or needs more than `max_values`.
Model ReadDarknetCfg(const std::string& path, DarknetEpsilon epsilon = DarknetEpsilon::kInsideRoot,
                     int64_t max_values = kMaxDarknetValues);
Model ParseDarknetCfg(const std::string& path, const std::string& text,
                      DarknetEpsilon epsilon = DarknetEpsilon::kInsideRoot,
                      int64_t max_values = kMaxDarknetValues);

// Sets all weights of a network of convolutions and affine layers, each with or without a batch norm behind it, in the order of the
// nodes. Headers of 16 and 20 bytes, transposed affine weights. Throws FormatError naming layer and offset when the
// file is too short, or longer than the network.
void ReadDarknetWeights(const std::string& path, Network& network);
void ParseDarknetWeights(const std::string& path, const std::string& bytes, Network& network);

// A line about a .weights alone.
std::string DescribeDarknetWeights(const std::string& path);

// Version 0.2, a header of 20 bytes; written atomically. Throws ArgumentError naming a layer with weights that darknet cannot hold,
// or a batch norm whose epsilon is none of darknet's.
void WriteDarknetWeights(const std::string& path, const Network& network);
std::string SerialiseDarknetWeights(const Network& network);

// The model of NAME.weights, described by NAME.cfg beside it or by the cfg of the options, with the names of classes in NAME.names
// where that is there. Throws ArgumentError for an input or output: a cfg says them itself.
Model LoadDarknet(const std::string& path, const ImportOptions& options);
void SaveDarknet(const std::string& path, const Model& model);
// Lines about a .weights, with its network where its cfg is beside it, or about the network of a .cfg.
std::string DescribeDarknet(const std::string& path);
std::string DescribeCfg(const std::string& path);
// A line for each head.
std::string DescribeHeads(const Model& model);

}  // namespace fovea
#pragma GCC visibility pop
